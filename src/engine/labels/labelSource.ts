// Where a text classifier has its logits: in an output of its own graph, or from a head that fine-tuning put beside the graph.
import { UserError } from '../../shared/errors';
import type { StatedLabels } from '../../models/modelLabels';
import type { Classifier } from '../../training/classifier';
import { statesOf } from '../../training/joinGraphs';
import type { Port } from '../../runtime/runtime';
import type { Stack } from '../stack';
import type { StackRun } from '../stackRun';

export type LabelSource = {
  /** By class. */
  readonly labels: readonly string[];
} & (
  | { readonly by: 'head'; readonly classifier: Classifier }
  /** An output `[batch, classes]` of the graph. */
  | { readonly by: 'output'; readonly output: string; readonly several: boolean }
);

/** What every exporter calls the result. */
const LOGITS = 'logits';

/**
 * The head that was trained, if there is one; else an output that the files call one of labels. Undefined for all other models.
 *
 * @param stack The only one of the model: nobody classifies with an encoder and a decoder here.
 * @throws UserError `badRequest` for a head that was trained on states of another width
 */
export function labelSource(
  stack: Stack,
  classifier: Classifier | undefined,
  stated: StatedLabels | undefined,
): LabelSource | undefined {
  if (classifier) {
    return headSource(stack, classifier);
  }
  const port = stated && labelOutput(stack);
  if (!stated || !port) {
    return undefined;
  }
  const columns = port.dims[1];
  // Two classes are the default that files do not state.
  const classes = typeof columns === 'number' && columns > 0 ? columns : stated.names.length || 2;
  if (classes < 2 && !stated.several) {
    // A single number without alternatives is a grade, not a label.
    return undefined;
  }
  const labels = named(stated.names, classes);
  return { by: 'output', output: port.name, several: stated.several, labels };
}

/** The outputs that the labels are computed from. */
export function labelOutputs(source: LabelSource | undefined, stack: Stack): readonly string[] {
  if (!source) {
    return [];
  }
  const output = source.by === 'output' ? source.output : stateOutput(stack);
  return output === undefined ? [] : [output];
}

/**
 * The logits `[classes]` of one text of a run that captured {@link labelOutputs}.
 *
 * @param real Which tokens of the text are not padding.
 * @throws UserError `modelUnsupported` where the result is not of the expected shape
 */
export function labelLogits(
  source: LabelSource,
  run: StackRun,
  batch: number,
  real: readonly boolean[],
): Float32Array {
  const [output] = labelOutputs(source, run.stack);
  const { dims, data } = run.get(output ?? '');
  if (source.by === 'head') {
    return headLogits(source.classifier, data, dims, batch, real);
  }
  const classes = dims[dims.length - 1];
  if (dims.length !== 2 || classes !== source.labels.length) {
    const message = `The output "${source.output}" was to have ${source.labels.length} numbers for each text, but is ${dims.join(' × ')}. Correct id2label in config.json.`;
    throw new UserError('modelUnsupported', message, { output: source.output });
  }
  return Float32Array.from(data.slice(batch * classes, (batch + 1) * classes), Number);
}

function headSource(stack: Stack, classifier: Classifier): LabelSource | undefined {
  const classes = classifier.bias.length;
  const width = classifier.weight.length / classes;
  const own = stack.anatomy.width;
  if (own !== width) {
    const message = `The classifier of these weights reads states of ${width} numbers, but those of this model have ${own}. Choose the model that was trained.`;
    throw new UserError('badRequest', message, { width, own });
  }
  return stateOutput(stack) === undefined
    ? undefined
    : { by: 'head', classifier, labels: named(classifier.labels, classes) };
}

/** The states that the head was trained on, as `classificationHead` reads them. */
function stateOutput({ anatomy, stateOutputs }: Stack): string | undefined {
  const states = statesOf(anatomy);
  return states === undefined ? undefined : stateOutputs.get(states);
}

/** One number per class for each text: an output of two axes, by its usual name or, where the file has no other, any. */
function labelOutput({ session, taps, stateOutputs, anatomy }: Stack): Port | undefined {
  const shown = new Set([...taps.map(({ output }) => output), ...stateOutputs.values()]);
  const own = session.outputs.filter(
    ({ name }) => name !== anatomy.output?.logits && (name === LOGITS || !shown.has(name)),
  );
  const found = own.find(({ name }) => name === LOGITS) ?? (own.length === 1 ? own[0] : undefined);
  return found?.type === 'float32' && found.dims.length === 2 ? found : undefined;
}

/** The mean of the states of all tokens that are no padding, times the weight, plus the bias. */
function headLogits(
  { weight, bias }: Classifier,
  states: ArrayLike<number | bigint>,
  dims: readonly number[],
  batch: number,
  real: readonly boolean[],
): Float32Array {
  const [, length, width] = dims;
  const mean = new Float64Array(width);
  const count = real.filter(Boolean).length;
  real.forEach((isReal, token) => {
    const start = (batch * length + token) * width;
    for (let i = 0; isReal && i < width; i++) {
      mean[i] += Number(states[start + i]) / count;
    }
  });
  return bias.map((value, k) =>
    mean.reduce((sum, state, i) => sum + state * weight[i * bias.length + k], value),
  );
}

function named(names: readonly string[], classes: number): readonly string[] {
  return Array.from({ length: classes }, (_, i) => names[i] || `LABEL_${i}`);
}
