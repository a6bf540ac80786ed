// Draws weights as a small bar chart: an SVG picture with fixed colours, because a hover's images cannot read the theme.

/** The kinds of theme that VS Code knows. */
export type ThemeKind = 'dark' | 'light' | 'highContrast' | 'highContrastLight';

/** One bar; `weight` between 0 and 1 fills the track. */
export interface Bar {
  readonly label: string;
  readonly weight: number;
}

interface Colours {
  readonly strong: string;
  readonly text: string;
  readonly track: string;
  readonly bar: string;
}

const COLOURS: Readonly<Record<ThemeKind, Colours>> = {
  dark: { strong: '#cccccc', text: '#9d9d9d', track: '#313131', bar: '#59a4f9' },
  light: { strong: '#3b3b3b', text: '#616161', track: '#e5e5e5', bar: '#0063d3' },
  highContrast: { strong: '#ffffff', text: '#ffffff', track: '#3f3f3f', bar: '#f38518' },
  highContrastLight: { strong: '#000000', text: '#292929', track: '#d8d8d8', bar: '#0f4a85' },
};

/** Low, because VS Code shows 250 pixels of a hover and scrolls the rest. */
const ROW = 16;
const TRACK = { x: 86, width: 250 };
/** Width and height of the picture in pixels, for that many bars. */
export const CHART_WIDTH = 404;
export function chartHeight(bars: number): number {
  return bars * ROW;
}

/** Characters of a label that fit; wide ones count twice. */
const LABEL_CELLS = 12;

/** The chart as an SVG document; the first bar's label is bold. */
export function barChart(bars: readonly Bar[], theme: ThemeKind): string {
  const { strong, text, track, bar } = COLOURS[theme];
  const rows = bars.map(({ label, weight }, index) => {
    const y = index * ROW;
    const style = index === 0 ? `fill="${strong}" font-weight="600"` : `fill="${text}"`;
    const filled = Math.round(Math.max(0, Math.min(1, weight)) * TRACK.width * 10) / 10;
    return (
      `<text x="0" y="${y + 12}" ${style}>${escapeXml(shorten(label))}</text>` +
      `<rect x="${TRACK.x}" y="${y + 4}" width="${TRACK.width}" height="8" fill="${track}"/>` +
      `<rect x="${TRACK.x}" y="${y + 4}" width="${filled}" height="8" fill="${bar}"/>` +
      `<text x="360" y="${y + 12}" fill="${text}">${weight.toFixed(3)}</text>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${CHART_WIDTH}" height="${chartHeight(bars.length)}" ` +
    `font-family="Segoe UI,Liberation Sans,Helvetica,sans-serif" font-size="12">${rows.join('')}</svg>`
  );
}

/** A picture as an address that Markdown takes: nothing in it can end a link. */
export function dataUri(svg: string): string {
  const encoded = encodeURIComponent(svg).replace(
    /[()'!*]/gu,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `data:image/svg+xml;utf8,${encoded}`;
}

function shorten(label: string): string {
  let cells = 0;
  let kept = '';
  for (const character of label) {
    cells +=
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/u.test(
        character,
      )
        ? 2
        : 1;
    if (cells > LABEL_CELLS) {
      return `${kept.trimEnd()}…`;
    }
    kept += character;
  }
  return kept;
}

/** XML text: what XML forbids (control characters, lone surrogates) becomes the replacement character. */
function escapeXml(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '\uFFFD')
    .replace(/[&<>"]/gu, (c) => `&#${c.charCodeAt(0)};`);
}
