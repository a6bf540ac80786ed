// Turns 16-bit weights that the graph casts to float32 into float32 weights, so that nothing else has to know of the casts.
import { sizeOf } from '../shared/tensor';
import { editModel } from './editModel';
import { GraphIndex } from './graphIndex';
import { expandBfloats, expandHalves } from './half';
import { ElementType, type Initializer, type OnnxModel, type OnnxNode } from './model';
import { renameGraph } from './tensorNames';
import type { LazyBytes } from './wireWriter';

/** Numbers converted at a time when the place they go to is not aligned: 64 KB of them. */
const BLOCK = 16_384;

/**
 * Replaces every float16 or bfloat16 initializer that is only read by `Cast` nodes to float32 by a float32 initializer
 * under the name of the (first) Cast's output, and removes the Casts. Other 16-bit initializers stay as they are: those
 * with readers that want 16 bits, those that are outputs or inputs of the graph, and external ones that were not given.
 * The numbers are converted straight into the new file. Returns the model itself when there is nothing to expand.
 */
export function expandHalf(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const index = new GraphIndex(graph);
  const expanded = new Map<Initializer, Initializer>();
  const data = new Map<Initializer, LazyBytes>();
  const casts = new Set<OnnxNode>();
  const names = new Map<string, string>();
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  for (const initializer of graph.initializers) {
    const uses = index.consumers(initializer.name);
    const readers = uses.map((use) => use.node);
    const [first] = readers;
    const name = first?.outputs[0];
    if (
      !is16Bit(initializer) ||
      name === undefined ||
      inputs.has(initializer.name) ||
      index.isOutput(initializer.name) ||
      !uses.every(
        ({ node, input }) => input === 0 && isCastToFloat(node) && !index.isOutput(node.outputs[0] ?? ''),
      )
    ) {
      continue;
    }
    const wide: Initializer = {
      name,
      elementType: ElementType.float32,
      dims: initializer.dims,
      raw: undefined,
      external: undefined,
    };
    expanded.set(initializer, wide);
    data.set(wide, floatBytes(initializer));
    for (const cast of readers) {
      casts.add(cast);
      names.set(cast.outputs[0] ?? '', name);
    }
  }
  if (expanded.size === 0) {
    return model;
  }
  const rename = (name: string): string => names.get(name) ?? name;
  return editModel(
    model,
    [
      (before) => ({
        ...before,
        nodes: before.nodes.filter((node) => !casts.has(node)),
        initializers: before.initializers.map((initializer) => expanded.get(initializer) ?? initializer),
        valueInfo: before.valueInfo.filter((value) => !names.has(value.name)),
      }),
      (before) => renameGraph(before, rename),
    ],
    { dataOf: (initializer) => data.get(initializer) },
  );
}

function is16Bit({ elementType, raw }: Initializer): boolean {
  return raw !== undefined && (elementType === ElementType.float16 || elementType === ElementType.bfloat16);
}

function isCastToFloat({ opType, domain, attributes }: OnnxNode): boolean {
  const to = attributes['to'];
  return opType === 'Cast' && domain === '' && to?.type === 'int' && to.value === ElementType.float32;
}

/** The data of a 16-bit initializer as float32 bytes, converted when they are written. */
function floatBytes({ dims, elementType, raw = new Uint8Array(0) }: Initializer): LazyBytes {
  const expand = elementType === ElementType.float16 ? expandHalves : expandBfloats;
  const count = sizeOf(dims);
  return {
    length: 4 * count,
    writeTo(target) {
      if (target.byteOffset % 4 === 0) {
        expand(raw, new Uint32Array(target.buffer, target.byteOffset, count));
        return;
      }
      const block = new Uint32Array(BLOCK);
      for (let start = 0; start < count; start += BLOCK) {
        const numbers = block.subarray(0, Math.min(BLOCK, count - start));
        expand(raw.subarray(2 * start), numbers);
        target.set(new Uint8Array(block.buffer, 0, 4 * numbers.length), 4 * start);
      }
    },
  };
}
