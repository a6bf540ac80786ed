// Reads colours from the screen as it is drawn, so that a wrong picture fails even where the DOM is right.

/** @typedef {{ width: number, height: number, at: (x: number, y: number) => [number, number, number] }} Pixels `at` answers red, green, blue (0–255). */

/**
 * A part of the screen.
 * @param {import('playwright-core').Page} page
 * @param {import('playwright-core').Locator} part
 * @returns {Promise<Pixels>} In device pixels of the screenshot.
 */
export async function pixelsOf(page, part) {
  const png = (await part.screenshot({ animations: 'disabled' })).toString('base64');
  // a blank page decodes the PNG: the workbench's security policy is not in the way there
  const decoder = await page.context().newPage();
  try {
    const { width, height, rgba } = await decoder.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext('2d');
      if (!context) {
        throw new Error('no 2d canvas');
      }
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
      let binary = '';
      for (let i = 0; i < data.length; i += 0x8000) {
        binary += String.fromCharCode(...data.subarray(i, i + 0x8000));
      }
      return { width: bitmap.width, height: bitmap.height, rgba: btoa(binary) };
    }, png);
    const data = Buffer.from(rgba, 'base64');
    return {
      width,
      height,
      at(x, y) {
        const i = (Math.round(y) * width + Math.round(x)) * 4;
        return [data[i], data[i + 1], data[i + 2]];
      },
    };
  } finally {
    await decoder.close();
  }
}
