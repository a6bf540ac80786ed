// Edited graphs run in the runtime and compute what the edit says.
import { describe, expect, it } from 'vitest';
import { appendToGraph } from '../../../src/onnx/appendToGraph';
import { editModel } from '../../../src/onnx/editModel';
import {
  branch,
  buildModel,
  floatTensor,
  graphOf,
  ints,
  intTensor,
  node,
  untyped,
  value,
} from '../../../src/onnx/graphBuilder';
import {
  add,
  dropInputs,
  dropOutputs,
  dropUnused,
  keepOutputs,
  renameTensors,
  replaceInitializers,
  replaceNodes,
  rewire,
  weightsToInputs,
} from '../../../src/onnx/graphEdits';
import { GraphIndex } from '../../../src/onnx/graphIndex';
import { ifNodes, liftBranch, type BranchName } from '../../../src/onnx/liftBranch';
import { ElementType, type OnnxModel } from '../../../src/onnx/model';
import { readModel } from '../../../src/onnx/readModel';
import { floatsOf } from '../../../src/onnx/tensorValues';
import { runModel } from './runModel';

/** y = relu(x + w) · s and negative = −(x + w), with w = [1, −5] and s = 10. */
function chain(): OnnxModel {
  return buildModel({
    nodes: [
      node('Add', ['x', 'w'], ['sum']),
      node('Relu', ['sum'], ['active']),
      node('Mul', ['active', 's'], ['y']),
      node('Neg', ['sum'], ['negative']),
    ],
    initializers: [floatTensor('w', [2], [1, -5]), floatTensor('s', [], [10])],
    inputs: [value('x', ElementType.float32, [2])],
    outputs: [value('y', ElementType.float32, [2]), value('negative', ElementType.float32, [2])],
  });
}

const x = { dims: [2], values: [1, 2] };

describe('appendToGraph', () => {
  it('adds outputs, nodes, initializers and inputs without touching the file', async () => {
    const model = chain();
    const bytes = appendToGraph(model, {
      nodes: [node('Mul', ['sum', 'factor'], ['scaled']), node('Add', ['scaled', 'more'], ['shifted'])],
      initializers: [floatTensor('factor', [], [100])],
      inputs: [value('more', ElementType.float32, [2])],
      outputs: [untyped('sum'), untyped('y'), value('shifted', ElementType.float32, [2])],
    });
    expect(bytes.subarray(0, model.bytes.length)).toEqual(model.bytes);
    expect(readModel(bytes).graph.nodes.map((each) => each.opType)).toEqual([
      'Add',
      'Relu',
      'Mul',
      'Neg',
      'Mul',
      'Add',
    ]);
    expect(await runModel(bytes, { x, more: { dims: [2], values: [1, 2] } })).toEqual({
      y: [20, 0],
      negative: [-2, 3],
      sum: [2, -3],
      shifted: [201, -298],
    });
  });

  it('imports an operator set only when it is new', async () => {
    const bytes = appendToGraph(chain(), {
      nodes: [node('FastGelu', ['sum'], ['g'], {}, { domain: 'com.microsoft' })],
      outputs: [untyped('g')],
      opsets: { '': 7, 'com.microsoft': 1 },
    });
    expect({ ...readModel(bytes).opsets }).toEqual({ '': 18, 'com.microsoft': 1 });
    expect((await runModel(bytes, { x }))['g']?.[0]).toBeCloseTo(1.954, 2);
  });

  it('exposes inputs, initializers and a weight that feeds nothing else', async () => {
    const bytes = appendToGraph(chain(), { outputs: [untyped('w'), untyped('x')] });
    expect(await runModel(bytes, { x })).toMatchObject({ w: [1, -5], x: [1, 2] });
  });

  it('refuses an initializer that would be ignored', () => {
    expect(() => appendToGraph(chain(), { initializers: [floatTensor('w', [2], [0, 0])] })).toThrow(
      /"w" already/,
    );
  });
});

