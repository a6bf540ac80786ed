// Reads a TensorProto: its data stay a view on the file, except numbers stored one by one, which are packed.
import { corruptAt } from './corrupt';
import { MAX_ELEMENTS, MAX_EXTERNAL_ENTRIES, MAX_NAME_BYTES, MAX_RANK } from './limits';
import { ElementType, elementBytes, type ExternalData, type ExternalFiles, type Initializer } from './model';
import { readFrom } from './source';
import { Wire, WireReader } from './wireReader';

/** Fields of TensorProto (onnx.proto3). */
const Field = {
  dims: 1,
  dataType: 2,
  segment: 3,
  floatData: 4,
  int32Data: 5,
  stringData: 6,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
  externalData: 13,
  dataLocation: 14,
} as const;

/** `TensorProto.DataLocation.EXTERNAL`. */
const EXTERNAL = 1;

/**
 * Reads one TensorProto.
 *
 * @throws UserError `modelCorrupt` when the data do not fit the dimensions.
 */
export function readTensor(message: WireReader, files?: ExternalFiles): Initializer {
  const start = message.offset;
  const dims: number[] = [];
  const entries: [key: string, value: string][] = [];
  let name = '';
  let elementType = 0;
  let raw: Uint8Array<ArrayBuffer> | undefined;
  let location = 0;
  let typed = 0;
  while (message.next()) {
    switch (message.field) {
      case Field.dims:
        message.ints(dims, 'the shape of a tensor', MAX_RANK);
        break;
      case Field.dataType:
        elementType = message.int('the type of a tensor');
        break;
      case Field.name:
        name = message.string('the name of a tensor', MAX_NAME_BYTES);
        break;
      case Field.rawData:
        raw = message.view('the data of a tensor');
        break;
      case Field.floatData:
      case Field.int32Data:
      case Field.int64Data:
      case Field.doubleData:
      case Field.uint64Data:
        typed = message.field;
        message.skip();
        break;
      case Field.externalData:
        if (entries.length >= MAX_EXTERNAL_ENTRIES) {
          throw corruptAt(
            message.offset,
            'a tensor has too many external data entries',
            `at most ${MAX_EXTERNAL_ENTRIES}`,
          );
        }
        entries.push(readEntry(message.message('external data')));
        break;
      case Field.dataLocation:
        location = message.int('the data location of a tensor');
        break;
      case Field.segment:
        throw corruptAt(message.fieldStart, `tensor "${name}" is stored in segments`, 'a whole tensor');
      default:
        message.skip();
    }
  }
  const size = byteSize(start, name, dims, elementType);
  let external: ExternalData | undefined;
  if (location === EXTERNAL) {
    external = externalData(start, name, entries, size);
    raw = fromFile(files, external, name);
  } else if (raw === undefined && typed !== 0) {
    raw = packTyped(new WireReader(message.bytes, start, message.end), typed, elementType, name, size);
  } else if (raw === undefined && size === 0) {
    raw = new Uint8Array(0);
  }
  if (raw !== undefined && size !== undefined && raw.length !== size) {
    throw corruptAt(
      start,
      `tensor "${name}" [${dims.join(', ')}] has ${raw.length} bytes of data`,
      `${size}`,
    );
  }
  if (raw === undefined && external === undefined && size !== undefined) {
    throw corruptAt(start, `tensor "${name}" [${dims.join(', ')}] has no data`, `${size} bytes`);
  }
  return readFrom({ name, elementType, dims, raw, external }, message.bytes.subarray(start, message.end));
}

/** Bytes the data must have; undefined for strings and unusual types. */
function byteSize(
  start: number,
  name: string,
  dims: readonly number[],
  elementType: number,
): number | undefined {
  let elements = 1;
  for (const dim of dims) {
    elements *= dim;
    if (dim < 0 || elements > MAX_ELEMENTS) {
      throw corruptAt(
        start,
        `tensor "${name}" has the shape [${dims.join(', ')}]`,
        'dimensions of 0 or more',
      );
    }
  }
  const width = elementBytes(elementType);
  return width === undefined ? undefined : elements * width;
}

/** One StringStringEntryProto. */
function readEntry(message: WireReader): [key: string, value: string] {
  const entry: [string, string] = ['', ''];
  while (message.next()) {
    if (message.field === 1) {
      entry[0] = message.string('a key of external data', MAX_NAME_BYTES);
    } else if (message.field === 2) {
      entry[1] = message.string('a value of external data', MAX_NAME_BYTES);
    } else {
      message.skip();
    }
  }
  return entry;
}

