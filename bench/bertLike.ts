// Builds a BERT-like model folder in code, with random weights: for measurements at lengths and sizes that no shipped model has.
import {
  buildModel,
  constant,
  floatTensor,
  int,
  ints,
  intTensor,
  float,
  node,
  value,
} from '../src/onnx/graphBuilder';
import type { Initializer, OnnxNode } from '../src/onnx/model';
import { ElementType } from '../src/onnx/model';
import type { ModelFiles } from '../src/shared/protocol';

/** Sizes of the model; `heads` must divide `width`. */
export interface BertShape {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly positions: number;
  readonly vocabulary: number;
}

/** Post-norm layers, learned positions, an additive padding mask; heads split by Reshape and Transpose. */
export function bertLike(shape: BertShape): Uint8Array<ArrayBuffer> {
  const { layers, heads, width, positions, vocabulary } = shape;
  const nodes: OnnxNode[] = [];
  const initializers: Initializer[] = [];
  let seed = 1;
  const weight = (name: string, ...dims: number[]): string => {
    const size = dims.reduce((a, b) => a * b, 1);
    const scale = dims.length > 1 ? 1 / Math.sqrt(dims[0]) : 0.02;
    initializers.push(floatTensor(name, dims, random(size, seed++, scale)));
    return name;
  };
  const op = (type: string, output: string, inputs: readonly string[], attributes = {}): string => {
    nodes.push(node(type, inputs, [output], attributes, { name: output }));
    return output;
  };
  initializers.push(
    intTensor('split', [4], [0, 0, heads, width / heads]),
    intTensor('join', [3], [0, 0, width]),
    intTensor('one', [1], [1]),
    intTensor('zero', [1], [0]),
    intTensor('maskAxes', [2], [1, 2]),
    floatTensor('1.0', [], [1]),
    floatTensor('lowest', [], [-1e9]),
    floatTensor('scale', [], [1 / Math.sqrt(width / heads)]),
    floatTensor('half', [], [0.5]),
    floatTensor('root2', [], [Math.SQRT2]),
    floatTensor('gain', [width], new Float32Array(width).fill(1)),
    floatTensor('bias', [width], new Float32Array(width)),
  );
  const norm = (name: string, input: string) =>
    op('LayerNormalization', name, [input, 'gain', 'bias'], { axis: int(-1), epsilon: float(1e-12) });
  const linear = (name: string, input: string, from: number, to: number) =>
    op('Add', name, [
      op('MatMul', `${name}.product`, [input, weight(`${name}.weight`, from, to)]),
      weight(`${name}.bias`, to),
    ]);

  op('Gather', 'words', [weight('embeddings', vocabulary, width), 'input_ids'], { axis: int(0) });
  op('Shape', 'shape', ['input_ids']);
  op('Slice', 'length', ['shape', 'one', intTensorName(initializers, 'two', 2)]);
  op('Slice', 'rows', [weight('positions', positions, width), 'zero', 'length', 'zero']);
  let x = norm('embedded', op('Add', 'sum', ['words', 'rows']));
  op('Cast', 'real', ['attention_mask'], { to: int(ElementType.float32) });
  op('Unsqueeze', 'realCells', ['real', 'maskAxes']);
  op('Mul', 'mask', [op('Sub', 'padded', ['1.0', 'realCells']), 'lowest']);
  for (let layer = 0; layer < layers; layer++) {
    const at = (name: string) => `layer.${layer}.${name}`;
    const head = (name: string, perm: readonly number[]) =>
      op(
        'Transpose',
        at(name),
        [op('Reshape', at(`${name}.split`), [linear(at(`${name}.linear`), x, width, width), 'split'])],
        {
          perm: ints(perm),
        },
      );
    const scores = op('MatMul', at('scores'), [head('query', [0, 2, 1, 3]), head('key', [0, 2, 3, 1])]);
    const masked = op('Add', at('masked'), [op('Mul', at('scaled'), [scores, 'scale']), 'mask']);
    const weights = op('Softmax', at('weights'), [masked], { axis: int(-1) });
    const context = op('MatMul', at('context'), [weights, head('value', [0, 2, 1, 3])]);
    const joined = op('Reshape', at('joined'), [
      op('Transpose', at('rows'), [context], { perm: ints([0, 2, 1, 3]) }),
      'join',
    ]);
    const attended = norm(
      at('norm1'),
      op('Add', at('residual1'), [x, linear(at('output'), joined, width, width)]),
    );
    const inner = linear(at('inner'), attended, width, 4 * width);
    const erf = op('Erf', at('erf'), [op('Div', at('erfInput'), [inner, 'root2'])]);
    const gelu = op('Mul', at('gelu'), [
      op('Mul', at('half'), [inner, 'half']),
      op('Add', at('erf1'), [erf, '1.0']),
    ]);
    x = norm(
      at('norm2'),
      op('Add', at('residual2'), [attended, linear(at('outer'), gelu, 4 * width, width)]),
    );
  }
  op('Identity', 'last_hidden_state', [x]);
  return buildModel(
    {
      nodes,
      initializers,
      inputs: ['input_ids', 'attention_mask'].map((name) =>
        value(name, ElementType.int64, ['batch_size', 'sequence_length']),
      ),
      outputs: [value('last_hidden_state', ElementType.float32, ['batch_size', 'sequence_length', width])],
    },
    { opset: 17 },
  ).bytes;
}

/** The model with a tokenizer that knows the words `w0`, `w1`, … */
export function bertLikeFolder(shape: BertShape): ModelFiles {
  const special = ['[UNK]', '[PAD]'];
  const words = Array.from({ length: shape.vocabulary - special.length }, (_, i) => `w${i}`);
  const tokenizer = {
    version: '1.0',
    added_tokens: special.map((content, id) => ({ id, content, special: true, normalized: false })),
    pre_tokenizer: { type: 'WhitespaceSplit' },
    model: {
      type: 'WordLevel',
      unk_token: '[UNK]',
      vocab: Object.fromEntries([...special, ...words].map((word, id) => [word, id])),
    },
  };
  const json = (content: unknown) => new TextEncoder().encode(JSON.stringify(content));
  return {
    'config.json': json({ model_type: 'bert', max_position_embeddings: shape.positions, pad_token_id: 1 }),
    'tokenizer.json': json(tokenizer),
    'tokenizer_config.json': json({ unk_token: '[UNK]', pad_token: '[PAD]' }),
    'onnx/model.onnx': bertLike(shape),
  };
}

/** A text of that many words of {@link bertLikeFolder}. */
export function bertLikeText(words: number): string {
  return Array.from({ length: words }, (_, i) => `w${(i * 37) % 500}`).join(' ');
}

function intTensorName(initializers: Initializer[], name: string, content: number): string {
  initializers.push(constant(name, ElementType.int64, [1], BigInt64Array.of(BigInt(content))));
  return name;
}

/** Numbers in [−scale, scale] from a linear congruential generator: the same in every run. */
function random(length: number, seed: number, scale: number): Float32Array<ArrayBuffer> {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale * 1.7;
  });
}
