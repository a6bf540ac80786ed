// Tensors in all the ways a file can store them, and external data.
import { describe, expect, it } from 'vitest';
import type { UserError } from '../../../src/shared/errors';
import { editModel } from '../../../src/onnx/editModel';
import { encodeModel } from '../../../src/onnx/encode';
import { externalFiles } from '../../../src/onnx/externalFiles';
import { buildModel, floatTensor, graphOf, node, tensor, untyped } from '../../../src/onnx/graphBuilder';
import { replaceInitializers } from '../../../src/onnx/graphEdits';
import { ElementType, type Initializer } from '../../../src/onnx/model';
import { readModel } from '../../../src/onnx/readModel';
import { readTensor } from '../../../src/onnx/readTensor';
import { floatsOf, intsOf, scalarOf } from '../../../src/onnx/tensorValues';
import { WireReader } from '../../../src/onnx/wireReader';
import { WireWriter } from '../../../src/onnx/wireWriter';

/** Reads a TensorProto with the given fields. */
function read(
  elementType: number,
  dims: readonly number[],
  fields: (writer: WireWriter) => void,
): Initializer {
  const writer = new WireWriter().ints(1, dims).int(2, elementType).string(8, 't');
  fields(writer);
  const bytes = writer.finish();
  return readTensor(new WireReader(bytes, 0, bytes.length));
}

describe('readTensor', () => {
  it('packs float_data, packed or one by one', () => {
    expect([...floatsOf(read(ElementType.float32, [3], (w) => w.floats(4, [1, -2, 0.5])))]).toEqual([
      1, -2, 0.5,
    ]);
    expect([...floatsOf(read(ElementType.float32, [2], (w) => w.float(4, 1).float(4, -2)))]).toEqual([1, -2]);
  });

  it('packs int64_data with negative numbers, packed or one by one', () => {
    const values = [-1, 2 ** 40, -(2 ** 53), 0];
    expect(intsOf(read(ElementType.int64, [4], (w) => w.ints(7, values)))).toEqual(values);
    expect(intsOf(read(ElementType.int64, [2], (w) => w.int(7, -5).int(7, 6)))).toEqual([-5, 6]);
  });

  it('packs int32_data for all types that are stored in it', () => {
    const packed = (type: number, values: number[]) => read(type, [values.length], (w) => w.ints(5, values));
    expect(intsOf(packed(ElementType.int32, [-7, 8]))).toEqual([-7, 8]);
    expect(intsOf(packed(ElementType.int16, [-7, 8]))).toEqual([-7, 8]);
    expect(intsOf(packed(ElementType.int8, [-7, 8]))).toEqual([-7, 8]);
    expect(intsOf(packed(ElementType.uint8, [200, 8]))).toEqual([200, 8]);
    expect(intsOf(packed(ElementType.uint16, [60000, 8]))).toEqual([60000, 8]);
    expect(intsOf(packed(ElementType.bool, [1, 0]))).toEqual([1, 0]);
    expect([...floatsOf(packed(ElementType.float16, [0x3c00, 0xc000]))]).toEqual([1, -2]);
    expect([...floatsOf(packed(ElementType.bfloat16, [0x3f80, 0xc000]))]).toEqual([1, -2]);
  });

  it('reads double_data and uint64_data', () => {
    const data = new Uint8Array(Float64Array.of(0.1, -3).buffer);
    expect([...floatsOf(read(ElementType.float64, [2], (w) => w.bytes(10, data)))]).toEqual([
      Math.fround(0.1),
      -3,
    ]);
    expect(intsOf(read(ElementType.uint64, [1], (w) => w.ints(11, [2 ** 50])))).toEqual([2 ** 50]);
    expect(intsOf(read(ElementType.uint32, [1], (w) => w.ints(11, [2 ** 32 - 1])))).toEqual([2 ** 32 - 1]);
  });

  it('reads scalars and empty tensors', () => {
    expect(scalarOf(read(ElementType.float32, [], (w) => w.floats(4, [0.5])))).toBe(0.5);
    expect(scalarOf(read(ElementType.int64, [1], (w) => w.ints(7, [-3])))).toBe(-3);
    expect(scalarOf(read(ElementType.int64, [2], (w) => w.ints(7, [-3, 4])))).toBeUndefined();
    expect(floatsOf(read(ElementType.float32, [2, 0], () => undefined))).toHaveLength(0);
  });

  it('copies only what is not aligned', () => {
    const buffer = new ArrayBuffer(16);
    const at = (offset: number): Initializer => ({
      ...floatTensor('w', [2], [0, 0]),
      raw: new Uint8Array(buffer, offset, 8),
    });
    expect(floatsOf(at(4)).buffer).toBe(buffer);
    expect(floatsOf(at(5)).buffer).not.toBe(buffer);
  });

  it.each([
    ['too few numbers', () => read(ElementType.float32, [3], (w) => w.floats(4, [1])), /4 bytes.*12/],
    ['too few integers', () => read(ElementType.int64, [3], (w) => w.ints(7, [1])), /1 numbers.*3/],
    ['no data', () => read(ElementType.float32, [3], () => undefined), /no data/],
    ['a negative dimension', () => read(ElementType.float32, [-3], () => undefined), /shape \[-3\]/],
    [
      'impossible dimensions',
      () => read(ElementType.float32, [2 ** 40, 2 ** 40], () => undefined),
      /dimensions/,
    ],
    ['data of another type', () => read(ElementType.int64, [1], (w) => w.floats(4, [1])), /matching data/],
    ['segments', () => read(ElementType.float32, [1], (w) => w.message(3, new WireWriter())), /segments/],
  ])('refuses a tensor with %s', (_, attempt, message) => {
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ code: 'modelCorrupt' }) as UserError);
  });

  it('keeps string tensors, although it does not decode them', () => {
    const strings = new WireWriter()
      .ints(1, [2])
      .int(2, ElementType.string)
      .string(6, 'a')
      .string(6, 'b')
      .string(8, 's');
    const bytes = strings.finish();
    const initializer = readTensor(new WireReader(bytes, 0, bytes.length));
    const model = buildModel({ nodes: [node('Constant', [], ['c'], { value: tensor(initializer) })] });
    const edited = editModel(model, [
      (graph) => ({ ...graph, nodes: graph.nodes.map((each) => ({ ...each })) }),
    ]);
    expect(String.fromCharCode(...edited.bytes)).toContain('2\x01a2\x01b');
    expect(() => floatsOf(initializer)).toThrow(/no numbers/);
  });
});

