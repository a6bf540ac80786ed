// Reading ONNX files: what was built comes back, and what is damaged is refused with its place.
import { describe, expect, it } from 'vitest';
import {
  boolTensor,
  branch,
  buildModel,
  float,
  floats,
  floatTensor,
  graphOf,
  halfTensor,
  int,
  ints,
  intTensor,
  node,
  tensor,
  text,
  texts,
  untyped,
  value,
} from '../../../src/onnx/graphBuilder';
import { ElementType } from '../../../src/onnx/model';
import { floatsOf, intsOf } from '../../../src/onnx/tensorValues';

describe('readModel', () => {
  it('reads back what was built', () => {
    const attributes = {
      axis: int(-1),
      big: int(2 ** 40 + 3),
      small: int(-(2 ** 63)),
      alpha: float(0.5),
      perm: ints([0, 2, -1, 3]),
      scales: floats([1, 0.25]),
      mode: text('nearest ☂'),
      names: texts(['a', '']),
      value: tensor(floatTensor('', [2], [1, 2])),
    };
    const built = buildModel(
      {
        name: 'main',
        nodes: [node('Odd', ['x', '', 'w'], ['y', 'z'], attributes, { name: 'n', domain: 'my.domain' })],
        initializers: [
          floatTensor('w', [2, 2], [1, -2, 3.5, 4]),
          halfTensor('h', [3], [1, -0.5, 65504]),
          intTensor('i', [2], [-1, 2 ** 40]),
          boolTensor('b', [], [true]),
        ],
        inputs: [value('x', ElementType.float32, ['batch', 3, undefined])],
        outputs: [untyped('y'), value('z', ElementType.int64, [])],
        valueInfo: [value('w', ElementType.float32)],
      },
      { opsets: { 'my.domain': 2 }, producer: 'test', irVersion: 9, opset: 20 },
    );
    expect({ ...built.opsets }).toEqual({ '': 20, 'my.domain': 2 });
    expect([built.irVersion, built.producer, built.graph.name]).toEqual([9, 'test', 'main']);
    const [read] = built.graph.nodes;
    expect(read).toMatchObject({ name: 'n', opType: 'Odd', domain: 'my.domain' });
    expect(read?.inputs).toEqual(['x', '', 'w']);
    expect(read?.outputs).toEqual(['y', 'z']);
    expect({ ...read?.attributes, value: undefined }).toEqual({ ...attributes, value: undefined });
    const inner = read?.attributes['value'];
    expect(inner?.type === 'tensor' && [...floatsOf(inner.value)]).toEqual([1, 2]);
    const [w, h, i, b] = built.graph.initializers;
    expect(w && [...floatsOf(w)]).toEqual([1, -2, 3.5, 4]);
    expect(h && [...floatsOf(h)]).toEqual([1, -0.5, 65504]);
    expect(i && intsOf(i)).toEqual([-1, 2 ** 40]);
    expect(b && intsOf(b)).toEqual([1]);
    expect(built.graph.inputs).toEqual([value('x', ElementType.float32, ['batch', 3, undefined])]);
    expect(built.graph.outputs).toEqual([untyped('y'), value('z', ElementType.int64, [])]);
    expect(built.graph.valueInfo).toEqual([value('w', ElementType.float32)]);
  });

  it('keeps weights as views on the file', () => {
    const built = buildModel({ initializers: [floatTensor('w', [4], [1, 2, 3, 4])] });
    expect(built.graph.initializers[0]?.raw?.buffer).toBe(built.bytes.buffer);
  });

  it('reads branches of control flow', () => {
    const inner = graphOf({ nodes: [node('Identity', ['x'], ['y'])], outputs: [untyped('y')] });
    const built = buildModel({
      nodes: [node('If', ['c'], ['r'], { then_branch: branch(inner), else_branch: branch(inner) })],
    });
    const read = built.graph.nodes[0]?.attributes['then_branch'];
    expect(read?.type === 'graph' && read.value.nodes[0]?.opType).toBe('Identity');
  });
});
