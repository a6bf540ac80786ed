// Reads CSS fonts as canvases are given them, for SVG, which wants their parts apart.

export interface FontParts {
  /** Pixels. */
  readonly size: number;
  readonly 'font-family': string;
  readonly 'font-weight': string | undefined;
  readonly 'font-style': string | undefined;
}

/** `italic 600 11px Inter, sans-serif` in its parts; 10px of no particular font where it is not understood. */
export function fontOf(font: string): FontParts {
  const [, before = '', size = '10', family = 'sans-serif'] =
    /^(.*?)([\d.]+)px(?:\/\S+)?\s+(.*)$/u.exec(font.trim()) ?? [];
  return {
    size: Number(size),
    'font-family': family,
    'font-weight': /\b(?:bold|[1-9]00)\b/u.exec(before)?.[0],
    'font-style': /\bitalic\b/u.exec(before)?.[0],
  };
}