describe('external data', () => {
  const external = (name: string, location: string, offset: number): Initializer => ({
    ...floatTensor(name, [2], [0, 0]),
    raw: undefined,
    external: { location, offset, length: 8 },
  });
  const parts = { irVersion: 8, producer: '', opsets: { '': 18 } };
  const bytes = encodeModel({
    ...parts,
    graph: graphOf({
      initializers: [external('a', 'weights/data.bin', 4), external('b', 'weights/data.bin', 12)],
      nodes: [node('Constant', [], ['c'], { value: tensor(external('', 'more.bin', 0)) })],
      outputs: [untyped('a')],
    }),
  });
  const file = new Uint8Array(Float32Array.of(9, 1, 2, 3, 4).buffer);

  it('lists the files that are needed', () => {
    expect(externalFiles(readModel(bytes))).toEqual([
      { location: 'more.bin', bytes: 8 },
      { location: 'weights/data.bin', bytes: 20 },
    ]);
  });

  it('reads weights as views on the files that are given, also after an edit', () => {
    const model = readModel(bytes, new Map([['weights/data.bin', file]]));
    const edited = editModel(model, [replaceInitializers([floatTensor('b', [2], [7, 8])])]);
    expect(model.graph.initializers.map((each) => [...floatsOf(each)])).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(edited.graph.initializers.map((each) => [...floatsOf(each)])).toEqual([
      [1, 2],
      [7, 8],
    ]);
    expect(edited.graph.initializers[0]?.raw?.buffer).toBe(file.buffer);
    expect(edited.graph.initializers[0]?.external).toEqual({
      location: 'weights/data.bin',
      offset: 4,
      length: 8,
    });
  });

  it('says which file is missing or too short', () => {
    const [first] = readModel(bytes).graph.initializers;
    expect(() => first && floatsOf(first)).toThrow(/"a" stands in "weights\/data.bin", which is missing/);
    expect(() => readModel(bytes, new Map([['weights/data.bin', file.subarray(0, 16)]]))).toThrow(
      /"weights\/data.bin" ends before tensor "b"/,
    );
  });

  it.each(['/etc/passwd', '../secret', 'a/../../b', 'C:\\data', 'file:///x', ''])(
    'refuses the location "%s"',
    (location) => {
      const graph = graphOf({ initializers: [external('a', location, 0)] });
      expect(() => readModel(encodeModel({ ...parts, graph }))).toThrow(/names the data file/);
    },
  );
});
