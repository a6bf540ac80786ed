// A model's tokenizer: text to tokens with their UTF-16 ranges and words, and ids back to text.
import type { TokenSequence } from '../shared/tokens';
import { addedTokenTable, splitAddedTokens, type AddedTokenTable } from './addedTokens';
import { AlignedText, type TextRange } from './alignedText';
import { tidySpaces, type Decoder } from './decoder';
import type { Drop } from './drop';
import { languageTokens, type LanguageToken } from './languageTokens';
import type { Normalizer } from './normalizer';
import { padSequences } from './padding';
import type { PieceModel } from './pieceModel';
import type { Frame } from './postProcessor';
import type { PreTokenizer } from './preTokenizer';
import type { SpecialIds } from './specialTokens';
import type { AddedToken } from './tokenizerFile';
import { tokenLabel } from './tokenLabel';
import { wordsOf, type Unassigned } from './words';

export interface EncodeOptions {
  /** Add what the post-processor adds, such as `[CLS]` and `</s>`; default true. */
  readonly addSpecial?: boolean;
  /** Ids placed before everything else, such as a language tag's. */
  readonly prefix?: readonly number[];
  /** What to add instead of what the post-processor adds, see {@link TextTokenizer.frame}. */
  readonly frame?: Frame;
}

/** The stages of a tokenizer, see {@link createTokenizer}. */
export interface TokenizerParts {
  readonly addedTokens: readonly AddedToken[];
  readonly normalizer: Normalizer | undefined;
  readonly preTokenizer: PreTokenizer | undefined;
  readonly model: PieceModel;
  readonly frame: Frame;
  readonly decoder: Decoder;
  readonly special: SpecialIds;
  /** Further ids that decoding leaves out. */
  readonly additionalSpecial: readonly number[];
  /** Tidy English punctuation after decoding. */
  readonly tidy: boolean;
  readonly notes: readonly string[];
}

/** Id and range of one token of the text. */
interface Found {
  readonly id: number;
  readonly range: TextRange;
}

/** Built by {@link createTokenizer}. */
export class TextTokenizer {
  /** Ids of the tokens with a part to play. */
  readonly special: SpecialIds;
  /** One more than the largest id. */
  readonly size: number;
  readonly languages: readonly LanguageToken[];
  /** What the post-processor adds to a text. */
  readonly frame: Frame;
  /** All that this tokenizer leaves out of a text. */
  readonly drops: readonly Drop[];
  /** Where it knowingly differs from other programs, in plain sentences. */
  readonly notes: readonly string[];

  private readonly pieces: (string | undefined)[] = [];
  private readonly ids = new Map<string, number>();
  private readonly specials: ReadonlySet<number | undefined>;
  private readonly rawTable: AddedTokenTable;
  private readonly normalizedTable: AddedTokenTable;

  constructor(private readonly parts: TokenizerParts) {
    const { addedTokens, normalizer, preTokenizer, model, special } = parts;
    for (const [piece, id] of model.vocabulary) {
      this.pieces[id] = piece;
    }
    for (const { content, id } of addedTokens) {
      this.pieces[id] = content;
      this.ids.set(content, id);
    }
    this.size = this.pieces.length;
    this.special = special;
    const added = new Set([...addedTokens.map(({ id }) => id), ...parts.additionalSpecial]);
    this.languages = languageTokens(this.pieces, (id) => added.has(id));
    this.frame = parts.frame;
    this.drops = [...(normalizer?.drops ?? []), ...(preTokenizer?.drops ?? []), ...model.drops];
    this.notes = parts.notes;
    const { unk, ...otherRoles } = special;
    this.specials = new Set([
      ...addedTokens.flatMap((token) => (token.special && token.id !== unk ? [token.id] : [])),
      ...parts.additionalSpecial.filter((id) => id !== unk),
      ...Object.values(otherRoles),
      ...this.languages.map(({ id }) => id),
    ]);
    const late = ({ normalized }: AddedToken) => normalized && normalizer !== undefined;
    this.rawTable = addedTokenTable(addedTokens.filter((token) => !late(token)));
    this.normalizedTable = addedTokenTable(
      addedTokens.filter(late),
      ({ content }) => this.normalize(AlignedText.of(content)).text,
    );
  }

  idOf(token: string): number | undefined {
    return this.ids.get(token) ?? this.parts.model.vocabulary.get(token);
  }

  /** The piece as the vocabulary spells it; undefined for an id that it lacks. */
  pieceOf(id: number): string | undefined {
    return this.pieces[id];
  }

