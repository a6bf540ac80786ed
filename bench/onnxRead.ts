// Measures reading, appending, rewriting and expanding ONNX files built in code, and the memory that reading takes.
// Run: npx esbuild bench/onnxRead.ts --bundle --platform=node --outfile=dist/bench/onnxRead.js && node --expose-gc dist/bench/onnxRead.js
import { appendToGraph } from '../src/onnx/appendToGraph';
import { editModel } from '../src/onnx/editModel';
import { expandHalf } from '../src/onnx/expandHalf';
import { buildModel, constant, int, node, untyped, value } from '../src/onnx/graphBuilder';
import { GraphIndex } from '../src/onnx/graphIndex';
import { ElementType, type OnnxModel, type OnnxNode } from '../src/onnx/model';
import { readModel } from '../src/onnx/readModel';

const RUNS = 9;

/** A chain of layers of 60 nodes and six `[width, width]` weights each, in half precision with Casts or in float32. */
function chain(layers: number, width: number, half: boolean): OnnxModel {
  const nodes: OnnxNode[] = [];
  const bytes = (half ? 2 : 4) * width * width;
  const data = new Uint16Array(bytes / 2).map((_, i) => (i * 40_503) & 0x7bff);
  const weights = [];
  let previous = 'x';
  for (let layer = 0; layer < layers; layer++) {
    for (let step = 0; step < 60; step++) {
      const name = `/encoder/layer.${layer}/attention/self/step_${step}/output_0`;
      let operand = previous;
      if (step < 6) {
        operand = `encoder.layer.${layer}.weight_${step}`;
        const stored = half ? `${operand}_half` : operand;
        const type = half ? ElementType.float16 : ElementType.float32;
        const numbers = half ? data : new Float32Array(data.buffer);
        weights.push(constant(stored, type, [width, width], numbers));
        if (half) {
          nodes.push(node('Cast', [stored], [operand], { to: int(ElementType.float32) }));
        }
      }
      nodes.push(
        node(step < 6 ? 'MatMul' : 'Add', [previous, operand], [name], {}, { name: `n${nodes.length}` }),
      );
      previous = name;
    }
  }
  return buildModel({
    nodes,
    initializers: weights,
    inputs: [value('x', ElementType.float32, ['batch', width])],
    outputs: [untyped(previous)],
  });
}

/** Median milliseconds of a few runs, and the first (cold) one. */
function time(what: string, action: () => unknown): void {
  const times = Array.from({ length: RUNS }, () => {
    const start = performance.now();
    action();
    return performance.now() - start;
  });
  const [first = 0] = times;
  const median = times.sort((a, b) => a - b)[RUNS >> 1] ?? 0;
  console.log(
    `  ${what.padEnd(34)} first ${first.toFixed(1).padStart(7)} ms, median ${median.toFixed(1).padStart(7)} ms`,
  );
}

/** Collects garbage and waits until the buffers that died are given back. */
async function settle(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function measure(label: string, build: () => OnnxModel): Promise<void> {
  const model = build();
  const { bytes, graph } = model;
  console.log(
    `${label}: ${(bytes.length / 1e6).toFixed(1)} MB, ${graph.nodes.length} nodes, ${graph.initializers.length} initializers`,
  );
  readModel(bytes);
  await settle();
  const before = process.memoryUsage();
  const kept = readModel(bytes);
  await settle();
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  console.log(
    `  memory taken by reading           ${(grown / 1e6).toFixed(2)} MB for ${kept.graph.nodes.length} nodes`,
  );
  time('readModel', () => readModel(bytes));
  time('GraphIndex', () => new GraphIndex(graph));
  time('appendToGraph (6 outputs)', () =>
    appendToGraph(model, { outputs: graph.nodes.slice(0, 6).map((each) => untyped(each.outputs[0] ?? '')) }),
  );
  time('editModel (no edit)', () => editModel(model, []));
  if (graph.initializers.some((each) => each.elementType === ElementType.float16)) {
    time('expandHalf', () => expandHalf(model));
  }
}

async function main(): Promise<void> {
  await measure('float16 with Casts', () => chain(12, 320, true));
  await measure('float32', () => chain(12, 450, false));
  await measure('large float32', () => chain(24, 930, false));
}

void main();
