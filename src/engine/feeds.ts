// Fills the inputs of a graph by what they are for: tokens, masks, positions, encoder states, and caches, empty at first.
import type { InputRole } from '../anatomy/anatomy';
import type { Port } from '../runtime/runtime';
import { UserError } from '../shared/errors';
import type { NamedTensors, Tensor, TensorType } from '../shared/tensor';
import { arrayOf } from '../shared/tensor';

/** What one run of one stack reads. All rows of the batch are equally long. */
export interface StackInputs {
  /** `[batch][length]` */
  readonly ids: readonly (readonly number[])[];
  /** `[batch][length]`: false where a token only pads. */
  readonly real: readonly (readonly boolean[])[];
  /** What the encoder made of the source; for decoders with cross-attention. */
  readonly encoder?: { readonly states: Tensor; readonly real: readonly (readonly boolean[])[] };
  /** Keys and values of earlier tokens by input name, and how many tokens those are. Left out: none. */
  readonly past?: { readonly tensors: NamedTensors; readonly length: number };
  /** Which text of the run each row is, for experiments on some texts. Left out: the texts in their order. */
  readonly texts?: readonly number[];
}

/** Sizes of empty caches where the file leaves them open. */
export interface HeadShape {
  readonly heads: number;
  readonly headSize: number;
}

/**
 * One tensor for each port.
 *
 * @throws UserError `modelUnsupported` for an input whose purpose is unknown.
 */
export function feedsFor(
  ports: readonly Port[],
  roles: Readonly<Record<string, InputRole>>,
  inputs: StackInputs,
  shape: HeadShape,
): NamedTensors {
  const { ids, real, encoder, past } = inputs;
  const batch = ids.length;
  const length = ids[0]?.length ?? 0;
  const before = past?.length ?? 0;
  const feeds: Record<string, Tensor> = {};
  for (const port of ports) {
    const role: InputRole = roles[port.name] ?? { role: 'other' };
    switch (role.role) {
      case 'tokens':
        feeds[port.name] = matrix(port, ids);
        break;
      case 'paddingMask':
        feeds[port.name] = matrix(
          port,
          real.map((row) => [...Array<number>(before).fill(1), ...row.map(Number)]),
        );
        break;
      case 'positions':
        feeds[port.name] = matrix(
          port,
          ids.map((row) => row.map((_id, i) => before + i)),
        );
        break;
      case 'tokenTypes':
        feeds[port.name] = matrix(
          port,
          ids.map((row) => row.map(() => 0)),
        );
        break;
      case 'encoderStates':
        feeds[port.name] = needEncoder(port, encoder).states;
        break;
      case 'encoderPaddingMask':
        feeds[port.name] = matrix(
          port,
          needEncoder(port, encoder).real.map((row) => row.map(Number)),
        );
        break;
      case 'useCache':
        feeds[port.name] = numbers(
          port,
          port.dims.map(() => 1),
          [Number(before > 0)],
        );
        break;
      case 'past':
        feeds[port.name] = past?.tensors[port.name] ?? emptyCache(port, batch, shape);
        break;
      case 'other':
        feeds[port.name] = otherInput(port, before, length);
        break;
      default:
        role satisfies never;
    }
  }
  return feeds;
}

/** The present output that continues each past input; undefined when the graph does not return its cache. */
export function cacheOutputs(
  inputs: readonly Port[],
  outputs: readonly Port[],
  roles: Readonly<Record<string, InputRole>>,
): ReadonlyMap<string, string> | undefined {
  const names = new Set(outputs.map(({ name }) => name));
  const pairs = new Map<string, string>();
  for (const { name } of inputs) {
    if (roles[name]?.role === 'past') {
      const present = ['past_key_values', 'past_key_value', 'past']
        .map((word) => name.replace(word, 'present'))
        .find((candidate) => candidate !== name && names.has(candidate));
      if (present === undefined) {
        return undefined;
      }
      pairs.set(name, present);
    }
  }
  return pairs.size > 0 ? pairs : undefined;
}

function needEncoder(port: Port, encoder: StackInputs['encoder']): NonNullable<StackInputs['encoder']> {
  if (!encoder) {
    const message = `The graph reads an encoder's result ('${port.name}'), but the encoder's file is missing. Choose the folder with both files.`;
    throw new UserError('modelMissing', message, { input: port.name });
  }
  return encoder;
}

/** The few inputs that some exporters add besides. */
function otherInput(port: Port, before: number, length: number): Tensor {
  if (port.name === 'cache_position') {
    return numbers(
      port,
      [length],
      Array.from({ length }, (_, i) => before + i),
    );
  }
  if (port.name === 'num_logits_to_keep' || port.name === 'logits_to_keep') {
    return numbers(
      port,
      port.dims.map(() => 1),
      [0],
    );
  }
  const message = `The graph has an input '${port.name}' whose purpose is unknown. The model can be inspected, but not run on a text.`;
  throw new UserError('modelUnsupported', message, { input: port.name });
}

/** `[batch, heads, 0, d_k]`, or `[2, batch, heads, 0, d_k]` where keys and values share an input. */
function emptyCache(port: Port, batch: number, { heads, headSize }: HeadShape): Tensor {
  const open = [batch, heads, 0, headSize];
  const stacked = port.dims.length - open.length;
  const dims = port.dims.map((dim, i) => {
    const role = i - stacked;
    if (role === 0 || role === 2) {
      return open[role] ?? 0;
    }
    return typeof dim === 'number' && dim > 0 ? dim : (open[role] ?? 2);
  });
  return { type: typeOf(port), dims, data: new arrayOf[typeOf(port)](new ArrayBuffer(0)) };
}

function matrix(port: Port, rows: readonly (readonly number[])[]): Tensor {
  return numbers(port, [rows.length, rows[0]?.length ?? 0], rows.flat());
}

/** Whatever element type the graph wants for integers and flags. */
function numbers(port: Port, dims: readonly number[], values: readonly number[]): Tensor {
  const type = typeOf(port);
  switch (type) {
    case 'int64':
      return { type, dims, data: BigInt64Array.from(values, BigInt) };
    case 'float16':
      // Only 0 and 1 occur: masks.
      return { type, dims, data: Uint16Array.from(values, (value) => (value === 0 ? 0 : 0x3c00)) };
    case 'float32':
    case 'float64':
    case 'int32':
    case 'uint8':
    case 'bool':
    case 'int8': {
      const data = new arrayOf[type](new ArrayBuffer(values.length * arrayOf[type].BYTES_PER_ELEMENT));
      values.forEach((value, i) => (data[i] = value));
      return { type, dims, data };
    }
    default:
      return type satisfies never;
  }
}

function typeOf(port: Port): TensorType {
  if (!port.type) {
    throw new UserError('modelUnsupported', `The input '${port.name}' is no tensor of numbers.`, {
      input: port.name,
    });
  }
  return port.type;
}
