// A tiny graph with attention in both forms, plain and fused, on which a device must agree with WASM before it is trusted.
import { buildModel, float, floatTensor, int, ints, intTensor, node, value } from '../onnx/graphBuilder';
import { ElementType } from '../onnx/model';
import type { NamedTensors } from '../shared/tensor';

/** Long enough that the library picks the kernels it uses for real texts. */
const TOKENS = 64;
const HEADS = 4;
const HEAD_SIZE = 32;
const WIDTH = HEADS * HEAD_SIZE;

/** Numbers of either sign without a pattern that a wrong index could hide behind. */
function spread(length: number, seed: number, size: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, i) => size * Math.sin((i + 1) * 12.9898 + seed * 78.233));
}

/** The model: `x [1, 64, 128]` → `plain` and `fused`, both `[1, 64, 128]`. */
export function selfTestModel(): Uint8Array<ArrayBuffer> {
  const weights = ['q', 'k', 'v'].map((name, seed) =>
    floatTensor(`W${name}`, [WIDTH, WIDTH], spread(WIDTH * WIDTH, seed, 0.3)),
  );
  const projections = ['q', 'k', 'v'].flatMap((name) => [
    node('MatMul', ['x', `W${name}`], [name]),
    node('Reshape', [name, 'split'], [`${name}Split`]),
    // Keys become columns, ready to be multiplied from the right.
    node('Transpose', [`${name}Split`], [`${name}Heads`], {
      perm: ints(name === 'k' ? [0, 2, 3, 1] : [0, 2, 1, 3]),
    }),
  ]);
  const plain = [
    node('MatMul', ['qHeads', 'kHeads'], ['scores']),
    node('Mul', ['scores', 'scale'], ['scaled']),
    node('Softmax', ['scaled'], ['weights'], { axis: int(-1) }),
    node('MatMul', ['weights', 'vHeads'], ['context']),
    node('Transpose', ['context'], ['contextRows'], { perm: ints([0, 2, 1, 3]) }),
    node('Reshape', ['contextRows', 'join'], ['plain']),
  ];
  const fused = node(
    'MultiHeadAttention',
    ['q', 'k', 'v'],
    ['fused'],
    { num_heads: int(HEADS), scale: float(1 / Math.sqrt(HEAD_SIZE)) },
    { domain: 'com.microsoft' },
  );
  return buildModel(
    {
      nodes: [...projections, ...plain, fused],
      initializers: [
        ...weights,
        floatTensor('scale', [], [1 / Math.sqrt(HEAD_SIZE)]),
        intTensor('split', [4], [0, 0, HEADS, HEAD_SIZE]),
        intTensor('join', [3], [0, 0, WIDTH]),
      ],
      inputs: [value('x', ElementType.float32, [1, TOKENS, WIDTH])],
      outputs: [
        value('plain', ElementType.float32, [1, TOKENS, WIDTH]),
        value('fused', ElementType.float32, [1, TOKENS, WIDTH]),
      ],
    },
    { opset: 17, opsets: { 'com.microsoft': 1 } },
  ).bytes;
}

/** The input of {@link selfTestModel}. */
export function selfTestFeeds(): NamedTensors {
  return {
    x: { type: 'float32', dims: [1, TOKENS, WIDTH], data: spread(TOKENS * WIDTH, 3, 1) },
  };
}
