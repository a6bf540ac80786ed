// Drives the workbench as a person does: keys, mouse, what is on the screen. Knows nothing of the extension.
import { textBox } from './textBox.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Frame} Frame */
/** @typedef {import('playwright-core').Locator} Locator */
/** @typedef {import('./textBox.mjs').Occurrence} Occurrence */

/** Waits `ms` between two looks at the screen. */
const PAUSE = 50;
/** Waits so many ms for what must come: nothing here measures time, and a busy machine takes twice as long as others. */
export const WAIT = 45_000;

export class Workbench {
  /** @param {Page} page A page whose workbench is loading or loaded. */
  constructor(page) {
    this.page = page;
  }

  /** Waits until the workbench can be used. */
  async ready() {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 60_000 });
    await this.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
  }

  /**
   * Opens a file of the workspace by its name.
   * @param {string} name
   */
  async openFile(name) {
    await this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).dblclick();
    await this.page.locator('.tab.active', { hasText: name }).waitFor();
    await this.page.locator('.editor-instance .view-lines .view-line').first().waitFor();
  }

  /**
   * Opens a file of the workspace by its name while the side bar shows something else than the files.
   * @param {string} name
   */
  async quickOpen(name) {
    await this.typeAndPick('Control+p', name, name);
    await this.page.locator('.tab.active', { hasText: name }).waitFor();
    await this.page.locator('.editor-instance .view-lines .view-line').first().waitFor();
  }

  /**
   * Runs a command from the palette.
   * @param {string} title As the palette shows it.
   */
  async runCommand(title) {
    await this.typeAndPick('F1', `>${title}`, title);
  }

  /**
   * Opens VS Code's own list, types into it and chooses a row. Where a webview had the keyboard, VS Code gives it back to that
   * when the list before this one closes, sometimes after this one has come, which closes it; and it drops a click on a row that
   * it is about to draw anew. A person would try again, and so does this.
   * @param {string} key
   * @param {string} text
   * @param {string} label
   */
  async typeAndPick(key, text, label) {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.page.keyboard.press(key);
        await this.quickInput().fill(text, { timeout: 5000 });
        await this.pick(label, 5000);
        if (await this.isTaken(text)) {
          return;
        }
        throw new Error(`VS Code does not take the click on ${label}.`);
      } catch (error) {
        if (attempt === 5) {
          throw error;
        }
      }
    }
  }

  /**
   * Whether the list with that text closes or makes room for another one.
   * @param {string} text
   */
  async isTaken(text) {
    const input = this.quickInput();
    const end = Date.now() + 3000;
    while (Date.now() < end) {
      // it may close between the two questions
      const value = (await input.isVisible())
        ? await input.inputValue({ timeout: 1000 }).catch(() => undefined)
        : undefined;
      if (value !== text) {
        return true;
      }
      await this.page.waitForTimeout(PAUSE);
    }
    return false;
  }

  /** The text field of the palette or quick pick that is open. */
  quickInput() {
    return this.page.locator('.quick-input-widget:not([style*="display: none"]) input[type="text"]');
  }

  /**
   * Chooses a row of the quick pick that is open.
   * @param {string} label
   * @param {number} [timeout] In ms; the page's own where there is none.
   */
  async pick(label, timeout) {
    const row = this.page
      .locator('.quick-input-list .monaco-list-row')
      .filter({ has: this.page.locator('.label-name', { hasText: label }) })
      .first();
    await row.waitFor({ timeout });
    await row.click({ timeout });
  }

  /**
   * Presses the button of the file dialog that is open, until it has closed: it drops a click while it reads a folder.
   * @param {string} label
   */
  async acceptFileDialog(label) {
    const button = this.page.locator('.quick-input-widget').getByRole('button', { name: label });
    await this.until(`the file dialog to take ${label}`, async () => {
      // a dialog that closes under the click is what we wait for
      await button.click({ timeout: 1000 }).catch(() => undefined);
      await this.page.waitForTimeout(300);
      return !(await button.isVisible());
    });
  }

  /** Gives the keyboard to the first group of editors, wherever it was (a webview keeps its keys to itself). */
  async focusEditor() {
    await this.page.locator('.editor-group-container .editor-instance .view-lines').first().click();
  }

  /**
   * Scrolls to a line and puts the cursor at its start.
   * @param {number} line From 1.
   */
  async goToLine(line) {
    const there = this.page
      .locator('.margin .line-numbers.active-line-number')
      .getByText(String(line), { exact: true });
    const go = async () => {
      await this.focusEditor();
      await this.page.keyboard.press('Control+g');
      await this.quickInput().fill(`:${line}`, { timeout: 3000 });
      await this.page.keyboard.press('Enter');
      await there.waitFor({ timeout: 3000 });
      return true;
    };
    // an edit that comes late takes the cursor along: then once more
    await this.until(`line ${line}`, () => go().catch(() => false));
  }

  /**
   * Drags the mouse over a text in the visible part of the active editor.
   * @param {string} text Within one line of the document.
   * @param {Occurrence & { add?: boolean }} [options] `add` keeps the selections that are there (Alt).
   */
  async selectText(text, { add = false, ...occurrence } = {}) {
    const box = await textBox(this.page, text, occurrence);
    const [first, last] = [box[0], box[box.length - 1]];
    if (add) {
      await this.page.keyboard.down('Alt');
    }
    await this.page.mouse.move(first.x + 0.5, first.y + first.height / 2);
    await this.page.mouse.down();
    await this.page.mouse.move(last.x + last.width - 0.5, last.y + last.height / 2, { steps: 4 });
    await this.page.mouse.up();
    if (add) {
      await this.page.keyboard.up('Alt');
    }
  }

  /**
   * Clicks into a text of the active editor.
   * @param {string} text
   * @param {Occurrence} [occurrence]
   */
  async placeCursor(text, occurrence) {
    const { x, y } = await this.middleOf(text, occurrence);
    await this.page.mouse.click(x, y);
  }

  /**
   * Rests the pointer on a text of the active editor.
   * @param {string} text
   * @param {Occurrence} [occurrence]
   * @returns {Promise<Locator>} The hover that shows, e.g. for `innerText()`.
   */
  async hoverText(text, occurrence) {
    const { x, y } = await this.middleOf(text, occurrence);
    // in from the margin at once: a hover of another word on the way would stay open
    const margin = await this.page
      .locator('.editor-instance .margin')
      .nth(occurrence?.editor ?? 0)
      .boundingBox();
    await this.page.mouse.move((margin?.x ?? 0) + 5, y);
    await this.page.mouse.move(x - 2, y);
    await this.page.mouse.move(x, y);
    // breadcrumbs and tabs have hovers too, outside the editor
    const hover = this.page.locator('.monaco-editor .monaco-hover:not(.hidden)').first();
    await hover.waitFor();
    return hover;
  }

  /**
   * @param {string} text
   * @param {Occurrence} [occurrence]
   */
  async middleOf(text, occurrence) {
    const [box] = await textBox(this.page, text, occurrence);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  /** What is selected in the active editor, or undefined: read from the clipboard after Copy. */
  async selectedText() {
    await this.page.keyboard.press('Control+c');
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /**
   * The status bar item that shows a text.
   * @param {string | RegExp} text
   */
  statusBar(text) {
    return this.page.locator('.part.statusbar .statusbar-item', { hasText: text });
  }

  /**
   * The notification that shows a text.
   * @param {string | RegExp} text
   */
  notification(text) {
    return this.page.locator('.notification-list-item', { hasText: text });
  }

  /**
   * The editor tab with a title.
   * @param {string | RegExp} title
   */
  tab(title) {
    return this.page.locator('.tabs-container .tab', { hasText: title });
  }

  /**
   * The document of a webview that holds an element, wherever the workbench has put its frames.
   * @param {string} selector
   * @param {number} [ms]
   * @returns {Promise<Frame>}
   */
  async webview(selector, ms = WAIT) {
    return this.until(
      `a webview with ${selector}`,
      async () => {
        for (const frame of this.page.frames().filter((f) => f !== this.page.mainFrame())) {
          // a frame may go away between listing and asking: then it is not the one
          const found = await frame
            .locator(selector)
            .count()
            .catch(() => 0);
          if (found > 0) {
            return frame;
          }
        }
        return undefined;
      },
      ms,
    );
  }

  /**
   * Waits until a function answers something truthy, and returns it.
   * @template T
   * @param {string} what For the error.
   * @param {() => Promise<T> | T} probe
   * @param {number} [ms]
   * @returns {Promise<Exclude<T, undefined | null | false | ''>>}
   */
  async until(what, probe, ms = WAIT) {
    const end = Date.now() + ms;
    for (;;) {
      const value = await probe();
      if (value) {
        return /** @type {Exclude<T, undefined | null | false | ''>} */ (value);
      }
      if (Date.now() > end) {
        throw new Error(`waited ${ms} ms in vain for ${what}`);
      }
      await this.page.waitForTimeout(PAUSE);
    }
  }

  /**
   * Waits until a check passes; fails with its own error when it does not in time. For things that come one after the
   * other, none of which says that all are there.
   * @param {() => Promise<void>} check
   * @param {number} [ms]
   */
  async eventually(check, ms = WAIT) {
    const end = Date.now() + ms;
    for (;;) {
      try {
        return await check();
      } catch (error) {
        if (Date.now() > end) {
          throw error;
        }
        await this.page.waitForTimeout(PAUSE);
      }
    }
  }

  /** Shows or hides the side bar on the left. */
  async toggleSideBar() {
    await this.page.keyboard.press('Control+b');
  }

  /**
   * Drags the border of the side bar on the left.
   * @param {number} width In CSS pixels.
   */
  async resizeSideBar(width) {
    const bar = await this.page.locator('.part.sidebar').boundingBox();
    if (!bar) {
      throw new Error('There is no side bar.');
    }
    const y = bar.y + bar.height / 2;
    await this.page.mouse.move(bar.x + bar.width, y);
    await this.page.mouse.down();
    await this.page.mouse.move(bar.x + width, y, { steps: 8 });
    await this.page.mouse.up();
  }

  /**
   * Drags the border between the first two editor groups, which are side by side.
   * @param {number} share Of their width that the first one gets, 0 to 1.
   */
  async divideEditors(share) {
    const groups = this.page.locator('.editor-group-container');
    const [left, right] = [await groups.nth(0).boundingBox(), await groups.nth(1).boundingBox()];
    if (!left || !right) {
      throw new Error('There are no two editor groups.');
    }
    const y = right.y + right.height - 40;
    await this.page.mouse.move(right.x, y);
    await this.page.mouse.down();
    await this.page.mouse.move(left.x + (right.x + right.width - left.x) * share, y, { steps: 8 });
    await this.page.mouse.up();
  }

  /** Reloads the window, as Developer: Reload Window does. */
  async reload() {
    await this.page.reload();
    await this.ready();
  }

  /**
   * Switches the colour theme.
   * @param {string} label E.g. `Light Modern`.
   */
  async setTheme(label) {
    await this.runCommand('Preferences: Color Theme');
    // the list shows only a few rows at a time
    await this.quickInput().fill(label);
    await this.pick(label);
  }
}
