// Reverse-mode differentiation of a graph into a graph: walks from the loss back to the tensors asked for, and adds plain ONNX nodes.
import { GraphFacts } from '../anatomy/graphFacts';
import { editModel } from '../onnx/editModel';
import { dropUnused } from '../onnx/graphEdits';
import { untyped } from '../onnx/graphBuilder';
import { GraphIndex } from '../onnx/graphIndex';
import { ElementType, type OnnxGraph, type OnnxModel, type OnnxNode } from '../onnx/model';
import { definedNames } from '../onnx/tensorNames';
import { UserError } from '../shared/errors';
import { canonicalOpset } from './canonicalOpset';
import { expandFused } from './expandFused';
import { GradientGraph, isFloatType } from './gradientGraph';
import { ancestors, dependents } from './gradientPath';
import { operatorOf } from './operatorRule';
import { ReverseWalk, type Shortcut } from './reverseWalk';
import { RULES } from './ruleTable';
import { unsupportedNode } from './unsupported';

export interface GradientOptions {
  /** The tensor to differentiate: one element. */
  readonly loss: string;
  /** Tensors whose gradients are wanted: inputs, initializers or results of nodes, of floating point type. */
  readonly withRespectTo: readonly string[];
  /** Tensors to keep as outputs beside the loss and the gradients. Default: none. */
  readonly outputs?: readonly string[];
  readonly shortcuts?: readonly Shortcut[];
}

/** A graph that yields a loss and its gradients. */
export interface Gradient {
  /** Its outputs are the loss, {@link GradientOptions.outputs} and the gradients; its inputs are those of the forward graph. */
  readonly model: OnnxModel;
  /** By tensor of `withRespectTo`: the output that holds its gradient, of the tensor's shape. No two are the same output. */
  readonly gradients: ReadonlyMap<string, string>;
}

/**
 * The gradient of a loss with respect to tensors of its graph (reverse accumulation; Griewank & Walther 2008, chapter 3). Sizes
 * that are symbolic stay so: one session serves every batch size and length, zero included. Sizes that a file gives the same name
 * are taken to be equal.
 *
 * @throws UserError `badRequest` when a name is not in the graph, is no floating point tensor or is nothing the loss depends on (see
 * `differentiable`); `modelUnsupported` for an operator on the way without a rule, by name.
 */
export function buildGradient(model: OnnxModel, options: GradientOptions): Gradient {
  const { loss, withRespectTo, outputs = [], shortcuts = [] } = options;
  const canonical = withOutputs(canonicalOpset(model), [loss, ...outputs]);
  checkNames(canonical.graph, options);
  const active = dependents(canonical.graph, withRespectTo);
  const forward = expandFused(canonical, active);
  checkOperators(forward.graph, options);
  const facts = new GraphFacts(forward);
  const floatType = facts.elementType(loss) ?? ElementType.float32;
  checkTypes(facts, options, floatType);
  const graph = new GradientGraph(facts, floatType, freePrefix(forward.graph));
  const walk = new ReverseWalk(graph, dependents(forward.graph, withRespectTo), shortcuts);
  walk.from(loss);
  const { gradients, nodes } = nameGradients(
    graph,
    withRespectTo.map((name) => [name, walk.gradientOf(name)]),
  );
  const edited = editModel(
    forward,
    [
      (before) => ({
        ...before,
        nodes: [...before.nodes.map((node) => graph.extended.get(node) ?? node), ...nodes],
        initializers: [...before.initializers, ...graph.initializers],
        outputs: [...before.outputs, ...[...gradients.values()].map(untyped)],
      }),
      dropUnused(),
    ],
    { opsets: forward.opsets },
  );
  return { model: edited, gradients };
}

/**
 * Those of `names` that the loss depends on in a way that can be differentiated, whole numbers left out: what `buildGradient` takes.
 */
export function differentiable(model: OnnxModel, loss: string, names: readonly string[]): readonly string[] {
  const found = ancestors(model.graph, loss);
  const index = new GraphIndex(model.graph);
  const isWhole = (name: string): boolean => {
    const type = index.constant(name)?.elementType ?? index.value(name)?.elementType;
    return type !== undefined && type !== 0 && !isFloatType(type);
  };
  return names.filter((name) => found.has(name) && !isWhole(name));
}

