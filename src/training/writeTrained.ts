// Writes changed weights back into the ONNX files of a model, in the precision in which the file stores them.
import { editModel } from '../onnx/editModel';
import { expandHalf } from '../onnx/expandHalf';
import { constant } from '../onnx/graphBuilder';
import { replaceInitializers } from '../onnx/graphEdits';
import { GraphIndex } from '../onnx/graphIndex';
import { expandHalves, toHalf } from '../onnx/half';
import type { Initializer, OnnxModel } from '../onnx/model';
import { ElementType } from '../onnx/model';
import { UserError } from '../shared/errors';
import { applyChange } from './changedWeights';

/** A file with changed weights. */
export interface WrittenModel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Largest difference between a trained number and the one that is stored. */
  readonly rounding: number;
}

/** Largest number of 16 bits. */
const LARGEST_HALF = 65_504;

/**
 * The file with other weights. `stored` keeps each in its precision: float16 is rounded to the nearest; `float32` widens all
 * of them first, and is exact.
 *
 * @param model as it was read from the file, nothing expanded.
 * @param weights by the names that `expandHalf` gives them.
 * @throws UserError `modelUnsupported` for a weight inside a branch, for 16-bit types other than float16, and for numbers
 * that float16 cannot hold.
 */
export function writeTrained(
  model: OnnxModel,
  weights: ReadonlyMap<string, Float32Array<ArrayBuffer>>,
  precision: 'stored' | 'float32',
): WrittenModel {
  if (precision === 'float32') {
    return { bytes: applyChange(expandHalf(model), weights).bytes, rounding: 0 };
  }
  const stored = storedWeights(model);
  let rounding = 0;
  const replacements = [...weights].map(([name, values]) => {
    const weight = stored.get(name);
    if (!weight) {
      throw unsupported(name, 'it stands inside a branch of the graph');
    }
    const written = inPrecisionOf(weight, values);
    rounding = Math.max(rounding, written.rounding);
    return written.initializer;
  });
  return { bytes: editModel(model, [replaceInitializers(replacements)]).bytes, rounding };
}

/** Initializers by the names that the loader gives them: that of the Cast behind those of 16 bits. */
function storedWeights({ graph }: OnnxModel): ReadonlyMap<string, Initializer> {
  const index = new GraphIndex(graph);
  return new Map(
    graph.initializers.flatMap((weight) => {
      const cast = index.consumers(weight.name)[0]?.node;
      const wide =
        weight.elementType !== ElementType.float32 && cast?.opType === 'Cast' ? cast.outputs[0] : '';
      return [weight.name, wide].flatMap((name) => (name === '' ? [] : [[name, weight] as const]));
    }),
  );
}

function inPrecisionOf(
  { name, elementType, dims }: Initializer,
  values: Float32Array<ArrayBuffer>,
): { readonly initializer: Initializer; readonly rounding: number } {
  if (elementType === ElementType.float32) {
    return { initializer: constant(name, elementType, dims, values), rounding: 0 };
  }
  if (elementType !== ElementType.float16) {
    throw unsupported(name, `it is stored as element type ${elementType}`);
  }
  const halves = Uint16Array.from(values, toHalf);
  const widened = new Float32Array(values.length);
  expandHalves(new Uint8Array(halves.buffer), new Uint32Array(widened.buffer));
  let rounding = 0;
  for (let i = 0; i < values.length; i++) {
    if (!(Math.abs(values[i]) <= LARGEST_HALF)) {
      throw unsupported(name, `float16 cannot hold its number ${values[i]}`);
    }
    rounding = Math.max(rounding, Math.abs(widened[i] - values[i]));
  }
  return { initializer: constant(name, elementType, dims, halves), rounding };
}

function unsupported(name: string, why: string): UserError {
  const message = `The weight "${name}" cannot be written back: ${why}. Save the weights in float32 instead.`;
  return new UserError('modelUnsupported', message, { weight: name });
}
