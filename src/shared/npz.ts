// Writes NumPy's .npz: a ZIP file of .npy arrays, stored without compression. Reads nothing.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
import { UserError } from './errors';
import type { NamedTensors, Tensor, TensorType } from './tensor';

const descriptions: Readonly<Record<TensorType, string>> = {
  float32: '<f4',
  float64: '<f8',
  float16: '<f2',
  int8: '|i1',
  int32: '<i4',
  int64: '<i8',
  uint8: '|u1',
  bool: '|b1',
};

/** A file without the extension for large archives ends here. */
const LARGEST = 0xffff_ffff;
/** Data begins at a multiple of it, as NumPy writes. */
const ALIGNMENT = 64;

interface Entry {
  readonly name: Uint8Array<ArrayBuffer>;
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
  readonly size: number;
  readonly crc: number;
  readonly offset: number;
}

/**
 * One archive with a member per tensor; texts become arrays of Unicode strings, a single text one of no dimension.
 * @throws UserError `badRequest` for more than 4 GB.
 */
export function writeNpz(
  tensors: NamedTensors,
  texts: Readonly<Record<string, string | readonly (readonly string[])[]>> = {},
): Uint8Array<ArrayBuffer> {
  const members = [
    ...Object.entries(tensors).map(([name, tensor]) => [name, tensorParts(tensor)] as const),
    ...Object.entries(texts).map(([name, text]) => [name, textParts(text)] as const),
  ];
  const entries: Entry[] = [];
  let offset = 0;
  for (const [name, parts] of members) {
    const entry = entryOf(`${name}.npy`, parts, offset);
    offset += LOCAL + entry.name.length + entry.size;
    entries.push(entry);
  }
  const directory = entries.reduce((size, { name }) => size + CENTRAL + name.length, 0);
  if (offset + directory + END > LARGEST) {
    throw new UserError('badRequest', 'An .npz file of this kind holds at most 4 GB. Save fewer tensors.');
  }
  const file = new Uint8Array(offset + directory + END);
  const view = new DataView(file.buffer);
  let central = offset;
  for (const entry of entries) {
    writeLocal(file, view, entry);
    central = writeCentral(file, view, entry, central);
  }
  view.setUint32(central, 0x0605_4b50, true);
  view.setUint16(central + 8, entries.length, true);
  view.setUint16(central + 10, entries.length, true);
  view.setUint32(central + 12, directory, true);
  view.setUint32(central + 16, offset, true);
  return file;
}

/** Bytes of the fixed parts: local header, directory entry, end of the directory. */
const [LOCAL, CENTRAL, END] = [30, 46, 22];
/** 1 January 1980, the earliest date of a ZIP file: the same run makes the same bytes. */
const DATE = 0x21;
/** File names are UTF-8. */
const UTF8 = 0x0800;

function entryOf(name: string, parts: readonly Uint8Array<ArrayBuffer>[], offset: number): Entry {
  return {
    name: new TextEncoder().encode(name),
    parts,
    size: parts.reduce((size, part) => size + part.length, 0),
    crc: crc32(parts),
    offset,
  };
}

function writeLocal(file: Uint8Array, view: DataView, { name, parts, size, crc, offset }: Entry): void {
  view.setUint32(offset, 0x0403_4b50, true);
  view.setUint16(offset + 4, 20, true);
  view.setUint16(offset + 6, UTF8, true);
  view.setUint16(offset + 12, DATE, true);
  view.setUint32(offset + 14, crc, true);
  view.setUint32(offset + 18, size, true);
  view.setUint32(offset + 22, size, true);
  view.setUint16(offset + 26, name.length, true);
  file.set(name, offset + LOCAL);
  let at = offset + LOCAL + name.length;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
}

function writeCentral(file: Uint8Array, view: DataView, entry: Entry, at: number): number {
  const { name, size, crc, offset } = entry;
  view.setUint32(at, 0x0201_4b50, true);
  view.setUint16(at + 4, 20, true);
  view.setUint16(at + 6, 20, true);
  view.setUint16(at + 8, UTF8, true);
  view.setUint16(at + 14, DATE, true);
  view.setUint32(at + 16, crc, true);
  view.setUint32(at + 20, size, true);
  view.setUint32(at + 24, size, true);
  view.setUint16(at + 28, name.length, true);
  view.setUint32(at + 42, offset, true);
  file.set(name, at + CENTRAL);
  return at + CENTRAL + name.length;
}

function tensorParts({ type, dims, data }: Tensor): readonly Uint8Array<ArrayBuffer>[] {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return [header(descriptions[type], dims), bytes];
}

/** Strings of equal width in UTF-32, little-endian, padded with zeros: NumPy's `<U`. */
function textParts(text: string | readonly (readonly string[])[]): readonly Uint8Array<ArrayBuffer>[] {
  const single = typeof text === 'string';
  const rows: readonly (readonly string[])[] = single ? [[text]] : text;
  const columns = Math.max(0, ...rows.map(({ length }) => length));
  const letters = rows.map((row) => Array.from({ length: columns }, (_, column) => [...(row[column] ?? '')]));
  const width = Math.max(1, ...letters.flat().map(({ length }) => length));
  const data = new Uint32Array(rows.length * columns * width);
  letters.flat().forEach((word, index) =>
    word.forEach((letter, place) => {
      data[index * width + place] = letter.codePointAt(0) ?? 0;
    }),
  );
  const dims = single ? [] : [rows.length, columns];
  return [header(`<U${width}`, dims), new Uint8Array(data.buffer)];
}

/** Magic, version 1.0, and a Python dictionary padded with spaces so that the data is aligned. */
function header(description: string, dims: readonly number[]): Uint8Array<ArrayBuffer> {
  const shape = dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(', ')})`;
  const text = `{'descr': '${description}', 'fortran_order': False, 'shape': ${shape}, }`;
  const length = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(length).fill(0x20);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0]);
  new DataView(bytes.buffer).setUint16(8, length - 10, true);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[length - 1] = 0x0a;
  return bytes;
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) {
    value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
  }
  return value;
});

/** The checksum of ISO 3309, as ZIP files have it. */
function crc32(parts: readonly Uint8Array[]): number {
  let crc = 0xffff_ffff;
  for (const part of parts) {
    for (let index = 0; index < part.length; index++) {
      crc = table[(crc ^ part[index]) & 0xff] ^ (crc >>> 8);
    }
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