/** The model with these outputs alone, and only what they need. */
function withOutputs(model: OnnxModel, names: readonly string[]): OnnxModel {
  const index = new GraphIndex(model.graph);
  const outputs = [...new Set(names)].map(
    (name) =>
      model.graph.outputs.find((output) => output.name === name) ?? index.value(name) ?? untyped(name),
  );
  const graph = dropUnused()({ ...model.graph, outputs });
  return { ...model, graph };
}

function checkNames(graph: OnnxGraph, { loss, withRespectTo, outputs = [] }: GradientOptions): void {
  const defined = definedNames(graph);
  const missing = [loss, ...outputs].filter((name) => !defined.has(name));
  if (missing.length > 0) {
    throw badRequest(`The graph has no tensor named ${quoted(missing)}.`);
  }
  const reached = ancestors(graph, loss);
  const apart = withRespectTo.filter((name) => !reached.has(name));
  if (apart.length > 0) {
    throw badRequest(
      `The loss "${loss}" does not depend on ${quoted(apart)}, or not in a way that has a gradient. Leave out what it does not depend on.`,
    );
  }
}

/** Every node on the way from the tensors asked for to the loss has a rule. */
function checkOperators(graph: OnnxGraph, { loss, withRespectTo }: GradientOptions): void {
  const [active, reached] = [dependents(graph, withRespectTo), ancestors(graph, loss)];
  for (const node of graph.nodes) {
    const onTheWay = node.outputs.some((output) => active.has(output) && reached.has(output));
    if (onTheWay && !(operatorOf(node) in RULES)) {
      throw unsupportedNode(node, 'It has no rule of differentiation.');
    }
  }
}

function checkTypes(facts: GraphFacts, { loss, withRespectTo }: GradientOptions, floatType: number): void {
  const whole = [loss, ...withRespectTo].filter((name) => !isFloatType(facts.elementType(name) ?? floatType));
  if (whole.length > 0) {
    throw badRequest(`Only floating point tensors have gradients; ${quoted(whole)} holds other values.`);
  }
  const dims = facts.dims(loss);
  if (dims?.some((dim) => typeof dim === 'number' && dim !== 1)) {
    throw badRequest(`A loss is one number; "${loss}" has the shape [${dims.join(', ')}].`);
  }
}

function badRequest(message: string): UserError {
  return new UserError('badRequest', message);
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`);
  return names.length > shown.length
    ? `${shown.join(', ')} and ${names.length - shown.length} more`
    : shown.join(', ');
}

function freePrefix(graph: OnnxGraph): string {
  const names = [...definedNames(graph)];
  let prefix = 'gradient/';
  for (let i = 2; names.some((name) => name.startsWith(prefix)); i++) {
    prefix = `gradient${i}/`;
  }
  return prefix;
}

/** Gives every gradient an output of its own: a new name where its maker may be renamed, else a copy. */
function nameGradients(
  graph: GradientGraph,
  found: readonly (readonly [tensor: string, gradient: string])[],
): { readonly gradients: ReadonlyMap<string, string>; readonly nodes: readonly OnnxNode[] } {
  const made = new Set(graph.nodes.flatMap((node) => node.outputs));
  const renamed = new Map<string, string>();
  const copies: OnnxNode[] = [];
  const gradients = new Map<string, string>();
  for (const [tensor, gradient] of found) {
    const name = graph.nameOf(tensor);
    gradients.set(tensor, name);
    if (made.has(gradient) && !renamed.has(gradient)) {
      renamed.set(gradient, name);
    } else {
      const source = renamed.get(gradient) ?? gradient;
      copies.push({
        name: `${name}/node`,
        opType: 'Identity',
        domain: '',
        inputs: [source],
        outputs: [name],
        attributes: {},
      });
    }
  }
  const rename = (name: string): string => renamed.get(name) ?? name;
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
  return { gradients, nodes: [...nodes, ...copies] };
}