describe('editModel', () => {
  it('changes nothing when no edit is given', async () => {
    const model = chain();
    const edited = editModel(model, []);
    expect(edited.graph).toEqual(model.graph);
    expect(await runModel(edited.bytes, { x })).toEqual(await runModel(model.bytes, { x }));
  });

  it('turns weights into inputs', async () => {
    const edited = editModel(chain(), [weightsToInputs(['w'])]);
    expect(edited.graph.inputs.at(-1)).toEqual(value('w', ElementType.float32, [2]));
    const w = { dims: [2], values: [10, 20] };
    expect((await runModel(edited.bytes, { x, w }))['y']).toEqual([110, 220]);
  });

  it('replaces the data of a weight', async () => {
    const edited = editModel(chain(), [replaceInitializers([floatTensor('w', [2], [0, 1])])]);
    expect((await runModel(edited.bytes, { x }))['y']).toEqual([10, 30]);
  });

  it('puts a node between a tensor and some of its readers, and sorts', async () => {
    const edited = editModel(chain(), [
      rewire('sum', 'louder', (reader) => reader.opType === 'Relu'),
      add({ nodes: [node('Add', ['sum', 'sum'], ['louder'])], outputs: [untyped('louder')] }),
    ]);
    expect(edited.graph.nodes.map((each) => each.outputs[0])).toEqual([
      'sum',
      'louder',
      'active',
      'y',
      'negative',
    ]);
    expect(await runModel(edited.bytes, { x })).toEqual({ y: [40, 0], negative: [-2, 3], louder: [4, -6] });
  });

  it('replaces and removes nodes', async () => {
    const model = chain();
    const [, relu, , negative] = model.graph.nodes;
    if (!relu || !negative) {
      throw new Error('The chain has four nodes.');
    }
    const edited = editModel(model, [
      replaceNodes(
        new Map([
          [relu, [node('Identity', ['sum'], ['active'])]],
          [negative, []],
        ]),
      ),
      dropOutputs(['negative']),
    ]);
    expect(await runModel(edited.bytes, { x })).toEqual({ y: [20, -30] });
    expect(() => editModel(edited, [replaceNodes(new Map([[relu, []]]))])).toThrow(/not in the graph/);
  });

  it('renames outputs and inputs wherever they are used', async () => {
    const edited = editModel(chain(), [
      renameTensors(
        new Map([
          ['y', 'logits'],
          ['x', 'in'],
          ['w', 'bias'],
        ]),
      ),
    ]);
    expect(await runModel(edited.bytes, { in: x })).toEqual({ logits: [20, 0], negative: [-2, 3] });
  });

  it('drops what no output needs', async () => {
    const edited = editModel(chain(), [keepOutputs(['negative']), dropUnused()]);
    expect(edited.graph.nodes.map((each) => each.opType)).toEqual(['Add', 'Neg']);
    expect(edited.graph.initializers.map((each) => each.name)).toEqual(['w']);
    expect(await runModel(edited.bytes, { x })).toEqual({ negative: [-2, 3] });
  });

  it('says what an edit could not find', () => {
    expect(() => editModel(chain(), [weightsToInputs(['nothing'])])).toThrow(/no initializer named nothing/);
    expect(() => editModel(chain(), [keepOutputs(['w'])])).toThrow(/no output named w/);
    expect(() => editModel(chain(), [add({ nodes: [node('Add', ['a', 'x'], ['a'])] })])).toThrow(
      /its own result/,
    );
  });

  it('writes large weights aligned, so that they are read without a copy', () => {
    const names = ['a', 'ab', 'abc', 'abcd', 'abcde'];
    const weights = names.map((name) =>
      floatTensor(
        name,
        [300],
        Float32Array.from({ length: 300 }, (_, i) => i),
      ),
    );
    const once = buildModel({ initializers: weights });
    const twice = editModel(once, [(graph) => ({ ...graph, name: 'moved' })]);
    for (const initializer of [...once.graph.initializers, ...twice.graph.initializers]) {
      const floats = floatsOf(initializer);
      expect(floats.buffer).toBe(initializer.raw?.buffer);
      expect(floats[299]).toBe(299);
    }
  });

  it('keeps fields it does not know', () => {
    const model = chain();
    // Field 14 of the model (metadata_props) with { key: "k", value: "v" }.
    const metadata = Uint8Array.of(14 * 8 + 2, 6, 10, 1, 107, 18, 1, 118);
    const bytes = new Uint8Array([...model.bytes, ...metadata]);
    const edited = editModel(readModel(bytes), [dropOutputs(['negative'])]);
    expect(edited.rest).toEqual([metadata]);
  });
});

