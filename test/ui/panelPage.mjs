// The explorer panel as a test sees it: its frame, its controls, and the pixels of its pictures.
import { pixelsOf } from '../support/ui/pixels.mjs';
import { WAIT } from '../support/ui/workbench.mjs';
import { worstCell } from './expectedColour.mjs';

/** @typedef {import('playwright-core').Frame} Frame */

export class PanelPage {
  /**
   * @param {import('../support/ui/workbench.mjs').Workbench} workbench
   * @param {Frame} frame
   */
  constructor(workbench, frame) {
    this.workbench = workbench;
    this.frame = frame;
  }

  /**
   * The panel, once it shows a run.
   * @param {import('../support/ui/workbench.mjs').Workbench} workbench
   * @param {string} [shows] A selector of what must be there.
   */
  static async find(workbench, shows = '[data-role="head-stage"][data-cell-size]') {
    const frame = await workbench.webview(shows, 60_000);
    await frame.locator(shows).first().waitFor();
    return new PanelPage(workbench, frame);
  }

  /** @param {string} role */
  part(role) {
    return this.frame.locator(`[data-role="${role}"]`);
  }

  /** @param {import('../../src/shared/protocol').ExplorerView} view */
  async open(view) {
    await this.frame.locator(`[data-view="${view}"]`).click();
  }

  /**
   * Takes one choice of a row of radio buttons.
   * @param {string} control
   * @param {string} label
   */
  async choose(control, label) {
    await this.frame.locator(`[data-control="${control}"] vscode-radio`, { hasText: label }).click();
  }

  /**
   * Takes one choice of a dropdown.
   * @param {string} control
   * @param {string} label
   */
  async pick(control, label) {
    const dropdown = this.frame.locator(`[data-control="${control}"] vscode-dropdown`);
    await dropdown.click();
    await dropdown.locator('vscode-option', { hasText: label }).first().click();
  }

  /** @returns {Promise<string>} E.g. `encoder.0.self[2]`. */
  async headName() {
    return (await this.part('head-name').innerText()).trim();
  }

  /** Where the large matrix is drawn. */
  async grid() {
    const stage = this.part('head-stage');
    const [cell, x, y] = await Promise.all(
      ['data-cell-size', 'data-origin-x', 'data-origin-y'].map(async (name) =>
        Number(await stage.getAttribute(name)),
      ),
    );
    return { stage, cell, x, y };
  }

  /**
   * How far the matrix on the screen is from a matrix of weights; waits until it has been drawn.
   * @param {number[][]} weights
   * @param {number} tolerance
   * @param {number} [ms] How long to wait for it.
   */
  async expectMatrix(weights, tolerance, ms = WAIT) {
    let last = { worst: Infinity, at: /** @type {[number, number]} */ ([0, 0]) };
    const end = Date.now() + ms;
    do {
      const { stage, ...grid } = await this.grid();
      last = worstCell(await pixelsOf(this.workbench.page, stage), weights, grid);
    } while (last.worst > tolerance && Date.now() < end);
    if (last.worst > tolerance) {
      throw new Error(
        `Cell ${last.at.join(', ')} is ${last.worst.toFixed(0)} levels from the colour of its weight.`,
      );
    }
    return last.worst;
  }

  /**
   * @param {number} query
   * @param {number} key
   */
  async pointAt(query, key) {
    const { stage, cell, x, y } = await this.grid();
    await stage.hover({
      position: { x: x + (key + 0.5) * cell, y: y + (query + 0.5) * cell },
      force: true,
    });
  }

  /**
   * @param {number} query
   * @param {number} key
   */
  async clickCell(query, key) {
    const { stage, cell, x, y } = await this.grid();
    await stage.click({
      position: { x: x + (key + 0.5) * cell, y: y + (query + 0.5) * cell },
      force: true,
    });
  }

  /**
   * Clicks a thumbnail.
   * @param {number} layer From 0.
   * @param {number} head From 0.
   */
  async clickHead(layer, head) {
    const area = this.frame.locator('[data-area="heads"]');
    const { pitch, side } = await area
      .locator('canvas')
      .first()
      .evaluate((canvas) => ({
        pitch: Number(canvas.dataset['pitch']),
        side: Number(canvas.dataset['side']),
      }));
    // margins of the grid: row numbers on the left, column numbers above
    await area.click({
      position: { x: 26 + head * pitch + side / 2, y: 14 + layer * pitch + side / 2 },
      force: true,
    });
  }
}
