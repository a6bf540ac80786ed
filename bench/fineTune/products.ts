// The products with weights of one training step of a Marian model and nothing else: what both runtimes' bare GEMM is measured on.
import { buildModel, constant, int, intTensor, node, untyped } from '../../src/onnx/graphBuilder';
import { ElementType, type Initializer, type OnnxNode } from '../../src/onnx/model';

/** `count` products x·W with x `[rows, inputs]`; each is followed backwards by g·Wᵀ and xᵀ·g. */
export interface Product {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly count: number;
  /** The embedding as output matrix lies as `[outputs, inputs]`. */
  readonly turned: boolean;
}

/** The fields of config.json that sizes follow from. */
export interface MarianSizes {
  readonly vocab_size: number;
  readonly d_model: number;
  readonly encoder_layers: number;
  readonly decoder_layers: number;
  readonly encoder_ffn_dim: number;
  readonly decoder_ffn_dim: number;
}

/** @param source, target Padded tokens of the batch on either side. */
export function productsOf(sizes: MarianSizes, source: number, target: number): readonly Product[] {
  const { d_model: width, encoder_layers: encoder, decoder_layers: decoder } = sizes;
  const linear = (rows: number, inputs: number, outputs: number, count: number): Product => ({
    rows,
    inputs,
    outputs,
    count,
    turned: false,
  });
  return [
    // Queries, keys, values and output of the encoder; keys and values of the cross-attention.
    linear(source, width, width, 4 * encoder + 2 * decoder),
    linear(source, width, sizes.encoder_ffn_dim, encoder),
    linear(source, sizes.encoder_ffn_dim, width, encoder),
    // The decoder's own attention; queries and output of the cross-attention.
    linear(target, width, width, 6 * decoder),
    linear(target, width, sizes.decoder_ffn_dim, decoder),
    linear(target, sizes.decoder_ffn_dim, width, decoder),
    { ...linear(target, width, sizes.vocab_size, 1), turned: true },
  ];
}

/** Multiplications and additions of all products. */
export function flopsOf(products: readonly Product[]): number {
  return products.reduce(
    (sum, { rows, inputs, outputs, count }) => sum + 6 * count * rows * inputs * outputs,
    0,
  );
}

/**
 * A graph that computes the products, written as the gradient graph writes them. Operands are inputs with default values: as in
 * training, the runtime cannot pack them beforehand. Its output `corners` holds one number of each product.
 */
export function productsGraph(products: readonly Product[]): Uint8Array<ArrayBuffer> {
  const nodes: OnnxNode[] = [];
  const initializers: Initializer[] = [intTensor('from', [2], [0, 0]), intTensor('to', [2], [1, 1])];
  const operands: Initializer[] = [];
  const operand = (name: string, dims: readonly [number, number]): string => {
    const data = Float32Array.from({ length: dims[0] * dims[1] }, (_, i) => Math.sin(1.7 * i));
    operands.push(constant(name, ElementType.float32, dims, data));
    return name;
  };
  const corners: string[] = [];
  products.forEach(({ rows, inputs, outputs, count, turned }, at) => {
    const x = operand(`x.${at}`, [rows, inputs]);
    const w = operand(`w.${at}`, turned ? [outputs, inputs] : [inputs, outputs]);
    const g = operand(`g.${at}`, [rows, outputs]);
    for (let i = 0; i < count; i++) {
      const name = (what: string): string => `${what}.${at}.${i}`;
      nodes.push(
        turned ? node('Gemm', [x, w], [name('y')], { transB: int(1) }) : node('MatMul', [x, w], [name('y')]),
        node('Gemm', [g, w], [name('dx')], turned ? {} : { transB: int(1) }),
        turned
          ? node('Gemm', [g, x], [name('dw')], { transA: int(1) })
          : node('Gemm', [x, g], [name('dw')], { transA: int(1) }),
      );
      for (const result of ['y', 'dx', 'dw'].map(name)) {
        nodes.push(node('Slice', [result, 'from', 'to'], [`${result}.corner`]));
        corners.push(`${result}.corner`);
      }
    }
  });
  nodes.push(node('Concat', corners, ['corners'], { axis: int(0) }));
  const { bytes } = buildModel({
    nodes,
    initializers: [...initializers, ...operands],
    inputs: operands.map(({ name, dims }) => ({ ...untyped(name), elementType: ElementType.float32, dims })),
    outputs: [untyped('corners')],
  });
  return bytes;
}
