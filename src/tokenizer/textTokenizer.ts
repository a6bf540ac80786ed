// A model's tokenizer: text to tokens with their UTF-16 ranges and words, and ids back to text.
import type { TokenSequence } from '../shared/tokens';
import { addedTokenTable, splitAddedTokens, type AddedTokenTable } from './addedTokens';
import { AlignedText, type TextRange } from './alignedText';
import { createDecoder, tidySpaces } from './decoder';
import type { Drop } from './drop';
import { createNormalizer, type Normalizer } from './normalizer';
import { padSequences } from './padding';
import { createPieceModel, type PieceModel } from './pieceModel';
import { createFrame, type Frame } from './postProcessor';
import { createPreTokenizer, type PreTokenizer } from './preTokenizer';
import { additionalSpecials, specialIds, type SpecialIds } from './specialTokens';
import { corrupt, isRecord, readTokenizerFile, type AddedToken } from './tokenizerFile';
import { messageOf } from '../shared/errors';
import { trimRange, wordsOf, type Unassigned } from './words';

export interface EncodeOptions {
  /** Add what the post-processor adds, such as `[CLS]` and `</s>`; default true. */
  readonly addSpecial?: boolean;
  /** Ids placed before everything else, such as a language tag's. */
  readonly prefix?: readonly number[];
}

/** A tag that tells a translation model its target language. */
export interface LanguageToken {
  readonly id: number;
  /** E.g. `>>deu<<`. */
  readonly token: string;
  /** E.g. `deu`. */
  readonly code: string;
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
  /** All that this tokenizer leaves out of a text. */
  readonly drops: readonly Drop[];

  private readonly addedIds = new Map<string, number>();
  private readonly pieces: (string | undefined)[] = [];
  private readonly specials = new Set<number>();
  private readonly rawTable: AddedTokenTable;
  private readonly normalizedTable: AddedTokenTable;

  constructor(
    added: readonly AddedToken[],
    config: unknown,
    private readonly normalizer: Normalizer | undefined,
    private readonly preTokenizer: PreTokenizer | undefined,
    private readonly model: PieceModel,
    frame: (idOf: (token: string) => number | undefined) => Frame,
    private readonly decoder: ReturnType<typeof createDecoder>,
  ) {
    for (const [piece, id] of model.vocabulary) {
      this.pieces[id] = piece;
    }
    for (const { content, id } of added) {
      this.pieces[id] = content;
      this.addedIds.set(content, id);
    }
    this.size = this.pieces.length;
    this.special = specialIds(config, model.unknown, (token) => this.idOf(token));
    this.languages = this.pieces.flatMap((token, id) => {
      const code = /^>>(.+)<<$/.exec(token ?? '')?.[1];
      return token === undefined || code === undefined ? [] : [{ id, token, code }];
    });
    this.markSpecials(added, config);
    this.rawTable = addedTokenTable(
      added.filter(({ normalized }) => !normalized || normalizer === undefined),
    );
    this.normalizedTable = addedTokenTable(
      added.filter(({ normalized }) => normalized && normalizer !== undefined),
      ({ content }) => this.normalize(AlignedText.of(content)).text,
    );
    this.frame = frame((token) => this.idOf(token));
    this.drops = [...(normalizer?.drops ?? []), ...(preTokenizer?.drops ?? []), ...model.drops];
    this.tidy = isRecord(config) && config.clean_up_tokenization_spaces === true;
  }

  private readonly frame: Frame;
  private readonly tidy: boolean;

  idOf(token: string): number | undefined {
    return this.addedIds.get(token) ?? this.model.vocabulary.get(token);
  }

  /** The piece as the vocabulary spells it; undefined for an id that it lacks. */
  pieceOf(id: number): string | undefined {
    return this.pieces[id];
  }

  /** Whether this id is a special token, which decoding leaves out. */
  isSpecial(id: number): boolean {
    return this.specials.has(id);
  }

  /**
   * The tokens of `text`, never cut short. Ranges are UTF-16 units of `text`, in order; a piece that begins with a
   * space covers that space; each token of a character split into bytes covers the whole character.
   */
  encode(text: string, { addSpecial = true, prefix = [] }: EncodeOptions = {}): TokenSequence {
    const { before, after } = addSpecial ? this.frame : { before: [], after: [] };
    return wordsOf(text, [
      ...[...prefix, ...before].map((id) => this.specialToken(id)),
      ...this.find(text).map(({ id, range }) => this.token(text, id, range)),
      ...after.map((id) => this.specialToken(id)),
    ]);
  }

