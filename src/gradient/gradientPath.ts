// Which tensors lie on a way from chosen tensors to the loss: only there is a gradient needed.
import type { OnnxGraph, OnnxNode } from '../onnx/model';
import { sortNodes } from '../onnx/sortNodes';
import { namesRead } from '../onnx/tensorNames';
import { intAttribute } from '../anatomy/symbolic/attributes';
import { isFloatType } from './gradientGraph';
import { operatorOf } from './operatorRule';
import { NO_FLOW } from './ruleTable';

/** Operators whose further results are indices or masks. */
const FIRST_ONLY: ReadonlySet<string> = new Set(['TopK', 'Dropout']);

/** Operators through whose first input alone a gradient flows: tables of positions are made, not learned. */
const FIRST_INPUT: ReadonlySet<string> = new Set(['RotaryEmbedding', 'com.microsoft:RotaryEmbedding']);

/** What a node reads, without inputs through which nothing flows. */
function readBy(node: OnnxNode): readonly string[] {
  return FIRST_INPUT.has(operatorOf(node)) ? node.inputs.slice(0, 1) : namesRead(node);
}

/** Whether a gradient can pass through a node at all. */
export function flows(node: OnnxNode): boolean {
  const operator = operatorOf(node);
  return !NO_FLOW.has(operator) && !(operator === 'Cast' && !isFloatType(intAttribute(node, 'to')));
}

/** The tensors whose values depend, in a way that can be differentiated, on one of `sources`; the sources among them. */
export function dependents(graph: OnnxGraph, sources: readonly string[]): ReadonlySet<string> {
  const active = new Set(sources);
  for (const node of sortNodes(graph).nodes) {
    if (flows(node) && readBy(node).some((name) => active.has(name))) {
      const results = FIRST_ONLY.has(operatorOf(node)) ? node.outputs.slice(0, 1) : node.outputs;
      results.filter((name) => name !== '').forEach((name) => active.add(name));
    }
  }
  return active;
}

/** The tensors on which `target` depends in a way that can be differentiated; itself among them. */
export function ancestors(graph: OnnxGraph, target: string): ReadonlySet<string> {
  const makers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)),
  );
  const found = new Set([target]);
  // Walking a set visits what is added on the way.
  for (const name of found) {
    const node = makers.get(name);
    if (node && flows(node)) {
      readBy(node).forEach((read) => found.add(read));
    }
  }
  return found;
}
