// Puts a trained classifier into a model's file and configuration, as other programs expect a model for text classification.
import { canonicalOpset } from '../gradient/canonicalOpset';
import { editModel } from '../onnx/editModel';
import { floatTensor, intTensor, node, untyped, value } from '../onnx/graphBuilder';
import type { GraphEdit } from '../onnx/graphEdits';
import { add, dropUnused, renameTensors } from '../onnx/graphEdits';
import type { OnnxModel } from '../onnx/model';
import { ElementType } from '../onnx/model';
import { classificationHead, HEAD_BIAS, HEAD_WEIGHT } from './classificationHead';
import type { Classifier } from './classifier';
import { ATTENTION_MASK } from './joinGraphs';

/** What every exporter calls the result; `[batch, classes]`. */
const LOGITS = 'logits';
/** The first set of operators that the head can be written in. */
const OPSET = 13;

/**
 * The model with the classifier in place of what it put out before.
 *
 * @param states The result of the last layer, `[batch, length, width]`.
 */
export function withClassifier(model: OnnxModel, states: string, { weight, bias }: Classifier): OnnxModel {
  const current = (model.opsets[''] ?? 0) < OPSET ? canonicalOpset(model) : model;
  const classes = bias.length;
  const width = weight.length / classes;
  const { edit: head, logits } = classificationHead({ states }, width, classes);
  const weights = [
    floatTensor(HEAD_WEIGHT, [width, classes], weight),
    floatTensor(HEAD_BIAS, [classes], bias),
  ];
  const asConstants: GraphEdit = (graph) => ({
    ...graph,
    inputs: graph.inputs.filter(({ name }) => name !== HEAD_WEIGHT && name !== HEAD_BIAS),
    initializers: [...graph.initializers, ...weights],
  });
  const masked: GraphEdit = (graph) =>
    graph.inputs.some(({ name }) => name === ATTENTION_MASK)
      ? graph
      : add({ inputs: [value(ATTENTION_MASK, ElementType.int64, ['batch', 'length'])] })(graph);
  const flat: GraphEdit = (graph) => ({
    ...add({
      initializers: [intTensor('head/places', [1], [1])],
      nodes: [node('Squeeze', [logits, 'head/places'], [LOGITS])],
    })(graph),
    outputs: [value(LOGITS, ElementType.float32, ['batch', classes])],
  });
  const freed = renameTensors(new Map([[LOGITS, 'head/words']]));
  return editModel(current, [
    ...(states === LOGITS ? [] : [freed]),
    (graph) => ({ ...graph, outputs: [untyped(states)] }),
    dropUnused({ inputs: true }),
    masked,
    head,
    asConstants,
    flat,
  ]);
}

/** `config.json` of that model. */
export function classifierConfig(
  config: Readonly<Record<string, unknown>>,
  labels: readonly string[],
): Record<string, unknown> {
  const architectures = config['architectures'];
  const [first] = Array.isArray(architectures) ? (architectures as unknown[]) : [];
  const family = typeof first === 'string' ? first.replace(/(?:For[A-Z]\w*|LMHeadModel|Model)$/u, '') : '';
  return {
    ...config,
    ...(family !== '' && { architectures: [`${family}ForSequenceClassification`] }),
    num_labels: labels.length,
    id2label: Object.fromEntries(labels.map((label, i) => [i, label])),
    label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
    problem_type: 'single_label_classification',
  };
}
