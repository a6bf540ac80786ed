// Runs in the page of bench/drawing.ts: stands in for VS Code around the explorer's own script, and clocks what is painted.
import { fromPortable } from '../src/shared/portable';

declare const toHost: (message: string) => Promise<void>;

/** What the measurement calls. */
export interface DrawingPage {
  /** A message of the host. `label` names the answer whose arrival is noted. */
  readonly deliver: (message: string, label: string) => void;
  /** Milliseconds from the arrival of the last of these answers to the frame that shows both pictures. */
  readonly firstPaint: (labels: readonly string[]) => Promise<number>;
  /** Moves the pointer from cell to cell of an area, once a frame. */
  readonly move: (selector: string, milliseconds: number) => Promise<Movement>;
}

export interface Movement {
  readonly framesPerSecond: number;
  /** Milliseconds between two frames: in the middle, and at worst. */
  readonly median: number;
  readonly longest: number;
}

const arrived = new Map<string, number>();

const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

const painted = (): boolean =>
  document.querySelector('canvas[data-role="heads-grid"][data-pitch]') !== null &&
  document.querySelector('[data-role="head-stage"][data-cell-size]') !== null;

/** The end of the frame in which the page was last worked on. */
const frameShown = (): Promise<number> =>
  new Promise((resolve) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve(performance.now());
      port2.postMessage(undefined);
    });
  });

const page: DrawingPage = {
  deliver: (text, label) => {
    const message = fromPortable(JSON.parse(text));
    if (!arrived.has(label)) {
      arrived.set(label, performance.now());
    }
    window.dispatchEvent(new MessageEvent('message', { data: message }));
  },
  firstPaint: async (labels) => {
    while (!painted() || labels.some((label) => !arrived.has(label))) {
      await nextFrame();
    }
    const shown = await frameShown();
    return shown - Math.max(...labels.map((label) => arrived.get(label) ?? NaN));
  },
  move: async (selector, milliseconds) => {
    const area = document.querySelector(selector);
    if (!area) {
      throw new Error(`There is no ${selector}.`);
    }
    const { left, top, width, height } = area.getBoundingClientRect();
    const gaps: number[] = [];
    const begin = await nextFrame();
    let last = begin;
    for (let step = 0; last - begin < milliseconds; step++) {
      const clientX = left + width * (0.05 + 0.9 * ((step * 0.0137) % 1));
      const clientY = top + height * (0.05 + 0.9 * ((step * 0.0071) % 1));
      const target = document.elementFromPoint(clientX, clientY) ?? area;
      target.dispatchEvent(new PointerEvent('pointermove', { clientX, clientY, bubbles: true }));
      const now = await nextFrame();
      gaps.push(now - last);
      last = now;
    }
    gaps.sort((a, b) => a - b);
    return {
      framesPerSecond: (1000 * gaps.length) / (last - begin),
      median: gaps[gaps.length >> 1],
      longest: gaps[gaps.length - 1],
    };
  },
};

let saved: unknown;
Object.assign(window, {
  drawingPage: page,
  acquireVsCodeApi: () => ({
    postMessage: (message: unknown) => void toHost(JSON.stringify(message)),
    getState: () => saved,
    setState: (state: unknown) => {
      saved = state;
    },
  }),
});
