// Finds where a text of an editor is drawn, and which text is highlighted: by DOM ranges, because a span may hold a whole line.

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/** @typedef {{ nth?: number, editor?: number }} Occurrence The nth place in the visible lines, in the nth editor group (both from 0). */

/**
 * The boxes of a text, one per piece of DOM it is drawn in, left to right.
 * @param {import('playwright-core').Page} page
 * @param {string} text
 * @param {Occurrence} [occurrence]
 * @returns {Promise<Box[]>}
 * @throws Error when the text is not on the screen.
 */
export async function textBox(page, text, { nth = 0, editor = 0 } = {}) {
  const boxes = await page.evaluate(
    ({ text: wanted, nth: index, editor: group }) => {
      const host = document.querySelectorAll('.editor-group-container .editor-instance')[group];
      let seen = 0;
      for (const line of host?.querySelectorAll('.view-lines .view-line') ?? []) {
        const nodes = [];
        const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          nodes.push(/** @type {Text} */ (node));
        }
        // the editor draws spaces as no-break spaces
        const drawn = nodes
          .map((node) => node.data)
          .join('')
          .replaceAll('\u00a0', ' ');
        for (let at = drawn.indexOf(wanted); at >= 0; at = drawn.indexOf(wanted, at + 1)) {
          if (seen++ < index) {
            continue;
          }
          let start = 0;
          const found = [];
          for (const node of nodes) {
            const [from, to] = [Math.max(at - start, 0), Math.min(at + wanted.length - start, node.length)];
            if (from < to) {
              const range = document.createRange();
              range.setStart(node, from);
              range.setEnd(node, to);
              const { x, y, width, height } = range.getBoundingClientRect();
              found.push({ x, y, width, height });
            }
            start += node.length;
          }
          return found;
        }
      }
      return [];
    },
    { text, nth, editor },
  );
  if (boxes.length === 0) {
    throw new Error(`"${text}" is not on the screen.`);
  }
  return boxes;
}

/**
 * The texts that decorations of extensions mark in an editor, in reading order.
 * @param {import('playwright-core').Page} page
 * @param {number} [editor]
 * @returns {Promise<string[]>}
 */
export async function decoratedTexts(page, editor = 0) {
  return page.evaluate((group) => {
    const host = document.querySelectorAll('.editor-group-container .editor-instance')[group];
    const inline = [...(host?.querySelectorAll('.view-lines [class*="ced-"]') ?? [])].map((element) => ({
      box: element.getBoundingClientRect(),
      text: element.textContent ?? '',
    }));
    // one range for all: a document keeps every range up to date with each change until it is collected
    const range = document.createRange();
    /** @type {{ character: string, x: number, y: number }[]} */
    const drawn = [];
    const covers = [...(host?.querySelectorAll('.view-overlays .cdr[class*="ced-"]') ?? [])];
    for (const line of covers.length > 0 ? (host?.querySelectorAll('.view-lines .view-line') ?? []) : []) {
      const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const { data } = /** @type {Text} */ (node);
        for (let i = 0; i < data.length; i++) {
          range.setStart(node, i);
          range.setEnd(node, i + 1);
          const at = range.getBoundingClientRect();
          drawn.push({ character: data[i], x: at.x + at.width / 2, y: at.y + at.height / 2 });
        }
      }
    }
    const overlays = covers.map((element) => {
      const box = element.getBoundingClientRect();
      const within = drawn.filter(
        ({ x, y }) => x > box.left && x < box.right && y > box.top && y < box.bottom,
      );
      return { box, text: within.map(({ character }) => character).join('') };
    });
    return [...inline, ...overlays]
      .filter(({ text }) => text !== '')
      .sort((a, b) => a.box.y - b.box.y || a.box.x - b.box.x)
      .map(({ text }) => text.replaceAll('\u00a0', ' '));
  }, editor);
}
