// Joins an encoder and its decoder into one graph for training, which reads token ids and masks only; or closes a single graph.
import type { Anatomy } from '../anatomy/anatomy';
import { untyped, value } from '../onnx/graphBuilder';
import type { GraphEdit } from '../onnx/graphEdits';
import { keepOutputs } from '../onnx/graphEdits';
import type { Dimension, OnnxGraph, OnnxModel, ValueInfo } from '../onnx/model';
import { ElementType } from '../onnx/model';
import { renameGraph } from '../onnx/tensorNames';
import { UserError } from '../shared/errors';
import { closeInputs } from './closeInputs';
import type { StackName, TrainingStack, TrainingStacks } from './trainingStack';
import { stacksOf } from './trainingStack';

/** Inputs of every training graph: token ids, and 1 where they are no padding; int64 `[batch, length]`. */
export const INPUT_IDS = 'input_ids';
export const ATTENTION_MASK = 'attention_mask';
/** What the decoder of an encoder-decoder reads; int64 `[batch, target_length]`. */
export const DECODER_IDS = 'decoder_input_ids';

/** The joined graph, not yet written to a file. */
export interface JoinedGraph {
  readonly graph: OnnxGraph;
  readonly opsets: OnnxModel['opsets'];
  readonly irVersion: number;
  /** `[batch, places, vocabulary]`; undefined when the model projects onto no vocabulary. */
  readonly logits: string | undefined;
  /** The result of the last layer, normalised, `[batch, places, width]`; undefined when it was not found. */
  readonly states: string | undefined;
}

/** What a tensor of one graph is called in the joined one. */
export function joinedName(stack: StackName, tensor: string): string {
  return tensor === '' ? '' : `${stack}/${tensor}`;
}

/**
 * One graph whose inputs are {@link INPUT_IDS}, {@link ATTENTION_MASK}, for an encoder-decoder {@link DECODER_IDS}, and what
 * `edits` add; its outputs are logits and states. Tensors and nodes are named `encoder/…`, `decoder/…` or `model/…`.
 *
 * @param edits of the single graphs, in their own names.
 * @throws UserError `modelUnsupported` for graphs of different operator sets, and for inputs of unknown purpose.
 */
export function joinGraphs(
  stacks: TrainingStacks,
  edits: Readonly<Partial<Record<StackName, readonly GraphEdit[]>>> = {},
): JoinedGraph {
  const parts = stacksOf(stacks);
  const models = parts.map(([, { model }]) => model);
  const memory = 'model' in stacks ? undefined : encoderStates(stacks.encoder);
  const graphs = parts.map(([name, { model, anatomy }]) => {
    const isDecoder = name === 'decoder';
    const connections = isDecoder
      ? { tokens: DECODER_IDS, encoderStates: memory, encoderPaddingMask: ATTENTION_MASK }
      : { tokens: INPUT_IDS, paddingMask: ATTENTION_MASK };
    return [
      keepOutputs([]),
      ...(edits[name] ?? []),
      withPrefix(name),
      closeInputs(anatomy, connections, (tensor) => joinedName(name, tensor)),
    ].reduce((graph, edit) => edit(graph), model.graph);
  });
  const [name, { anatomy }] = parts[parts.length - 1];
  const logits = anatomy.output?.logits;
  const states = statesOf(anatomy);
  const outputs = [logits, states].map((tensor) => tensor && joinedName(name, tensor));
  return {
    graph: {
      name: 'training',
      nodes: graphs.flatMap(({ nodes }) => nodes),
      initializers: graphs.flatMap(({ initializers }) => initializers),
      inputs: [
        ids(INPUT_IDS, 'length'),
        ids(ATTENTION_MASK, 'length'),
        ...(parts.length > 1 ? [ids(DECODER_IDS, 'target_length')] : []),
        ...graphs.flatMap(({ inputs }) => inputs),
      ],
      outputs: outputs.flatMap((tensor) => (tensor ? [untyped(tensor)] : [])),
      // Stated shapes may be those with a cache.
      valueInfo: [],
    },
    opsets: commonOpsets(models),
    irVersion: Math.max(...models.map(({ irVersion }) => irVersion)),
    logits: outputs[0],
    states: outputs[1],
  };
}

/** The result of the last layer, normalised; undefined when it was not found. */
export function statesOf({ structure }: Anatomy): string | undefined {
  const { head, finalNorm, subLayers } = structure;
  return finalNorm?.output ?? subLayers.at(-1)?.output ?? head?.states;
}

function ids(name: string, length: Dimension): ValueInfo {
  return value(name, ElementType.int64, ['batch', length]);
}

function withPrefix(stack: StackName): GraphEdit {
  return (graph) => {
    const renamed = renameGraph(graph, (tensor) => joinedName(stack, tensor));
    return {
      ...renamed,
      nodes: renamed.nodes.map((node) => ({ ...node, name: joinedName(stack, node.name) })),
    };
  };
}

/** The encoder's output that the decoder reads. */
function encoderStates({ model, anatomy }: TrainingStack): string {
  const outputs = model.graph.outputs.map(({ name }) => name);
  const found =
    outputs.find((name) => name === 'last_hidden_state' || name === 'encoder_hidden_states') ??
    anatomy.structure.finalNorm?.output ??
    outputs[0];
  return joinedName('encoder', found ?? '');
}

function commonOpsets(models: readonly OnnxModel[]): OnnxModel['opsets'] {
  const all: Record<string, number> = {};
  for (const { opsets } of models) {
    for (const [domain, version] of Object.entries(opsets)) {
      if ((all[domain] ?? version) !== version) {
        const message = `The encoder is written in version ${all[domain]} of the ONNX operators and the decoder in version ${version}, so they cannot be differentiated together. Export both with the same opset.`;
        throw new UserError('modelUnsupported', message, { domain, first: all[domain], second: version });
      }
      all[domain] = version;
    }
  }
  return all;
}