function externalData(
  start: number,
  name: string,
  entries: readonly (readonly [string, string])[],
  size: number | undefined,
): ExternalData {
  const values = new Map(entries);
  const location = (values.get('location') ?? '').replaceAll('\\', '/');
  const offset = Number(values.get('offset') ?? 0);
  const length = Number(values.get('length') ?? size ?? NaN);
  // A file name from a model must not lead out of the model's folder.
  if (location === '' || /^\/|^[a-z]+:|(^|\/)\.\.(\/|$)/i.test(location)) {
    throw corruptAt(
      start,
      `tensor "${name}" names the data file "${location}"`,
      "a path inside the model's folder",
    );
  }
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
    throw corruptAt(
      start,
      `tensor "${name}" has an impossible place in "${location}"`,
      'an offset and a length',
    );
  }
  if (size !== undefined && length !== size) {
    throw corruptAt(start, `tensor "${name}" has ${length} bytes in "${location}"`, `${size}`);
  }
  return { location, offset, length };
}

/** The view on an external file, undefined when that file was not given. */
function fromFile(
  files: ExternalFiles | undefined,
  { location, offset, length }: ExternalData,
  name: string,
): Uint8Array<ArrayBuffer> | undefined {
  const file = files?.get(location);
  if (file && offset + length > file.length) {
    throw corruptAt(
      file.length,
      `the data file "${location}" ends before tensor "${name}"`,
      `at least ${offset + length} bytes`,
    );
  }
  return file?.subarray(offset, offset + length);
}

/**
 * Packs the numbers of `float_data`, `int32_data`, … into the little-endian layout of `raw_data`. Counts before it
 * allocates, so that memory follows the bytes that are there.
 */
function packTyped(
  message: WireReader,
  field: number,
  elementType: number,
  name: string,
  size: number | undefined,
): Uint8Array<ArrayBuffer> {
  const { bytes, offset: start, end } = message;
  const width = elementBytes(elementType);
  if (width === undefined || size === undefined) {
    throw corruptAt(start, `tensor "${name}" has element type ${elementType}`, 'a number type');
  }
  if (field === Field.floatData || field === Field.doubleData) {
    return joinFixed(message, field, elementType, name);
  }
  const what = `the data of "${name}"`;
  let count = 0;
  while (message.next()) {
    if (message.field === field) {
      message.eachVarint(what, () => count++);
    } else {
      message.skip();
    }
  }
  if (count * width !== size) {
    throw corruptAt(start, `tensor "${name}" has ${count} numbers`, `${size / width}`);
  }
  const packed = new Uint8Array(size);
  const data = new DataView(packed.buffer);
  const again = new WireReader(bytes, start, end);
  let at = 0;
  while (again.next()) {
    if (again.field !== field) {
      again.skip();
      continue;
    }
    again.eachVarint(what, (low, high) => {
      writeInteger(data, at, width, low, high);
      at += width;
    });
  }
  return packed;
}

function writeInteger(data: DataView, at: number, width: number, low: number, high: number): void {
  switch (width) {
    case 1:
      data.setUint8(at, low & 0xff);
      return;
    case 2:
      data.setUint16(at, low & 0xffff, true);
      return;
    case 8:
      data.setUint32(at + 4, high, true);
      data.setUint32(at, low, true);
      return;
    default:
      data.setUint32(at, low, true);
  }
}

/** `float_data` and `double_data` are little-endian already: a view when packed in one piece, else joined. */
function joinFixed(
  message: WireReader,
  field: number,
  elementType: number,
  name: string,
): Uint8Array<ArrayBuffer> {
  const start = message.offset;
  const wanted = field === Field.floatData ? ElementType.float32 : ElementType.float64;
  if (elementType !== wanted) {
    throw corruptAt(
      start,
      `tensor "${name}" of type ${elementType} has data of type ${wanted}`,
      'matching data',
    );
  }
  const loose = field === Field.floatData ? Wire.fixed32 : Wire.fixed64;
  const body = new WireReader(message.bytes, start, message.end);
  let total = 0;
  let pieces = 0;
  let view = message.bytes.subarray(start, start);
  while (message.next()) {
    if (message.field !== field) {
      message.skip();
      continue;
    }
    view = message.wire === loose ? message.fixed() : message.view(`the data of "${name}"`);
    total += view.length;
    pieces++;
  }
  if (pieces === 1) {
    return view;
  }
  const joined = new Uint8Array(total);
  let at = 0;
  while (body.next()) {
    if (body.field !== field) {
      body.skip();
      continue;
    }
    const piece = body.wire === loose ? body.fixed() : body.view(`the data of "${name}"`);
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
