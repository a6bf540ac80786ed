// Changed weights as one safetensors file: every parameter once, with the places where it stands; and back.
import { UserError } from '../shared/errors';
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from '../shared/safetensors';
import type { Tensor } from '../shared/tensor';
import type { ChangedWeights, ParameterValues } from './changedWeights';
import { fullChange } from './changedWeights';
import { labelsMetadata } from './classifier';
import type { Parameter, Place, TrainingStacks } from './trainingStack';

/** Name of the file. */
export const CHANGE_FILE = 'weights.safetensors';
const FORMAT = 'transformer-explorer.weights.1';

/** Writes what {@link fullChange} has made of parameters. Parameters without a place, such as a head's, stand there under their name. */
export function encodeChange(
  parameters: readonly Parameter[],
  change: ChangedWeights,
  values: ParameterValues,
  /** Of a classifier among the parameters. */
  labels: readonly string[] = [],
): Uint8Array<ArrayBuffer> {
  const tensors: Record<string, Tensor> = {};
  const places: Record<string, readonly Place[]> = {};
  for (const { name, dims, places: own } of parameters) {
    const [first] = own;
    const data = first ? change.get(first.stack)?.get(first.weight) : values(name);
    if (data) {
      tensors[name] = { type: 'float32', dims, data: Float32Array.from(data) };
      places[name] = own;
    }
  }
  return writeSafetensors(tensors, {
    format: FORMAT,
    places: JSON.stringify(places),
    ...labelsMetadata(labels),
  });
}

/** The changed weights of a file. @throws UserError `modelCorrupt` for another file; `badRequest` for that of another model. */
export function decodeChange(file: Uint8Array, stacks: TrainingStacks): ChangedWeights {
  const { format, places: json = '{}' } = readSafetensorsMetadata(file);
  if (format !== FORMAT) {
    const message = 'This file holds no fine-tuned weights, or those of another version. Choose another one.';
    throw new UserError('modelCorrupt', message);
  }
  const tensors = readSafetensors(file);
  const places = JSON.parse(json) as Readonly<Record<string, readonly Place[]>>;
  const parameters = Object.entries(tensors).map(([name, { dims }]): Parameter => {
    return { name, dims, places: places[name] ?? [], decays: false };
  });
  checkPlaces(parameters, stacks);
  return fullChange(stacks, parameters, (name) => tensors[name]?.data as Float32Array);
}

/** The parameters of a file that stand nowhere in the model: those of a classifier's head, by name. */
export function headOf(file: Uint8Array): ReadonlyMap<string, Tensor> {
  const { places: json = '{}' } = readSafetensorsMetadata(file);
  const places = JSON.parse(json) as Readonly<Record<string, readonly Place[]>>;
  const tensors = Object.entries(readSafetensors(file));
  return new Map(tensors.filter(([name]) => (places[name] ?? []).length === 0));
}

function checkPlaces(parameters: readonly Parameter[], stacks: TrainingStacks): void {
  const shapes = new Map(
    Object.entries(stacks).flatMap(([stack, { model }]) =>
      model.graph.initializers.map(({ name, dims }) => [`${stack}/${name}`, dims] as const),
    ),
  );
  for (const { dims, places } of parameters) {
    for (const { stack, weight, transposed } of places) {
      const wanted = transposed ? [...dims].reverse() : dims;
      if (shapes.get(`${stack}/${weight}`)?.join() !== wanted.join()) {
        const message = `The fine-tuned weights do not fit this model: "${weight}" is missing or has another shape. Load the model that they were made from.`;
        throw new UserError('badRequest', message, { weight });
      }
    }
  }
}