  /** Whether decoding leaves this id out: it stands for no text. The unknown piece does stand for some. */
  isSpecial(id: number): boolean {
    return this.specials.has(id);
  }

  /**
   * The tokens of `text`, never cut short. Ranges are UTF-16 units of `text`, in order; a piece that begins with a
   * space covers that space; each token of a character split into bytes covers the whole character.
   */
  encode(
    text: string,
    { addSpecial = true, prefix = [], frame = this.frame }: EncodeOptions = {},
  ): TokenSequence {
    const { before, after } = addSpecial ? frame : { before: [], after: [] };
    return wordsOf(text, [
      ...[...prefix, ...before].map((id) => this.specialToken(id)),
      ...this.find(text).map(({ id, range }) => this.token(text, id, range)),
      ...after.map((id) => this.specialToken(id)),
    ]);
  }

  /** The text of a sequence of ids. A SentencePiece model's unknown piece is written ` ⁇ `, as SentencePiece does. */
  decode(ids: readonly number[], { skipSpecial = true }: { readonly skipSpecial?: boolean } = {}): string {
    return this.decodeAligned(ids, skipSpecial).text;
  }

  /**
   * The text that a model wrote, without special tokens, and the tokens with their ranges in that text. With
   * `partial`, a character whose last bytes have not been written yet is held back.
   */
  decodeSequence(
    ids: readonly number[],
    { partial = false }: { readonly partial?: boolean } = {},
  ): TokenSequence {
    const whole = this.decodeAligned(ids, true);
    const decoded = partial ? whole.slice(0, whole.text.replace(/\uFFFD+$/, '').length) : whole;
    const ranges = decoded.inverse(ids.length);
    return wordsOf(
      decoded.text,
      ids.map((id, i) =>
        this.isSpecial(id) ? this.specialToken(id) : this.token(decoded.text, id, ranges[i]),
      ),
    );
  }

  /** The sequences with padding tokens up to the length of the longest. Without a padding token the end of text serves. */
  pad(sequences: readonly TokenSequence[]): TokenSequence[] {
    const id = this.special.pad ?? this.special.eos ?? 0;
    return padSequences(sequences, { id, piece: this.nameOf(id) });
  }

  private find(text: string): Found[] {
    const found: Found[] = [];
    splitAddedTokens(AlignedText.of(text), this.rawTable).forEach((outer, i) => {
      if (outer.token !== undefined) {
        found.push({ id: outer.token.id, range: outer.text.range() });
        return;
      }
      splitAddedTokens(this.normalize(outer.text), this.normalizedTable).forEach((inner, j) => {
        if (inner.token !== undefined) {
          found.push({ id: inner.token.id, range: inner.text.range() });
          return;
        }
        this.addPieces(inner.text, i + j === 0, found);
      });
    });
    return found;
  }

  private addPieces(text: AlignedText, first: boolean, found: Found[]): void {
    const words = this.parts.preTokenizer?.split(text, first) ?? [text];
    this.parts.model.cut(words).forEach((pieces, word) => {
      for (const { id, from, to } of pieces) {
        found.push({ id, range: words[word].range(from, to) });
      }
    });
  }

  private normalize(text: AlignedText): AlignedText {
    return this.parts.normalizer?.apply(text) ?? text;
  }

  private decodeAligned(ids: readonly number[], skipSpecial: boolean): AlignedText {
    const spelled = ids.flatMap((id, i) =>
      skipSpecial && this.isSpecial(id)
        ? []
        : [AlignedText.whole(this.spellingOf(id), { start: i, end: i + 1 })],
    );
    const text = AlignedText.join(this.parts.decoder(spelled));
    return this.parts.tidy ? tidySpaces(text) : text;
  }

  private spellingOf(id: number): string {
    const { unknownSpelling } = this.parts.model;
    return id === this.special.unk && unknownSpelling !== undefined ? unknownSpelling : this.nameOf(id);
  }

  private token(text: string, id: number, { start, end }: TextRange): Unassigned {
    const piece = this.nameOf(id);
    if (start >= end) {
      return { id, piece, label: piece, start: -1, end: -1, special: false };
    }
    return { id, piece, label: tokenLabel(text, start, end), start, end, special: false };
  }

  private specialToken(id: number): Unassigned {
    const piece = this.nameOf(id);
    return { id, piece, label: piece, start: -1, end: -1, special: true };
  }

  private nameOf(id: number): string {
    return this.pieces[id] ?? `<${id}>`;
  }
}
