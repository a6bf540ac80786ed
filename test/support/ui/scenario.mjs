// What a UI scenario is given: the workbench, named checks that are counted, and screenshots.
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { messageOf } from '../messageOf.mjs';
import { root, run } from '../../../scripts/setup/command.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** A check that takes longer than this has failed. */
const LIMIT = 240_000;

export class Scenario {
  /** @type {Counts} */
  counts = { passed: 0, failed: 0, skipped: 0 };

  /**
   * @param {import('./workbench.mjs').Workbench} workbench
   * @param {{ name: string, workspace: string, shots: string, media: boolean, inspector?: number | undefined }} options
   *   `shots` is a folder; `media` also saves the chosen pictures to media/; `inspector` is the port of the extension host's.
   */
  constructor(workbench, { name, workspace, shots, media, inspector }) {
    this.workbench = workbench;
    this.page = workbench.page;
    this.name = name;
    this.workspace = workspace;
    this.shots = shots;
    this.media = media;
    this.inspector = inspector;
  }

  /** Ends the workers of the extension host, the engine among them, as a crash would. Needs `inspected` of the scenario. */
  async endWorkers() {
    const program = path.join(root, 'test/support/ui/endWorkers.mjs');
    const { code, output } = await run(
      process.execPath,
      ['--experimental-websocket', program, String(this.inspector)],
      { quiet: true },
    );
    if (code !== 0) {
      throw new Error(`No worker was ended: ${output}`);
    }
  }

  /**
   * One check: passes when the function does. A failure is counted and photographed, and the scenario goes on.
   * @param {string} name
   * @param {() => Promise<void>} body
   * @returns {Promise<boolean>} Whether it passed.
   */
  async check(name, body) {
    const started = Date.now();
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const limit = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`took longer than ${LIMIT / 1000} s`)), LIMIT);
    });
    try {
      await Promise.race([body(), limit]);
      this.counts.passed++;
      console.log(`  ok ${this.name}: ${name} (${Date.now() - started} ms)`);
      return true;
    } catch (error) {
      this.counts.failed++;
      const file = await this.shot(`FAILED ${name}`);
      console.log(
        `  FAILED ${this.name}: ${name}: ${messageOf(error)}\n    see ${path.relative(root, file)}`,
      );
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Counts a check as skipped, saying why.
   * @param {string} name
   * @param {string} why
   */
  skip(name, why) {
    this.counts.skipped++;
    console.log(`  skipped ${this.name}: ${name}: ${why}`);
  }

  /**
   * Saves what is on the screen.
   * @param {string} name
   * @param {{ of?: import('playwright-core').Locator, media?: string }} [options] `of` is a part of the screen; `media` the
   *   file name in media/ for the pictures of the README.
   * @returns {Promise<string>} The file.
   */
  async shot(name, { of, media } = {}) {
    const file = path.join(
      this.shots,
      `${this.name}-${name.replaceAll(/[^\p{L}\p{N}]+/gu, '-').slice(0, 80)}.png`,
    );
    mkdirSync(this.shots, { recursive: true });
    await (of ?? this.page).screenshot({ path: file, animations: 'disabled' });
    if (media && this.media) {
      mkdirSync(path.join(root, 'media'), { recursive: true });
      copyFileSync(file, path.join(root, 'media', media));
    }
    return file;
  }
}