describe('liftBranch', () => {
  /**
   * if c: y = (x + w) · k and z = y, else: y = −x and z = −2x; then last = |x| + y. Both branches call a tensor `t`, and one calls
   * a tensor `hidden`, which may be the name of |x| too.
   */
  function merged({ absolute = 'absolute', second = 'u' } = {}): OnnxModel {
    const then = graphOf({
      nodes: [
        node('Add', ['x', 'w'], ['hidden']),
        node('Mul', ['hidden', 'k'], ['t']),
        node('Identity', ['t'], ['out']),
      ],
      initializers: [floatTensor('k', [], [3])],
      outputs: [value('out', ElementType.float32, [2]), value('t', ElementType.float32, [2])],
    });
    const otherwise = graphOf({
      nodes: [node('Neg', ['x'], ['t']), node('Add', ['t', 't'], ['u'])],
      outputs: [value('t', ElementType.float32, [2]), value(second, ElementType.float32, [2])],
    });
    return buildModel({
      nodes: [
        node('Abs', ['x'], [absolute]),
        node('If', ['c'], ['y', 'z'], { then_branch: branch(then), else_branch: branch(otherwise) }),
        node('Add', [absolute, 'y'], ['last']),
      ],
      initializers: [floatTensor('w', [2], [1, -5])],
      inputs: [value('x', ElementType.float32, [2]), value('c', ElementType.bool, [1])],
      outputs: ['y', 'z', 'last'].map((name) => value(name, ElementType.float32, [2])),
    });
  }

  const values = { dims: [2], values: [1, -2] };

  /** The model with one branch in place of its If, and without the condition. */
  function lift(model: OnnxModel, name: BranchName): OnnxModel {
    const [chosen] = ifNodes(model.graph);
    if (!chosen) {
      throw new Error('The model has an If.');
    }
    const lifted = editModel(model, [liftBranch(chosen, name), dropUnused(), dropInputs(['c'])]);
    expect(ifNodes(lifted.graph)).toEqual([]);
    return lifted;
  }

  it.each([
    ['then_branch', true, { y: [6, -21], z: [6, -21], last: [7, -19] }],
    ['else_branch', false, { y: [-1, 2], z: [-2, 4], last: [0, 4] }],
  ] as const)('gives the results of the %s', async (name, condition, expected) => {
    const model = merged();
    expect(await runModel(model.bytes, { x: values, c: { dims: [1], values: [condition] } })).toEqual(
      expected,
    );
    expect(await runModel(lift(model, name).bytes, { x: values })).toEqual(expected);
  });

  it('renames tensors of the branch whose names are taken', async () => {
    const lifted = lift(merged({ absolute: 'hidden' }), 'then_branch');
    expect(lifted.graph.nodes.flatMap((each) => each.outputs)).toContain('hidden_2');
    expect(await runModel(lifted.bytes, { x: values })).toMatchObject({ last: [7, -19] });
  });

  it('copies a result that the branch gives twice', async () => {
    // Not compared with the If itself: the runtime returns rubbish for a branch that names one tensor twice.
    const lifted = lift(merged({ second: 't' }), 'else_branch');
    expect(await runModel(lifted.bytes, { x: values })).toEqual({ y: [-1, 2], z: [-1, 2], last: [0, 4] });
  });

  it('finds what a branch reads from outside', () => {
    const index = new GraphIndex(merged().graph);
    expect(index.consumers('w').map((use) => [use.node.opType, use.input])).toEqual([['If', -1]]);
    expect(index.consumers('x').map((use) => use.node.opType)).toEqual(['Abs', 'If']);
  });

  it('rewires readers inside branches', async () => {
    const edited = editModel(merged(), [
      rewire('w', 'v'),
      add({ initializers: [floatTensor('v', [2], [0, 0])] }),
      renameTensors(new Map([['absolute', 'outside']])),
    ]);
    const feeds = { x: { dims: [2], values: [1, -2] }, c: { dims: [1], values: [true] } };
    expect((await runModel(edited.bytes, feeds))['y']).toEqual([3, -6]);
  });
});

it('writes the ends of the int64 range, which mean "to the end" in Slice', async () => {
  const edited = editModel(
    buildModel({
      nodes: [
        node('Constant', [], ['end'], { value_ints: ints([2 ** 63]) }),
        node('Slice', ['x', 'start', 'end'], ['y']),
      ],
      initializers: [intTensor('start', [1], [1])],
      inputs: [value('x', ElementType.float32, [2])],
      outputs: [untyped('y')],
    }),
    [(graph) => ({ ...graph, nodes: graph.nodes.map((each) => ({ ...each })) })],
  );
  expect(await runModel(edited.bytes, { x })).toEqual({ y: [2] });
});
