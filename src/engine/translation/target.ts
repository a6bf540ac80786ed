// What decoding writes, as text: tokens with their ranges, and the label of a single one.
import type { TokenSequence } from '../../shared/tokens';
import { tokenLabel } from '../../tokenizer/tokenLabel';
import type { TextTokenizer } from '../../tokenizer/textTokenizer';
import { withoutLead } from '../../tokenizer/withoutLead';
import type { Model } from '../model';

/** Any of these ends a text. */
export function endings({ config, tokenizer }: Pick<Model, 'config' | 'tokenizer'>): number[] {
  return [...new Set([...config.eos, tokenizer?.special.eos].filter((id) => id !== undefined))];
}

/** Never chosen. Padding is never a word, whether or not the files say so. */
export function forbidden({ config, tokenizer }: Pick<Model, 'config' | 'tokenizer'>): number[] {
  const ends = endings({ config, tokenizer });
  return [...config.forbidden, config.pad]
    .filter((id) => id !== undefined)
    .filter((id) => !ends.includes(id));
}

/**
 * The tokens of a target with their ranges in its text.
 *
 * @param before What the text goes on from, for models that continue one: only there is it known whether a space belongs between.
 */
export function targetSequence(
  tokenizer: TextTokenizer,
  ids: readonly number[],
  before: readonly number[] = [],
): TokenSequence {
  if (before.length === 0) {
    return tokenizer.decodeSequence(ids);
  }
  const whole = tokenizer.decodeSequence([...before, ...ids]);
  const lead = tokenizer.decode(before);
  if (!whole.text.startsWith(lead)) {
    return tokenizer.decodeSequence(ids);
  }
  const rest = withoutLead({ ...whole, tokens: whole.tokens.slice(before.length) }, lead.length);
  return rest;
}

/** Labels of single tokens, each spelled once. */
export class TokenLabels {
  private readonly labels = new Map<number, string>();

  constructor(private readonly tokenizer: TextTokenizer) {}

  of(id: number): string {
    const known = this.labels.get(id);
    if (known !== undefined) {
      return known;
    }
    const label = this.spell(id);
    this.labels.set(id, label);
    return label;
  }

  /** The labels of tokens that are shown side by side: of two that read alike, the one that begins a word shows its space. */
  among(ids: readonly number[]): string[] {
    const labels = ids.map((id) => this.of(id));
    const seen = new Set<string>();
    const shared = new Set<string>();
    labels.forEach((label) => (seen.has(label) ? shared : seen).add(label));
    return labels.map((label, i) =>
      shared.has(label) && this.beginsWord(ids[i], label) ? `␣${label}` : label,
    );
  }

  /** Whether a token stands apart from what is before it. */
  private beginsWord(id: number, label: string): boolean {
    return this.tokenizer.decode([id, id]).trim() === `${label} ${label}`;
  }

  private spell(id: number): string {
    const piece = this.tokenizer.pieceOf(id) ?? `<${id}>`;
    if (this.tokenizer.isSpecial(id)) {
      return piece;
    }
    const text = this.tokenizer.decode([id]);
    // Part of a character, or nothing but the mark of a space.
    return text === '' || text.includes('\uFFFD') ? piece : tokenLabel(text, 0, text.length);
  }
}
