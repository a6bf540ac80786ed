// A classifier that training has put on a model, and how it is kept: beside changed weights, or in an adapter as PEFT's modules_to_save.
import { UserError } from '../shared/errors';
import { readSafetensors, readSafetensorsMetadata } from '../shared/safetensors';
import type { Tensor } from '../shared/tensor';
import type { ParameterValues } from './changedWeights';
import { HEAD_BIAS, HEAD_WEIGHT } from './classificationHead';
import { transposed } from './sharedWeights';

/** Linear, on the mean of a text's states; see `classificationHead`. */
export interface Classifier {
  /** By class. */
  readonly labels: readonly string[];
  /** `[width, classes]` */
  readonly weight: Float32Array<ArrayBuffer>;
  readonly bias: Float32Array<ArrayBuffer>;
}

/** What Hugging Face calls the module, and what PEFT writes before names. */
export const CLASSIFIER_MODULE = 'classifier';
const PEFT_NAME = `base_model.model.${CLASSIFIER_MODULE}.`;
/** Key of the labels in a file's metadata: a JSON list, by class. */
const LABELS = 'labels';

/** Metadata that say what the classes mean. */
export const labelsMetadata = (labels: readonly string[]): Record<string, string> =>
  labels.length > 0 ? { [LABELS]: JSON.stringify(labels) } : {};

/** Whether a tensor of an adapter is the classifier's. */
export const isOfClassifier = (name: string): boolean => name.startsWith(PEFT_NAME);

/** The classifier that training has reached; undefined where it trains none. */
export function trainedClassifier(
  labels: readonly string[],
  values: ParameterValues,
): Classifier | undefined {
  const [weight, bias] = [HEAD_WEIGHT, HEAD_BIAS].map((name) => values(name));
  return weight && bias
    ? { labels, weight: Float32Array.from(weight), bias: Float32Array.from(bias) }
    : undefined;
}

/** As PyTorch's Linear keeps it: the weight as `[classes, width]`. */
export function classifierTensors({ weight, bias }: Classifier): Record<string, Tensor> {
  const [classes, width] = [bias.length, weight.length / bias.length];
  const turned = transposed(weight, width, classes);
  return {
    [`${PEFT_NAME}weight`]: { type: 'float32', dims: [classes, width], data: turned },
    [`${PEFT_NAME}bias`]: { type: 'float32', dims: [classes], data: bias },
  };
}

/**
 * The classifier in a file of fine-tuned weights, ours or an adapter; undefined where there is none. An adapter of another
 * program may not tell its labels: its classes are then numbered.
 *
 * @throws UserError `modelCorrupt` for a file that is cut off, or a classifier that does not fit its labels.
 */
export function readClassifier(file: Uint8Array): Classifier | undefined {
  const tensors = readSafetensors(file);
  const floats = (name: string): Float32Array<ArrayBuffer> | undefined => {
    const data = tensors[name]?.data;
    return data instanceof Float32Array ? data : undefined;
  };
  const bias = floats(HEAD_BIAS) ?? floats(`${PEFT_NAME}bias`);
  const turned = floats(`${PEFT_NAME}weight`);
  const classes = bias?.length ?? 0;
  const weight = floats(HEAD_WEIGHT) ?? (turned && transposed(turned, classes, turned.length / classes));
  if (!bias || !weight) {
    return undefined;
  }
  const labels = labelsIn(readSafetensorsMetadata(file)[LABELS]) ?? Array.from(bias, (_, i) => `LABEL_${i}`);
  if (labels.length > classes || weight.length % classes !== 0) {
    const message = `The classifier of these weights is damaged: it has ${classes} classes and ${labels.length} labels. Choose other weights.`;
    throw new UserError('modelCorrupt', message);
  }
  return { labels, weight, bias };
}

function labelsIn(json: string | undefined): readonly string[] | undefined {
  const value: unknown = json === undefined ? undefined : JSON.parse(json);
  return Array.isArray(value) && value.every((label) => typeof label === 'string') ? value : undefined;
}
