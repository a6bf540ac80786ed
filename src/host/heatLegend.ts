// The legend of heat: which weight looks how, as an SVG picture with fixed colours, because images cannot read the theme.
import type { ThemeKind } from './barChart';
import { heatStep, heatSteps, overBackground } from './heatScale';

/** The weights that the legend shows. */
const TICKS = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1] as const;
const CELL = { width: 31, height: 12 };

/** Width and height in pixels. */
export const LEGEND_SIZE = { width: TICKS.length * CELL.width, height: 30 };

const COLOURS: Readonly<
  Record<ThemeKind, { readonly text: string; readonly background: string; readonly frame: string }>
> = {
  dark: { text: '#9d9d9d', background: '#1f1f1f', frame: '#2b2b2b' },
  light: { text: '#616161', background: '#ffffff', frame: '#e5e5e5' },
  highContrast: { text: '#ffffff', background: '#000000', frame: '#6fc3df' },
  highContrastLight: { text: '#292929', background: '#ffffff', frame: '#0f4a85' },
};

/** One box per weight, coloured and underlined as a word of that weight is; uncoloured ones get a frame. */
export function heatLegend(theme: ThemeKind, threshold: number): string {
  const { text, background, frame } = COLOURS[theme];
  const steps = heatSteps(theme);
  const boxes = TICKS.map((weight, index) => {
    const x = index * CELL.width;
    const step = heatStep(weight, threshold);
    const label = `<text x="${x + CELL.width / 2}" y="26" text-anchor="middle" fill="${text}">${weight}</text>`;
    if (step === 0) {
      return (
        `<rect x="${x + 0.5}" y="0.5" width="${CELL.width - 1}" height="${CELL.height - 1}" ` +
        `fill="none" stroke="${frame}"/>${label}`
      );
    }
    const { background: veiled, line, lineWidth } = steps[step - 1];
    return (
      `<rect x="${x}" y="0" width="${CELL.width}" height="${CELL.height}" ` +
      `fill="${overBackground(veiled, background)}"/>` +
      `<rect x="${x}" y="${CELL.height - lineWidth}" width="${CELL.width}" height="${lineWidth}" fill="${line}"/>` +
      label
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LEGEND_SIZE.width}" height="${LEGEND_SIZE.height}" ` +
    `font-family="Segoe UI,Liberation Sans,Helvetica,sans-serif" font-size="11">${boxes.join('')}</svg>`
  );
}
