// Which tokens play which part: end of text, padding, unknown and so on, by tokenizer_config.json or their usual names.
import { isRecord } from './tokenizerFile';

/** Ids of the tokens with a part to play; undefined where the tokenizer has none. */
export interface SpecialIds {
  readonly bos: number | undefined;
  readonly eos: number | undefined;
  readonly unk: number | undefined;
  readonly pad: number | undefined;
  readonly cls: number | undefined;
  readonly sep: number | undefined;
  readonly mask: number | undefined;
}

const usualNames: Readonly<Record<keyof SpecialIds, readonly string[]>> = {
  bos: ['<s>'],
  eos: ['</s>', '<|endoftext|>'],
  unk: ['<unk>', '[UNK]'],
  pad: ['<pad>', '[PAD]'],
  cls: ['[CLS]'],
  sep: ['[SEP]'],
  mask: ['[MASK]', '<mask>'],
};

/** @param config the parsed tokenizer_config.json, if there is one. */
export function specialIds(
  config: unknown,
  unknown: number | undefined,
  idOf: (token: string) => number | undefined,
): SpecialIds {
  const find = (role: keyof SpecialIds): number | undefined => {
    const configured = tokenName(isRecord(config) ? config[`${role}_token`] : undefined);
    const names = configured === undefined ? usualNames[role] : [configured];
    return names.map(idOf).find((id) => id !== undefined);
  };
  return {
    bos: find('bos'),
    eos: find('eos'),
    unk: unknown ?? find('unk'),
    pad: find('pad'),
    cls: find('cls'),
    sep: find('sep'),
    mask: find('mask'),
  };
}

/** Contents of `additional_special_tokens`. */
export function additionalSpecials(config: unknown): string[] {
  const list = isRecord(config) ? config.additional_special_tokens : undefined;
  return Array.isArray(list) ? list.flatMap((entry: unknown) => tokenName(entry) ?? []) : [];
}

/** A token is named by its content, or by an object that holds it. */
function tokenName(value: unknown): string | undefined {
  const content = isRecord(value) ? value.content : value;
  return typeof content === 'string' ? content : undefined;
}
