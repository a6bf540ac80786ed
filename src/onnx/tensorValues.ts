// Reads the numbers of an initializer, whatever its element type; returns a view where the bytes allow it.
import { UserError } from '../shared/errors';
import { sizeOf } from '../shared/tensor';
import { expandBfloats, expandHalves } from './half';
import { ElementType, type Initializer } from './model';

/**
 * The data of an initializer as float32, row-major. float32 data that lie aligned are a view on the file (treat the
 * result as read-only); float16, bfloat16, float64 and integers are converted.
 *
 * @throws UserError `modelMissing` when the data stand in an external file that was not given; `modelUnsupported` for
 * types that are no numbers.
 */
export function floatsOf(initializer: Initializer): Float32Array<ArrayBuffer> {
  const raw = rawOf(initializer);
  const count = sizeOf(initializer.dims);
  switch (initializer.elementType) {
    case ElementType.float32:
      return new Float32Array(...aligned(raw, 4), count);
    case ElementType.float16: {
      const floats = new Float32Array(count);
      expandHalves(raw, new Uint32Array(floats.buffer));
      return floats;
    }
    case ElementType.bfloat16: {
      const floats = new Float32Array(count);
      expandBfloats(raw, new Uint32Array(floats.buffer));
      return floats;
    }
    default:
      return Float32Array.from(numbers(initializer, raw, count), Number);
  }
}

/**
 * The data of an integer or boolean initializer as numbers (int64 exact up to 2^53).
 *
 * @throws UserError as {@link floatsOf}
 */
export function intsOf(initializer: Initializer): number[] {
  return Array.from(numbers(initializer, rawOf(initializer), sizeOf(initializer.dims)), Number);
}

/** The single number of a scalar or one-element initializer of any type; undefined when it has not exactly one. */
export function scalarOf(initializer: Initializer): number | undefined {
  return sizeOf(initializer.dims) === 1 ? floatOrInt(initializer) : undefined;
}

function floatOrInt(initializer: Initializer): number | undefined {
  switch (initializer.elementType) {
    case ElementType.float32:
    case ElementType.float16:
    case ElementType.bfloat16:
      return floatsOf(initializer)[0];
    default:
      return intsOf(initializer)[0];
  }
}

function numbers(
  { name, elementType }: Initializer,
  raw: Uint8Array<ArrayBuffer>,
  count: number,
): ArrayLike<number> | ArrayLike<bigint> {
  switch (elementType) {
    case ElementType.float64:
      return new Float64Array(...aligned(raw, 8), count);
    case ElementType.int64:
      return new BigInt64Array(...aligned(raw, 8), count);
    case ElementType.uint64:
      return new BigUint64Array(...aligned(raw, 8), count);
    case ElementType.int32:
      return new Int32Array(...aligned(raw, 4), count);
    case ElementType.uint32:
      return new Uint32Array(...aligned(raw, 4), count);
    case ElementType.int16:
      return new Int16Array(...aligned(raw, 2), count);
    case ElementType.uint16:
      return new Uint16Array(...aligned(raw, 2), count);
    case ElementType.int8:
      return new Int8Array(raw.buffer, raw.byteOffset, count);
    case ElementType.uint8:
    case ElementType.bool:
      return raw;
    case ElementType.float32:
      return new Float32Array(...aligned(raw, 4), count);
    default:
      throw new UserError(
        'modelUnsupported',
        `The tensor "${name}" has element type ${elementType}, whose numbers cannot be read here.`,
        { tensor: name, elementType },
      );
  }
}

function rawOf({ name, raw, external }: Initializer): Uint8Array<ArrayBuffer> {
  if (raw) {
    return raw;
  }
  if (external) {
    throw new UserError(
      'modelMissing',
      `The weight "${name}" stands in "${external.location}", which is missing. Put that file next to the model file.`,
      { tensor: name, location: external.location },
    );
  }
  throw new UserError('modelUnsupported', `The tensor "${name}" holds no numbers.`, { tensor: name });
}

/** Where a typed array of `width`-byte elements can begin: in place when the bytes are aligned, else in a copy. */
function aligned(raw: Uint8Array<ArrayBuffer>, width: number): [buffer: ArrayBuffer, offset: number] {
  return raw.byteOffset % width === 0 ? [raw.buffer, raw.byteOffset] : [raw.slice().buffer, 0];
}
