// How strongly a word is lit: a colour behind it that leaves its text readable, and a line in the full scale under it.
import type { Sequential } from '../draw/colour';
import { cssOf, isDark, linearStep, sequentialScale, weightStep } from '../draw/colour';
import { parseColour } from '../draw/oklab';

/** The share of the scale that is used behind text. */
const BEHIND = { dark: 0.3, light: 0.42 } as const;

/** Weights below it are not lit. */
const LEAST = 0.02;

export class LightScale {
  private readonly scale: Sequential;
  private readonly behind: number;

  constructor() {
    const style = getComputedStyle(document.body);
    const background = ['--vscode-sideBar-background', '--vscode-editor-background']
      .map((name) => parseColour(style.getPropertyValue(name).trim()))
      .find((colour) => colour !== undefined) ?? [31, 31, 31];
    this.scale = sequentialScale(background);
    this.behind = BEHIND[isDark(background) ? 'dark' : 'light'];
  }

  /** Colours for a weight, √ scale as everywhere; undefined where there is next to nothing. */
  colours(weight: number): { readonly background: string; readonly line: string } | undefined {
    if (!(weight >= LEAST)) {
      return undefined;
    }
    const step = weightStep(weight);
    return {
      background: cssOf(this.scale.table[Math.round(step * this.behind)]),
      line: cssOf(this.scale.table[step]),
    };
  }

  /** The full scale, for its legend. */
  pixelAt(share: number): number {
    return this.scale.table[linearStep(share)];
  }
}
