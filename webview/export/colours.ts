// Colours of style sheets and canvases as SVG wants them: without transparency, which is a number of its own there.
import { parseColour, toHex } from '../draw/oklab';

/** A colour without its transparency, which SVG wants as a number of its own. */
export function plain(colour: string): string {
  const rgb = parseColour(colour);
  return rgb ? toHex(rgb) : colour;
}

export function lessThanOne(opacity: number): number | undefined {
  return opacity < 1 ? opacity : undefined;
}

let pixel: CanvasRenderingContext2D | null | undefined;

/** A computed colour as `rgb()`: mixed colours come in notations that not every reader of SVG knows. */
export function readable(colour: string): string {
  if (parseColour(colour) || colour === '') {
    return colour || 'rgb(0 0 0 / 0)';
  }
  pixel ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (!pixel) {
    return colour;
  }
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = colour;
  pixel.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = pixel.getImageData(0, 0, 1, 1).data;
  return `rgb(${red} ${green} ${blue} / ${alpha / 255})`;
}
