// The colours and fonts of VS Code's theme as canvases need them, read again whenever the theme changes.
import type { Disposable } from '../src/shared/disposable';
import type { Diverging, Sequential } from './draw/colour';
import { divergingScale, pixelOf, sequentialScale } from './draw/colour';
import type { Rgb } from './draw/oklab';
import { alphaOf, distance, fromOklab, mixOklab, parseColour, toHex, toOklab } from './draw/oklab';

/** Colours for `fillStyle`, and the scales. */
export interface Theme {
  readonly background: string;
  readonly foreground: string;
  readonly description: string;
  readonly focus: string;
  /** A selected token, and one that is only related to it. */
  readonly activeBackground: string;
  readonly activeForeground: string;
  readonly inactiveBackground: string;
  readonly border: string;
  /** High-contrast themes only: areas and selections get this border. */
  readonly contrastBorder: string | undefined;
  /** Up to six colours for curves. */
  readonly charts: readonly string[];
  readonly sequential: Sequential;
  readonly diverging: Diverging;
  /** Masked cells: neutral grey, and the lines of their hatching. */
  readonly mask: string;
  /** Frames what the user edited. */
  readonly edited: string;
  readonly maskPixel: number;
  readonly maskLine: string;
  /** Between cells that are large enough to have a gap. */
  readonly grid: string;
  readonly fontFamily: string;
}

const chartNames = ['blue', 'orange', 'green', 'purple', 'yellow', 'red'] as const;

/** Reads the theme from the page. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const read = (name: string) => style.getPropertyValue(`--vscode-${name}`).trim();
  const background = parseColour(read('editor-background')) ??
    parseColour(style.backgroundColor) ?? [31, 31, 31];
  const foreground = parseColour(read('foreground')) ?? [204, 204, 204];
  const grey = (share: number) => neutral(background, foreground, share);
  const charts = chartNames
    .map((name) => read(`charts-${name}`))
    .filter((colour) => stands(colour, background));
  const transparent = 'rgb(0 0 0 / 0)';
  return {
    background: toHex(background),
    foreground: toHex(foreground),
    description: read('descriptionForeground') || toHex(foreground),
    focus: read('focusBorder') || toHex(foreground),
    activeBackground: read('list-activeSelectionBackground') || transparent,
    activeForeground: read('list-activeSelectionForeground') || toHex(foreground),
    inactiveBackground: read('list-inactiveSelectionBackground') || transparent,
    border: read('panel-border') || read('contrastBorder') || grey(0.15).css,
    contrastBorder: read('contrastActiveBorder') || read('contrastBorder') || undefined,
    charts: charts.length > 0 ? charts : [toHex(foreground)],
    sequential: sequentialScale(background),
    diverging: divergingScale(background),
    mask: grey(0.13).css,
    edited: read('editorWarning-foreground') || read('contrastActiveBorder') || toHex(foreground),
    maskPixel: grey(0.13).pixel,
    maskLine: grey(0.33).css,
    grid: grey(0.08).css,
    fontFamily: read('font-family') || 'sans-serif',
  };
}

/** Calls `changed` with the new theme, once per frame at most, until disposed. */
export function onThemeChange(changed: (theme: Theme) => void): Disposable {
  let frame = 0;
  const observer = new MutationObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => changed(readTheme()));
  });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  // VS Code writes its variables into the style of the root element.
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
  return {
    dispose: () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
    },
  };
}

/** Whether a thin line in this colour can be seen: some themes give charts colours that are half transparent. */
function stands(colour: string, background: Rgb): boolean {
  const rgb = parseColour(colour);
  if (!rgb) {
    return false;
  }
  const seen = mixOklab(toOklab(background), toOklab(rgb), alphaOf(colour));
  return distance(seen, toOklab(background)) > 0.28;
}

/** The darkest background from which greys are reckoned: on black, the same shares could not be told apart. */
const darkest = 0.239;

/** A grey without any tint, `share` of the way from the background to the foreground. */
function neutral(background: Rgb, foreground: Rgb, share: number): { css: string; pixel: number } {
  const [from] = toOklab(background);
  const [lightness] = mixOklab([Math.max(darkest, from), 0, 0], toOklab(foreground), share);
  const rgb = fromOklab([lightness, 0, 0]);
  return { css: toHex(rgb), pixel: pixelOf(rgb) };
}
