// From a graph with logits to the two that training runs: loss with gradients, and loss alone.
import { buildGradient } from '../gradient/buildGradient';
import { appendCrossEntropy, CROSS_ENTROPY } from '../gradient/crossEntropy';
import { editModel } from '../onnx/editModel';
import { int, node, untyped } from '../onnx/graphBuilder';
import type { GraphEdit } from '../onnx/graphEdits';
import { add, dropUnused, keepOutputs } from '../onnx/graphEdits';
import type { OnnxModel } from '../onnx/model';
import type { TrainingModel } from './trainingModel';

/** What is optimised, and the same without label smoothing. */
export const LOSS = CROSS_ENTROPY.loss;
export const PLAIN_LOSS = 'plain_loss';

export interface GradientModel {
  readonly model: OnnxModel;
  /** By parameter: the output with its gradient. */
  readonly gradients: ReadonlyMap<string, string>;
}

/** Outputs {@link LOSS}, {@link PLAIN_LOSS} and a gradient for every parameter. @throws UserError as `buildGradient` */
export function gradientModel({ model, logits, parameters }: TrainingModel): GradientModel {
  const { model: withLoss, shortcut } = appendCrossEntropy(model, logits);
  return buildGradient(
    { ...withLoss, graph: plainLoss(withLoss.graph) },
    {
      loss: LOSS,
      withRespectTo: parameters.map(({ name }) => name),
      outputs: [PLAIN_LOSS],
      shortcuts: [shortcut],
    },
  );
}

/** Outputs {@link PLAIN_LOSS}, to measure with; made from a graph without dropout. */
export function evaluationModel({ model, logits }: Pick<TrainingModel, 'model' | 'logits'>): OnnxModel {
  const { model: withLoss } = appendCrossEntropy(model, logits);
  return editModel(withLoss, [plainLoss, keepOutputs([PLAIN_LOSS]), dropUnused()]);
}

/** Σ wᵢ·(−log p of the label) ÷ divisor, from what the loss with smoothing is made of. */
const plainLoss: GraphEdit = (graph) => {
  const { weights, divisor, labels } = CROSS_ENTROPY;
  const at = (part: string): string => `${PLAIN_LOSS}/${part}`;
  return add({
    outputs: [untyped(PLAIN_LOSS)],
    nodes: [
      node('Shape', [labels], [at('shape')]),
      node('Reshape', ['cross_entropy/sharp', at('shape')], [at('places')]),
      node('Mul', [at('places'), weights], [at('weighted')]),
      node('Where', ['cross_entropy/left_out', 'cross_entropy/zero', at('weighted')], [at('counted')]),
      node('ReduceSum', [at('counted')], [at('sum')], { keepdims: int(0) }),
      node('Div', [at('sum'), divisor], [PLAIN_LOSS]),
    ],
  })(graph);
};
