// The background of a cell with a text in it: only so far up the scale that the text stays readable.
import { cssOf, isDark, weightStep } from '../../draw/colour';
import { parseColour } from '../../draw/oklab';
import type { Theme } from '../../theme';

/** How far up the scale the text is still readable, with 4.5:1 at least. */
const reach = { dark: 0.3, light: 0.42 } as const;

/** The colour for a share from 0 to 1, on the square-root scale. */
export function cellTint({ background, sequential }: Theme, share: number): string {
  const most = reach[isDark(parseColour(background) ?? [0, 0, 0]) ? 'dark' : 'light'];
  return cssOf(sequential.table[Math.round(weightStep(share) * most)]);
}
