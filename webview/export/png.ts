// An SVG document as a PNG picture, drawn by the browser at twice its size.
import { UserError } from '../../src/shared/errors';
import { exportStrings as strings } from '../strings/exportStrings';

/** What browsers draw at most, a side and in all. */
const LONGEST = 16_384;
const LARGEST = 120_000_000;

/** @throws UserError `badRequest` for a picture that no canvas can hold. */
export async function pngOf(svg: string): Promise<Uint8Array<ArrayBuffer>> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const scale = [2, 1].find(
    (factor) => Math.max(width, height) * factor <= LONGEST && width * height * factor * factor <= LARGEST,
  );
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (scale === undefined || !context) {
    throw new UserError('badRequest', strings.tooLarge(width, height));
  }
  canvas.width = width * scale;
  canvas.height = height * scale;
  context.scale(scale, scale);
  context.drawImage(image, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) {
    throw new UserError('badRequest', strings.tooLarge(width, height));
  }
  return new Uint8Array(await blob.arrayBuffer());
}
