// Reads and writes the safetensors format: tensors by name in one file. https://github.com/huggingface/safetensors
import { messageOf, UserError } from './errors';
import type { NamedTensors, Tensor, TensorType } from './tensor';
import { arrayOf, sizeOf } from './tensor';

const dtypes: Readonly<Record<TensorType, string>> = {
  float32: 'F32',
  float64: 'F64',
  float16: 'F16',
  int8: 'I8',
  int32: 'I32',
  int64: 'I64',
  uint8: 'U8',
  bool: 'BOOL',
};

/** Largest header that other readers accept. */
const MAX_HEADER = 100_000_000;
const ALIGNMENT = 8;

/**
 * One safetensors file: header length (u64), JSON header padded to 8 bytes, then the data of each tensor, largest
 * elements first, so that each begins aligned. `metadata` values are strings, as the format wants.
 */
export function writeSafetensors(
  tensors: NamedTensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(tensors).sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) {
    header['__metadata__'] = metadata;
  }
  let end = 0;
  for (const [name, { type, dims, data }] of entries) {
    header[name] = { dtype: dtypes[type], shape: dims, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(8 + length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.fill(0x20, 8, 8 + length);
  file.set(json, 8);
  let offset = 8 + length;
  for (const [, { data }] of entries) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return file;
}

/** The tensors of a file, each in memory of its own. @throws UserError `modelCorrupt` saying what is wrong. */
export function readSafetensors(file: Uint8Array): NamedTensors {
  const { header, data } = parts(file);
  const tensors: Record<string, Tensor> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name !== '__metadata__') {
      tensors[name] = readEntry(name, entry, data);
    }
  }
  return tensors;
}

/** The texts that stand beside the tensors; empty where there are none. @throws UserError as {@link readSafetensors} */
export function readSafetensorsMetadata(file: Uint8Array): Readonly<Record<string, string>> {
  const metadata = parts(file).header['__metadata__'] ?? {};
  const texts = Object.entries(metadata).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}

/** Header and data of a file. */
function parts(file: Uint8Array): {
  readonly header: Readonly<Record<string, unknown>>;
  readonly data: Uint8Array;
} {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = file.length < 8 ? Infinity : Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER || 8 + length > file.length) {
    throw corrupt('the header is longer than the file');
  }
  return { header: parseHeader(file.subarray(8, 8 + length)), data: file.subarray(8 + length) };
}

function parseHeader(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof header === 'object' && header !== null && !Array.isArray(header)) {
      return header as Readonly<Record<string, unknown>>;
    }
  } catch (error) {
    throw corrupt(`the header is no JSON: ${messageOf(error)}`);
  }
  throw corrupt('the header is no JSON object');
}

function readEntry(name: string, entry: unknown, data: Uint8Array): Tensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  const type = (Object.keys(dtypes) as TensorType[]).find((key) => dtypes[key] === dtype);
  if (!type) {
    throw corrupt(`tensor '${name}' has the unknown type ${String(dtype)}`);
  }
  const dims = Array.isArray(shape)
    ? shape.filter((dim): dim is number => Number.isSafeInteger(dim) && dim >= 0)
    : [];
  const [start, end] = Array.isArray(offsets) ? (offsets as unknown[]) : [];
  const size = sizeOf(dims) * arrayOf[type].BYTES_PER_ELEMENT;
  if (
    !Array.isArray(shape) ||
    dims.length !== shape.length ||
    typeof start !== 'number' ||
    typeof end !== 'number' ||
    !(start >= 0 && end <= data.length && end - start === size)
  ) {
    throw corrupt(`tensor '${name}' does not fit its place in the file`);
  }
  return { type, dims, data: new arrayOf[type](new Uint8Array(data.subarray(start, end)).buffer) };
}

function corrupt(why: string): UserError {
  return new UserError('modelCorrupt', `This is no whole safetensors file: ${why}.`);
}
