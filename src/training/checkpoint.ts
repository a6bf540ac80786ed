// A whole training as one safetensors file: weights, moments, place in the data, random numbers and curve; and back, checked.
import { messageOf, UserError } from '../shared/errors';
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from '../shared/safetensors';
import type { Tensor } from '../shared/tensor';
import { sizeOf } from '../shared/tensor';
import type { TrainingPoint } from '../shared/training';
import type { Moments } from './adamW';
import type { GeneratorState } from './generator';

/** A parameter with what the optimiser knows about it. */
export interface ParameterState extends Moments {
  readonly dims: readonly number[];
  readonly weight: Float32Array<ArrayBuffer>;
}

/** What a training was made with; one that goes on must have been made with the same. */
export interface TrainingIdentity {
  /** Of the weights that training began with. */
  readonly model: string;
  /** Of the examples. */
  readonly data: string;
  /** Of everything that decides what a step does. */
  readonly options: string;
  /** The same in words, to say what differs. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Everything that the next steps depend on, and the curve so far. */
export interface TrainingState {
  readonly identity: TrainingIdentity;
  readonly step: number;
  readonly epoch: number;
  /** Steps of this epoch that are done. */
  readonly position: number;
  readonly generator: GeneratorState;
  readonly points: readonly TrainingPoint[];
  readonly parameters: ReadonlyMap<string, ParameterState>;
}

const FORMAT = 'transformer-explorer.training.1';
const PARTS = ['weight', 'first', 'second'] as const;

/** The state as a file; the arrays are copied. */
export function encodeCheckpoint({ parameters, ...rest }: TrainingState): Uint8Array<ArrayBuffer> {
  const tensors: Record<string, Tensor> = {};
  for (const [name, state] of parameters) {
    for (const part of PARTS) {
      tensors[`${part}/${name}`] = { type: 'float32', dims: state.dims, data: state[part] };
    }
  }
  return writeSafetensors(tensors, { format: FORMAT, state: JSON.stringify(rest) });
}

/**
 * Reads a checkpoint and checks that it belongs to this training.
 *
 * @param shapes of the parameters by name.
 * @throws UserError `modelCorrupt` for a file that is cut off or no checkpoint; `badRequest` for that of another model, of
 * other data or of other settings.
 */
export function decodeCheckpoint(
  file: Uint8Array,
  identity: TrainingIdentity,
  shapes: ReadonlyMap<string, readonly number[]>,
): TrainingState {
  const rest = readRest(file);
  const differs = (['model', 'data', 'options'] as const).find((key) => rest.identity[key] !== identity[key]);
  if (differs) {
    const settings = differs === 'options' ? otherSettings(rest.identity, identity) : '';
    throw new UserError('badRequest', OTHER[differs].replace('.', `${settings}.`), { differs });
  }
  const tensors = readSafetensors(file);
  const parameters = new Map<string, ParameterState>();
  for (const [name, dims] of shapes) {
    const part = (which: (typeof PARTS)[number]): Float32Array<ArrayBuffer> => {
      const tensor = tensors[`${which}/${name}`];
      if (!(tensor?.data instanceof Float32Array) || tensor.data.length !== sizeOf(dims)) {
        throw corrupt(`the ${which} of "${name}" is missing or of another shape`);
      }
      return tensor.data;
    };
    parameters.set(name, { dims, weight: part('weight'), first: part('first'), second: part('second') });
  }
  return { ...rest, parameters };
}

const OTHER: Readonly<Record<'model' | 'data' | 'options', string>> = {
  model: 'The checkpoint was made with another model. Load that model, or start the training anew.',
  data: 'The checkpoint was made with other training data. Select the same data, or start the training anew.',
  options:
    'The checkpoint was made with other settings. Choose the same settings, or start the training anew.',
};

/** Such as `: steps was 25, is 50`. */
function otherSettings(
  { settings: before = {} }: TrainingIdentity,
  { settings = {} }: TrainingIdentity,
): string {
  const changed = Object.keys(settings).filter(
    (name) => before[name] !== undefined && before[name] !== settings[name],
  );
  const each = changed.map((name) => `${name} was ${before[name]}, is ${settings[name]}`);
  return each.length > 0 ? `: ${each.join('; ')}` : '';
}

function readRest(file: Uint8Array): Omit<TrainingState, 'parameters'> {
  const metadata = readWith(() => readSafetensorsMetadata(file));
  if (metadata['format'] !== FORMAT) {
    throw corrupt('it is no checkpoint of a training, or one of another version');
  }
  const state: unknown = readWith(() => JSON.parse(metadata['state'] ?? ''));
  if (!isRest(state)) {
    throw corrupt('its description is incomplete');
  }
  return state;
}

function readWith<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw corrupt(messageOf(error));
  }
}

function isRest(value: unknown): value is Omit<TrainingState, 'parameters'> {
  const state = value as Partial<TrainingState> | null;
  return (
    typeof state === 'object' &&
    state !== null &&
    [state.step, state.epoch, state.position].every((count) => Number.isSafeInteger(count)) &&
    Array.isArray(state.generator) &&
    Array.isArray(state.points) &&
    typeof state.identity === 'object'
  );
}

function corrupt(why: string): UserError {
  return new UserError(
    'modelCorrupt',
    `The checkpoint cannot be used: ${why}. Go on from an earlier one, or start the training anew.`,
  );
}