  /** The text of a sequence of ids. */
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
        this.specials.has(id) ? this.specialToken(id) : this.token(decoded.text, id, ranges[i]),
      ),
    );
  }

  /** The sequences with padding tokens up to the length of the longest. */
  pad(sequences: readonly TokenSequence[]): TokenSequence[] {
    const id = this.special.pad ?? this.special.eos ?? 0;
    return padSequences(sequences, { id, piece: this.nameOf(id) });
  }

  private find(text: string): Found[] {
    const found: Found[] = [];
    const addToken = (token: AddedToken, section: AlignedText) =>
      found.push({ id: token.id, range: section.range() });
    splitAddedTokens(AlignedText.of(text), this.rawTable).forEach((outer, i) => {
      if (outer.token !== undefined) {
        addToken(outer.token, outer.text);
        return;
      }
      splitAddedTokens(this.normalize(outer.text), this.normalizedTable).forEach((inner, j) => {
        if (inner.token !== undefined) {
          addToken(inner.token, inner.text);
          return;
        }
        const words = this.preTokenizer?.split(inner.text, i + j === 0) ?? [inner.text];
        this.model.cut(words).forEach((pieces, word) => {
          for (const { id, from, to } of pieces) {
            found.push({ id, range: words[word].range(from, to) });
          }
        });
      });
    });
    return found;
  }

  private normalize(text: AlignedText): AlignedText {
    return this.normalizer?.apply(text) ?? text;
  }

  private decodeAligned(ids: readonly number[], skipSpecial: boolean): AlignedText {
    const parts = ids.flatMap((id, i) =>
      skipSpecial && this.specials.has(id)
        ? []
        : [AlignedText.whole(this.nameOf(id), { start: i, end: i + 1 })],
    );
    const text = AlignedText.join(this.decoder(parts));
    return this.tidy ? tidySpaces(text) : text;
  }

  private token(text: string, id: number, { start, end }: TextRange): Unassigned {
    const piece = this.nameOf(id);
    if (start >= end) {
      return { id, piece, label: piece, start: -1, end: -1, special: false };
    }
    return { id, piece, label: labelOf(text, start, end), start, end, special: false };
  }

  private specialToken(id: number): Unassigned {
    const piece = this.nameOf(id);
    return { id, piece, label: piece, start: -1, end: -1, special: true };
  }

  private nameOf(id: number): string {
    return this.pieces[id] ?? `<${id}>`;
  }

  private markSpecials(added: readonly AddedToken[], config: unknown): void {
    const ids = [
      ...added.filter(({ special }) => special).map(({ id }) => id),
      ...additionalSpecials(config).map((token) => this.idOf(token)),
      ...Object.values(this.special),
      ...this.languages.map(({ id }) => id),
    ];
    for (const id of ids) {
      if (id !== undefined) {
        this.specials.add(id);
      }
    }
  }
}

const visibleSpace: Readonly<Record<string, string>> = { ' ': '␣', '\t': '⇥', '\n': '⏎', '\r': '␍' };

/** The covered text without the white space round it; white space alone is made visible. */
function labelOf(text: string, start: number, end: number): string {
  const trimmed = trimRange(text, start, end);
  const label = text.slice(trimmed.start, trimmed.end);
  return label.trim() === '' ? label.replace(/[^]/g, (character) => visibleSpace[character] ?? '␣') : label;
}

/**
 * Builds a tokenizer from the files of a model folder.
 *
 * @param files tokenizer.json (bytes or parsed) and, if there is one, tokenizer_config.json.
 * @throws UserError `modelCorrupt` for a damaged file, `tokenizerUnsupported` for a stage that is not known.
 */
export function createTokenizer(files: {
  readonly tokenizerJson: unknown;
  readonly configJson?: unknown;
}): TextTokenizer {
  const file = readTokenizerFile(files.tokenizerJson);
  const config = readConfig(files.configJson);
  const added = file.addedTokens;
  const reserved = new Set([
    ...added.filter(({ special }) => special).map(({ content }) => content),
    ...additionalSpecials(config),
  ]);
  const contents = new Set(added.map(({ content }) => content));
  return new TextTokenizer(
    added,
    config,
    file.normalizer && createNormalizer(file.normalizer),
    file.preTokenizer && createPreTokenizer(file.preTokenizer),
    createPieceModel(file.model, reserved),
    (idOf) => createFrame(file.postProcessor, idOf),
    createDecoder(file.decoder, (piece) => contents.has(piece)),
  );
}

function readConfig(source: unknown): unknown {
  if (!(source instanceof Uint8Array)) {
    return source;
  }
  try {
    return JSON.parse(new TextDecoder().decode(source));
  } catch (error) {
    throw corrupt(`tokenizer_config.json is not JSON (${messageOf(error)})`, error);
  }
}
