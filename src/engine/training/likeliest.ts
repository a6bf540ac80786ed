// What a training's model takes for the likeliest class or token at each place, without dropout: for what has changed before and after.
import { editModel } from '../../onnx/editModel';
import { int, node, untyped } from '../../onnx/graphBuilder';
import { add, keepOutputs } from '../../onnx/graphEdits';
import type { OnnxModel } from '../../onnx/model';
import type { Runtime } from '../../runtime/runtime';
import { throwIfCancelled } from '../../shared/errors';
import type { NamedTensors } from '../../shared/tensor';
import { batchFeeds } from '../../training/batchFeeds';
import { grouped } from '../../training/batches';
import type { TokenExample } from '../../training/data/readExamples';
import { makeBatch } from '../../training/makeBatch';
import type { TrainingModel } from '../../training/trainingModel';
import { trainingModel } from '../../training/trainingModel';
import type { Training } from './training';
import { methodOf, trainerOptions } from './trainingPlan';

const LIKELIEST = 'likeliest';

/** Values of the parameters, by name. */
export type Weights = ReadonlyMap<string, Float32Array<ArrayBuffer>>;

/**
 * The likeliest class (classification: one place) or token at each place of each example, with each of several sets of
 * weights: `[set][example][place]`. Rows are as long as their batch, padding included.
 *
 * @throws UserError `cancelled`; as `Runtime.createSession`
 */
export async function likeliest(
  runtime: Runtime,
  training: Training,
  examples: readonly TokenExample[],
  sets: readonly Weights[],
  signal: AbortSignal | undefined,
): Promise<number[][][]> {
  const { request, read, stacks, graph, model } = training;
  const { options } = request;
  const classes = read.data.form.task === 'classification' ? read.data.labels.length : undefined;
  const dropout = { rate: 0, attention: false };
  const still = trainingModel(stacks, { method: methodOf(options), dropout, classes });
  const session = await runtime.createSession(withLikeliest(still).bytes, { backend: 'wasm' });
  try {
    const known = new Set(session.inputs.map(({ name }) => name));
    const lengths = examples.map(({ input }) => input.length);
    const { batches } = trainerOptions(options, model.summary.width);
    const found = sets.map(() => examples.map((): number[] => []));
    for (const group of grouped([...examples.keys()], lengths, batches)) {
      const batch = makeBatch(
        group.map((i) => examples[i]),
        read.pad,
      );
      const tokens = Object.entries(batchFeeds(batch, { smoothing: 0, divisor: 1 })).filter(([name]) =>
        known.has(name),
      );
      for (const [set, values] of sets.entries()) {
        const feeds: NamedTensors = {
          ...Object.fromEntries(tokens),
          ...Object.fromEntries(
            graph.parameters.flatMap(({ name, dims }) => {
              const data = values.get(name);
              return data ? [[name, { type: 'float32' as const, dims, data }]] : [];
            }),
          ),
        };
        const results = await session.run(feeds, [LIKELIEST], signal);
        throwIfCancelled(signal);
        const ids = Array.from(results[LIKELIEST].data, Number);
        const places = ids.length / group.length;
        group.forEach((example, row) => {
          found[set][example] = ids.slice(row * places, (row + 1) * places);
        });
      }
    }
    return found;
  } finally {
    await session.release();
  }
}

/** With the index of the largest logit as its only output (ArgMax): the logits of a whole vocabulary are far larger. */
function withLikeliest({ model, logits }: Pick<TrainingModel, 'model' | 'logits'>): OnnxModel {
  const attributes = { axis: int(-1), keepdims: int(0) };
  return editModel(model, [
    add({ outputs: [untyped(LIKELIEST)], nodes: [node('ArgMax', [logits], [LIKELIEST], attributes)] }),
    keepOutputs([LIKELIEST]),
  ]);
}
