// Graphs of old operator sets compute the same after their conversion to set 18; what has no counterpart is named.
import { describe, expect, it } from 'vitest';
import { CANONICAL_OPSET, canonicalOpset, opsetOf } from '../../../src/gradient/canonicalOpset';
import { editModel } from '../../../src/onnx/editModel';
import {
  branch,
  boolTensor,
  buildModel,
  float,
  floatTensor,
  graphOf,
  int,
  ints,
  node,
  untyped,
  value,
} from '../../../src/onnx/graphBuilder';
import { ElementType, type OnnxModel, type OnnxNode } from '../../../src/onnx/model';
import { noise } from '../probe/runModel';
import { runOnce } from './runner';

const x = { dims: [2, 3, 4], values: noise(24, 1) };

function modelOf(nodes: readonly OnnxNode[], outputs: readonly string[], opset: number): OnnxModel {
  return buildModel(
    {
      nodes,
      inputs: [value('x', ElementType.float32, ['a', 'b', 4])],
      outputs: outputs.map(untyped),
      initializers: [boolTensor('yes', [], [true]), floatTensor('one', [], [1])],
    },
    { opset },
  );
}

/** Nodes as sets 11 and 12 have them, with their results. */
const OLD: readonly (readonly [title: string, nodes: readonly OnnxNode[], outputs?: readonly string[]])[] = [
  ...['Sum', 'Mean', 'Max', 'Min', 'L1', 'L2', 'Prod', 'LogSumExp', 'SumSquare'].map(
    (kind) =>
      [
        `Reduce${kind}`,
        [node(`Reduce${kind}`, ['x'], ['y'], { axes: ints([0, -1]), keepdims: int(0) })],
      ] as const,
  ),
  ['ReduceSum over all axes', [node('ReduceSum', ['x'], ['y'])]],
  [
    'Unsqueeze and Squeeze',
    [
      node('Unsqueeze', ['x'], ['u'], { axes: ints([0, 2]) }),
      node('Squeeze', ['u'], ['y'], { axes: ints([0]) }),
    ],
  ],
  [
    'Squeeze of whatever is 1',
    [node('Unsqueeze', ['x'], ['u'], { axes: ints([0]) }), node('Squeeze', ['u'], ['y'])],
  ],
  ['Split by sizes', [node('Split', ['x'], ['y', 'z'], { axis: int(2), split: ints([1, 3]) })], ['y', 'z']],
  ['Split evenly', [node('Split', ['x'], ['y', 'z'], { axis: int(-1) })], ['y', 'z']],
  ['Softmax of all axes from 1 on', [node('Softmax', ['x'], ['y'])]],
  ['Softmax of all axes from 0 on', [node('Softmax', ['x'], ['y'], { axis: int(0) })]],
  ['Softmax of the last axis', [node('Softmax', ['x'], ['y'], { axis: int(-1) })]],
  ['LogSoftmax', [node('LogSoftmax', ['x'], ['y'], { axis: int(1) })]],
  ['Clip', [node('Clip', ['x', '', 'one'], ['y'])]],
];

describe('canonicalOpset', () => {
  for (const [title, nodes, outputs = ['y']] of OLD) {
    it(`computes the same: ${title}`, async () => {
      const old = modelOf(nodes, outputs, 11);
      const canonical = canonicalOpset(old);
      expect(opsetOf(canonical)).toBe(CANONICAL_OPSET);
      const written = editModel(canonical, []);
      expect(written.opsets['']).toBe(CANONICAL_OPSET);
      expect(await runOnce(written.bytes, { x })).toEqual(await runOnce(old.bytes, { x }));
    });
  }

  it('drops the ratio of a Dropout that does not train', async () => {
    const old = modelOf([node('Dropout', ['x'], ['y'], { ratio: float(0.4) })], ['y'], 11);
    const { y } = await runOnce(editModel(canonicalOpset(old), []).bytes, { x });
    expect(y.values).toEqual(Array.from(x.values));
  });

  it('converts branches, too', async () => {
    const reduced = (op: string): ReturnType<typeof branch> =>
      branch(
        graphOf({ nodes: [node(op, ['x'], ['inner'], { axes: ints([1]) })], outputs: [value('inner')] }),
      );
    const choice = node('If', ['yes'], ['y'], {
      then_branch: reduced('ReduceMax'),
      else_branch: reduced('ReduceMin'),
    });
    const old = modelOf([choice], ['y'], 11);
    expect(await runOnce(editModel(canonicalOpset(old), []).bytes, { x })).toEqual(
      await runOnce(old.bytes, { x }),
    );
  });

  it('leaves later sets as they are', () => {
    for (const opset of [18, 20, 21]) {
      const model = modelOf([node('Exp', ['x'], ['y'])], ['y'], opset);
      expect(canonicalOpset(model)).toBe(model);
    }
  });

  it('names what it cannot convert', () => {
    const upsample = node('Upsample', ['x', 'one'], ['y'], {}, { name: 'twice as large' });
    expect(() => canonicalOpset(modelOf([upsample], ['y'], 11))).toThrow(/Upsample.*"twice as large"/);
    expect(() => canonicalOpset(modelOf([node('Exp', ['x'], ['y'])], ['y'], 9))).toThrow(
      /version 9.*opset 17/,
    );
  });
});
