// Look-ups and the order of nodes.
import { describe, expect, it } from 'vitest';
import {
  branch,
  floatTensor,
  graphOf,
  intTensor,
  node,
  tensor,
  untyped,
  value,
} from '../../../src/onnx/graphBuilder';
import { GraphIndex } from '../../../src/onnx/graphIndex';
import { ElementType } from '../../../src/onnx/model';
import { sortNodes } from '../../../src/onnx/sortNodes';

describe('GraphIndex', () => {
  const first = floatTensor('w', [1], [1]);
  const shape = intTensor('', [2], [0, -1]);
  const graph = graphOf({
    nodes: [
      node('Constant', [], ['shape'], { value: tensor(shape) }),
      node('Add', ['x', 'x'], ['twice']),
      node('Clip', ['twice', '', 'w'], ['y', '']),
    ],
    initializers: [first, floatTensor('w', [1], [2]), floatTensor('default', [1], [0])],
    inputs: [value('x', ElementType.float32, ['n']), value('default', ElementType.float32, [1])],
    outputs: [untyped('y')],
    valueInfo: [value('twice', ElementType.float32, ['n'])],
  });
  const index = new GraphIndex(graph);

  it('finds makers and readers', () => {
    expect(index.producer('twice')?.opType).toBe('Add');
    expect(index.producerIndex('y')).toBe(2);
    expect(index.producer('x')).toBeUndefined();
    expect(index.producerIndex('w')).toBe(-1);
    expect(index.consumers('x').map(({ index: at, input }) => [at, input])).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(index.consumers('w').map(({ input }) => input)).toEqual([2]);
    expect(index.consumers('')).toEqual([]);
    expect(index.producer('')).toBeUndefined();
  });

  it('finds constants; of two with one name the first counts, as in the runtime', () => {
    expect(index.initializer('w')).toBe(first);
    expect(index.constant('shape')).toBe(shape);
    expect(index.initializer('shape')).toBeUndefined();
  });

  it('tells inputs from weights that are listed as inputs', () => {
    expect(index.input('x')?.dims).toEqual(['n']);
    expect(index.input('default')).toBeUndefined();
    expect(index.isOutput('y')).toBe(true);
    expect(index.isOutput('x')).toBe(false);
    expect(index.value('twice')?.dims).toEqual(['n']);
    expect(['x', 'w', 'y', 'shape', 'z'].map((name) => index.has(name))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('sortNodes', () => {
  it('leaves a valid order alone', () => {
    const graph = graphOf({ nodes: [node('Neg', ['x'], ['b']), node('Abs', ['x'], ['a'])] });
    expect(sortNodes(graph)).toBe(graph);
  });

  it('moves what a node or its branch reads in front of it', () => {
    const inner = graphOf({ nodes: [node('Neg', ['late'], ['n'])], outputs: [untyped('n')] });
    const graph = graphOf({
      nodes: [
        node('If', ['c'], ['r'], { then_branch: branch(inner), else_branch: branch(inner) }),
        node('Abs', ['later'], ['late']),
        node('Exp', ['x'], ['later']),
      ],
    });
    expect(sortNodes(graph).nodes.map((each) => each.opType)).toEqual(['Exp', 'Abs', 'If']);
  });

  it('sorts a long chain that stands backwards', () => {
    const nodes = Array.from({ length: 20_000 }, (_, i) => node('Neg', [`t${i}`], [`t${i + 1}`])).reverse();
    expect(sortNodes(graphOf({ nodes })).nodes[0]?.inputs).toEqual(['t0']);
  });

  it('refuses a circle', () => {
    const nodes = [node('Neg', ['b'], ['a']), node('Abs', ['a'], ['b'])];
    expect(() => sortNodes(graphOf({ nodes }))).toThrow(/depends on its own result/);
  });
});
