// Small sizes and inputs to try a mask or position out on: two texts of a few tokens, nothing in the cache.
import { ElementType, type ValueInfo } from '../onnx/model';
import type { GraphFacts } from './graphFacts';
import { substitute } from './symbolic/dim';
import { kindOf } from './symbolic/elementwise';
import type { Folder } from './symbolic/fold';
import type { Value } from './symbolic/value';

const BATCH = 2;
const TOKENS = 6;
const ENCODER_TOKENS = 7;
/** The token whose mask is switched off to see what follows from it: not the first, not the last. An only text counts as this one. */
export const HIDDEN = { batch: 1, token: 2 } as const;

/** Graphs under trial: the same sizes, several sets of inputs. */
export class Trial {
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #folders = new Map<string, Folder>();

  constructor(private readonly facts: GraphFacts) {
    this.#sizes = trialSizes(facts);
  }

  /** The tensor when every mask input is `present` everywhere, except for one token of the input `hidden`. */
  value(tensor: string, hidden?: string, present: 0 | 1 = 1): Value | undefined {
    return this.#folder(`${present} ${hidden ?? ''}`, (input) =>
      fillInput(this.facts, input, this.#sizes, (batch, token) =>
        input.name === hidden && batch === HIDDEN.batch && token === HIDDEN.token ? 1 - present : present,
      ),
    ).value(tensor);
  }

  /** The tensor when the token ids are those given by `tokens` (text, place), masks 1 and positions ascending. */
  valueForTokens(
    key: string,
    tensor: string,
    tokens: (batch: number, token: number) => number,
  ): Value | undefined {
    return this.#folder(`tokens ${key}`, (input) =>
      fillInput(this.facts, input, this.#sizes, isMaskName(input.name) ? () => 1 : tokens),
    ).value(tensor);
  }

  #folder(key: string, fill: (input: ValueInfo) => Value | undefined): Folder {
    let folder = this.#folders.get(key);
    if (!folder) {
      const feeds = new Map<string, Value>();
      for (const input of this.facts.inputs) {
        const value = fill(input);
        if (value) {
          feeds.set(input.name, value);
        }
      }
      folder = this.facts.folder({ sizes: this.#sizes, feeds });
      this.#folders.set(key, folder);
    }
    return folder;
  }
}

/** The convention of exporters; where a graph names its inputs otherwise, only the parts of a mask are harder to tell. */
export const isMaskName = (name: string): boolean => /mask/i.test(name);
const isPositionName = (name: string): boolean => /position/i.test(name);

function trialSizes(facts: GraphFacts): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  const assign = (input: ValueInfo, axis: number, size: number): void => {
    const dim = facts.dims(input.name)?.[axis];
    if (dim !== undefined && typeof dim !== 'number' && dim.terms.size === 1) {
      const [name] = dim.terms.keys();
      if (!sizes.has(name)) {
        sizes.set(name, size);
      }
    }
  };
  const rankOf = (input: ValueInfo): number => facts.rank(input.name) ?? 0;
  const isFloat = (input: ValueInfo): boolean => kindOf(input.elementType) === 'float';
  const flat = facts.inputs.filter((input) => rankOf(input) <= 3);
  const states = facts.inputs.filter((input) => rankOf(input) > 3);
  flat.forEach((input) => assign(input, 0, BATCH));
  flat
    .filter((input) => rankOf(input) === 2 && !isMaskName(input.name))
    .forEach((input) => assign(input, 1, TOKENS));
  flat
    .filter((input) => rankOf(input) === 3 && isFloat(input))
    .forEach((input) => assign(input, 1, ENCODER_TOKENS));
  flat.forEach((input) => assign(input, 1, TOKENS));
  for (const input of states) {
    const first = facts.numericDim(input.name, 0) === 2 && rankOf(input) === 5 ? 1 : 0;
    assign(input, first, BATCH);
    for (let axis = first + 1; axis < rankOf(input); axis++) {
      assign(input, axis, 0);
    }
  }
  return sizes;
}

/** The input with `element(batch, token)` everywhere; ascending where it holds positions. */
function fillInput(
  facts: GraphFacts,
  input: ValueInfo,
  sizes: ReadonlyMap<string, number>,
  element: (batch: number, token: number) => number,
): Value | undefined {
  const dims = facts.dims(input.name)?.map((dim) => substitute(dim, sizes));
  if (!dims || !dims.every((dim): dim is number => dim !== undefined)) {
    return undefined;
  }
  const size = dims.reduce((product, dim) => product * dim, 1);
  // Hidden states and caches with something in them are never what a mask is made of.
  if (
    size > 4096 ||
    input.elementType === ElementType.string ||
    (dims.length > 2 && size > 0 && !isMaskName(input.name))
  ) {
    return undefined;
  }
  const last = dims[dims.length - 1] ?? 1;
  const perText = size / (dims[0] || 1);
  const data = Array.from({ length: size }, (_, i) =>
    isPositionName(input.name)
      ? i % last
      : element(dims[0] === 1 ? HIDDEN.batch : Math.floor(i / perText), i % last),
  );
  return { kind: kindOf(input.elementType), dims, data };
}
