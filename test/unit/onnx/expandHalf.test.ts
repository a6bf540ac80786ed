// Files with 16-bit weights and Casts become plain float32 files that compute the same.
import { describe, expect, it } from 'vitest';
import { editModel } from '../../../src/onnx/editModel';
import { expandHalf } from '../../../src/onnx/expandHalf';
import {
  buildModel,
  constant,
  floatTensor,
  halfTensor,
  int,
  node,
  untyped,
  value,
} from '../../../src/onnx/graphBuilder';
import { ElementType, type OnnxModel } from '../../../src/onnx/model';
import { floatsOf } from '../../../src/onnx/tensorValues';
import { runModel } from './runModel';

const toFloat = { to: int(ElementType.float32) };
const x = { dims: [1, 2], values: [1, 2] };

/** y = x·W + b with W cast once and b cast twice; `kept` is also read as a half. */
function halfModel(): OnnxModel {
  return buildModel({
    nodes: [
      node('Cast', ['W_half'], ['W'], toFloat),
      node('Cast', ['b_half'], ['b'], toFloat),
      node('Cast', ['b_half'], ['b_again'], toFloat),
      node('Cast', ['kept_half'], ['kept'], toFloat),
      node('Neg', ['kept_half'], ['kept_negative']),
      node('MatMul', ['x', 'W'], ['product']),
      node('Add', ['product', 'b'], ['sum']),
      node('Add', ['sum', 'b_again'], ['sum_again']),
      node('Mul', ['sum_again', 'kept'], ['y']),
    ],
    initializers: [
      halfTensor('W_half', [2, 3], [1, 2, 3, -4, 0.1, 6e-6]),
      halfTensor('b_half', [3], [0.5, 0.25, 65504]),
      halfTensor('kept_half', [], [2]),
    ],
    inputs: [value('x', ElementType.float32, [1, 2])],
    outputs: [untyped('y'), untyped('kept_negative')],
    valueInfo: [value('b', ElementType.float32, [3]), value('b_again', ElementType.float32, [3])],
  });
}

describe('expandHalf', () => {
  it('replaces Casts of weights by float32 weights under the names the graph reads', async () => {
    const model = halfModel();
    const expanded = expandHalf(model);
    expect(expanded.graph.initializers.map((each) => [each.name, each.elementType])).toEqual([
      ['W', ElementType.float32],
      ['b', ElementType.float32],
      ['kept_half', ElementType.float16],
    ]);
    expect(expanded.graph.nodes.map((each) => each.opType)).toEqual([
      'Cast',
      'Neg',
      'MatMul',
      'Add',
      'Add',
      'Mul',
    ]);
    const { y } = await runModel(expanded.bytes, { x });
    expect(y).toEqual((await runModel(model.bytes, { x }))['y']);
    expect(y?.[0]).toBe((1 - 8 + 1) * 2);
  });

  it('leaves a model without such weights as it is', () => {
    const model = buildModel({ initializers: [floatTensor('w', [1], [1])] });
    expect(expandHalf(model)).toBe(model);
  });

  it('leaves weights that are outputs, or whose float32 form is one', () => {
    const model = buildModel({
      nodes: [node('Cast', ['w'], ['W'], toFloat), node('Cast', ['v'], ['V'], toFloat)],
      initializers: [halfTensor('w', [1], [1]), halfTensor('v', [1], [1])],
      outputs: [untyped('W'), untyped('v')],
    });
    expect(expandHalf(model)).toBe(model);
  });

  it('converts where the new data cannot lie aligned, and more than one block of them', () => {
    const count = 40_001;
    const halves = Uint16Array.from({ length: count }, (_, i) => i % 0x7c00);
    const bfloats = Uint16Array.from({ length: count }, (_, i) => i % 0x7f80);
    const model = buildModel({
      nodes: [node('Cast', ['h'], ['H'], toFloat), node('Cast', ['b'], ['B'], toFloat)],
      initializers: [
        constant('h', ElementType.float16, [count], halves),
        constant('b', ElementType.bfloat16, [count], bfloats),
      ],
    });
    const expected = model.graph.initializers.map(floatsOf);
    const expanded = expandHalf(model).graph.initializers;
    expect(expanded.map(floatsOf)).toEqual(expected);
    expect(expanded.every((each) => (each.raw?.byteOffset ?? 1) % 4 === 0)).toBe(true);
    expect(expected[0]?.[0x3c00]).toBe(1);
    expect(expected[1]?.[0x3f80]).toBe(1);
  });

  it('can be edited further', async () => {
    const edited = editModel(expandHalf(halfModel()), [(graph) => ({ ...graph, name: 'again' })]);
    expect((await runModel(edited.bytes, { x }))['y']?.[0]).toBe(-12);
  });
});
