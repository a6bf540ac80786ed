// What is written down about fine-tuned weights beside their files: where they come from, how far they are, which files count.
import type { ModelChoice } from '../../shared/protocol';
import type {
  TrainingEffect,
  TrainingOptions,
  TrainingPoint,
  TrainingPreview,
  TrainingTask,
  TrainingText,
} from '../../shared/training';
import type { TrainingSource } from '../../shared/trainingPage';

/** Everything needed to go on at a step, in one file of the engine's. */
export interface Checkpoint {
  readonly step: number;
  readonly file: string;
  readonly bytes: number;
  /** Of the file, in hexadecimal; those of earlier versions have none. */
  readonly sha256?: string;
  /** Loss of the held-out examples at that step, where it was measured. */
  readonly heldOut: number | undefined;
}

/** Trained weights by file name, in a folder of their own. */
export interface StoredWeights {
  readonly step: number;
  readonly folder: string;
  /** Bytes of each file. */
  readonly files: Readonly<Record<string, number>>;
}

export interface TunedManifest {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  /** Id and name of the model that the weights belong to: they are kept as a change of its files. */
  readonly base: ModelChoice;
  /** The fine-tuned weights that training went on from; undefined where it began with those of {@link base}. */
  readonly from?: ModelChoice;
  readonly task: TrainingTask;
  readonly language: string | undefined;
  readonly options: TrainingOptions;
  /** SHA-256 of the data, in hexadecimal; see {@link dataHash}. */
  readonly data: string;
  /** The curve up to the newest checkpoint or weights. */
  readonly points: readonly TrainingPoint[];
  /** By step. */
  readonly checkpoints: readonly Checkpoint[];
  readonly weights: StoredWeights | undefined;
  /** Whether there is nothing more to learn: all steps are done, or the loss went astray. */
  readonly finished: boolean;
  readonly effect: TrainingEffect | undefined;
  /** Milliseconds since 1970. */
  readonly saved: number;
}

/** The data of a training, kept with it so that it can go on when the document has changed. */
export interface StoredData {
  readonly data: TrainingText;
  readonly source: TrainingSource;
  /** Where each of the texts begins: address of the document, and line from 0. */
  readonly places: readonly { readonly uri: string; readonly line: number }[];
  readonly preview: TrainingPreview;
}

/** A training that has not begun. */
export async function newManifest(
  chosen: Pick<TunedManifest, 'name' | 'base' | 'from' | 'options'>,
  { data, preview }: StoredData,
): Promise<TunedManifest> {
  return {
    version: 1,
    id: crypto.randomUUID().slice(0, 8),
    ...chosen,
    task: preview.task,
    language: preview.language,
    data: await dataHash(data),
    points: [],
    checkpoints: [],
    weights: undefined,
    finished: false,
    effect: undefined,
    saved: Date.now(),
  };
}

/** The model whose weights training began with. */
export const startOf = ({ from, base }: Pick<TunedManifest, 'from' | 'base'>): ModelChoice => from ?? base;

/** The step that the newest checkpoint or the weights have. */
export function stepOf({ checkpoints, weights }: TunedManifest): number {
  return Math.max(0, weights?.step ?? 0, ...checkpoints.map(({ step }) => step));
}

export const weightBytes = ({ files }: StoredWeights): number =>
  Object.values(files).reduce((sum, bytes) => sum + bytes, 0);

/** Step and size of what was saved last: the newest checkpoint, or the weights where training has ended. */
export function savedIn({
  checkpoints,
  weights,
}: TunedManifest): { readonly step: number; readonly bytes: number } | undefined {
  const checkpoint = checkpoints.at(-1);
  if (checkpoint) {
    return { step: checkpoint.step, bytes: checkpoint.bytes };
  }
  return weights && { step: weights.step, bytes: weightBytes(weights) };
}

/** Of weights and checkpoints together. */
export function bytesOf({ weights, checkpoints }: TunedManifest): number {
  return checkpoints.reduce((sum, { bytes }) => sum + bytes, weights ? weightBytes(weights) : 0);
}

/** The manifest in a file; undefined for what is none, e.g. because it was not written to its end. */
export function parseManifest(bytes: Uint8Array): TunedManifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
  return isManifest(value) ? value : undefined;
}

export function toBytes(value: TunedManifest | StoredData): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** SHA-256 over both texts, the task and the language, in hexadecimal. */
export async function dataHash({ text, second, task, language }: TrainingText): Promise<string> {
  const all = JSON.stringify([text, second ?? null, task ?? null, language ?? null]);
  return bytesHash(new TextEncoder().encode(all));
}

/** SHA-256 in hexadecimal. */
export async function bytesHash(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function isManifest(value: unknown): value is TunedManifest {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const { version, id, name, base, options, points, checkpoints } = value as Record<string, unknown>;
  return (
    version === 1 &&
    typeof id === 'string' &&
    typeof name === 'string' &&
    typeof base === 'object' &&
    base !== null &&
    typeof options === 'object' &&
    options !== null &&
    Array.isArray(points) &&
    Array.isArray(checkpoints)
  );
}
