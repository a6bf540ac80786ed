// Property: any graph built in code comes back from its file, and writing what was read changes nothing.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { editModel } from '../../../src/onnx/editModel';
import { buildModel, constant, floatTensor, node, tensor } from '../../../src/onnx/graphBuilder';
import type { Attributes, AttributeValue, OnnxNode, ValueInfo } from '../../../src/onnx/model';

const name = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'grapheme', maxLength: 200 }));
const integer = fc.oneof(fc.integer(), fc.maxSafeInteger());
const float32 = fc.float({ noNaN: true });
const attribute: fc.Arbitrary<AttributeValue> = fc.oneof(
  integer.map((value): AttributeValue => ({ type: 'int', value })),
  float32.map((value): AttributeValue => ({ type: 'float', value })),
  fc.string().map((value): AttributeValue => ({ type: 'string', value })),
  fc.array(integer, { maxLength: 5 }).map((value): AttributeValue => ({ type: 'ints', value })),
  fc.array(float32, { maxLength: 5 }).map((value): AttributeValue => ({ type: 'floats', value })),
  fc.array(name, { maxLength: 4 }).map((value): AttributeValue => ({ type: 'strings', value })),
  fc.array(float32, { maxLength: 5 }).map((values) => tensor(floatTensor('', [values.length], values))),
);
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(name, attribute, {
  maxKeys: 4,
  noNullPrototype: true,
});
const nodes: fc.Arbitrary<OnnxNode[]> = fc.array(
  fc
    .tuple(
      fc.string({ minLength: 1 }),
      fc.array(name, { maxLength: 4 }),
      fc.array(name, { maxLength: 3 }),
      attributes,
    )
    // No node reads another one's result: the order of nodes is then free and kept.
    .map(([opType, inputs, outputs, all]) =>
      node(
        opType,
        inputs.map((each) => each && `in ${each}`),
        outputs.map((each) => each && `out ${each}`),
        all,
      ),
    ),
  { maxLength: 6 },
);
const dimension = fc.oneof(fc.nat(), fc.string({ minLength: 1 }), fc.constant(undefined));
const values: fc.Arbitrary<ValueInfo[]> = fc.array(
  fc.record({
    name,
    elementType: fc.integer({ min: 1, max: 30 }),
    dims: fc.option(fc.array(dimension), { nil: undefined }),
  }),
  { maxLength: 4 },
);
const initializers = fc.array(
  fc
    .tuple(name, fc.uint8Array({ maxLength: 3000 }))
    .map(([label, data]) => constant(label, 2, [data.length], data)),
  { maxLength: 4 },
);

/** Without the identity of objects and buffers: `raw` views compare by content. */
const plain = (item: unknown): unknown =>
  JSON.parse(
    JSON.stringify(item, (_, part: unknown) =>
      part instanceof Uint8Array ? Array.from(part) : part === undefined ? null : part,
    ),
  );

it('reads back any graph, and copies it unchanged', () => {
  fc.assert(
    fc.property(
      fc.record({ name, nodes, initializers, inputs: values, outputs: values, valueInfo: values }),
      (graph) => {
        const { graph: read, ...model } = buildModel(graph);
        expect(plain({ ...read, rest: null })).toEqual(plain({ ...graph, rest: null }));
        const edited = editModel({ graph: read, ...model }, [(same) => ({ ...same })]);
        expect(plain(edited.graph)).toEqual(plain(read));
      },
    ),
    { numRuns: 200 },
  );
});
