// Products with weights as linear layers: which weight, which bias, what goes in and out; and tensors that are the same states.
import type { OnnxNode } from '../onnx/model';
import type { LinearBlock } from '../shared/modelStructure';
import { sizeOf } from '../shared/tensor';
import type { GraphFacts } from './graphFacts';
import { intAttribute, intsAttribute } from './symbolic/attributes';

/** Operators whose result is the same numbers in the same order. */
const SAME = new Set(['Identity', 'Cast', 'Dropout', 'CastLike']);
/** Operators that only arrange; of states `[batch, length, width]` they keep each row. */
const ARRANGES = new Set([...SAME, 'Reshape', 'Squeeze', 'Unsqueeze', 'Transpose', 'Flatten']);
const PRODUCTS = new Set(['MatMul', 'Gemm', 'FusedMatMul']);
const MAX_STEPS = 12;
const MAX_ANCESTORS = 200;

/** The first tensor with these numbers: through casts and identities only. */
export function origin(facts: GraphFacts, tensor: string): string {
  let name = tensor;
  for (let i = 0; i < MAX_STEPS; i++) {
    const node = facts.producer(name);
    if (!node || !SAME.has(node.opType)) {
      return name;
    }
    [name] = node.inputs;
  }
  return name;
}

/** As {@link origin}, also through reshapes. */
export function rowsOrigin(facts: GraphFacts, tensor: string): string {
  let name = tensor;
  for (let i = 0; i < MAX_STEPS; i++) {
    const node = facts.producer(name);
    if (!node || !ARRANGES.has(node.opType)) {
      return name;
    }
    [name] = node.inputs;
  }
  return name;
}

/** A weight of the model behind an operand, seen through a Transpose of its two axes. */
function weightOperand(
  facts: GraphFacts,
  tensor: string,
): { readonly name: string; readonly dims: readonly number[]; readonly transposed: boolean } | undefined {
  const own = facts.weight(tensor);
  if (own) {
    return own.dims.length === 2 ? { name: own.name, dims: own.dims, transposed: false } : undefined;
  }
  const node = facts.producer(tensor);
  const swaps = node?.opType === 'Transpose' && (intsAttribute(node, 'perm') ?? [1, 0]).join() === '1,0';
  const behind = node && swaps ? facts.weight(node.inputs[0]) : undefined;
  return behind?.dims.length === 2 ? { name: behind.name, dims: behind.dims, transposed: true } : undefined;
}

/** A vector of weights: a bias or a gain. `[1, n]` counts, too. */
export function vector(
  facts: GraphFacts,
  tensor: string,
): { readonly name: string; readonly size: number } | undefined {
  const weight = facts.weight(tensor);
  const isVector = weight && weight.dims.length > 0 && weight.dims.slice(0, -1).every((dim) => dim === 1);
  return isVector ? { name: weight.name, size: weight.dims[weight.dims.length - 1] } : undefined;
}

/** The product of states and a weight that a node is, with the bias that is added next. */
export function linearAt(facts: GraphFacts, node: OnnxNode): LinearBlock | undefined {
  if (!PRODUCTS.has(node.opType)) {
    return undefined;
  }
  const weight = weightOperand(facts, node.inputs[1]);
  if (!weight || facts.isConstant(node.inputs[0])) {
    return undefined;
  }
  const transposed = weight.transposed !== (intAttribute(node, 'transB') === 1);
  const [inputs, outputs] = transposed ? [weight.dims[1], weight.dims[0]] : weight.dims;
  const own = node.inputs[2] ? vector(facts, node.inputs[2]) : undefined;
  const added = own ? undefined : addedBias(facts, node.outputs[0]);
  const bias = own ?? added?.bias;
  return {
    input: node.inputs[0],
    output: added?.output ?? node.outputs[0],
    weight: weight.name,
    transposed,
    bias: bias?.name,
    inputs,
    outputs,
    parameters: sizeOf(weight.dims) + (bias?.size ?? 0),
  };
}

function addedBias(facts: GraphFacts, product: string) {
  let tensor = product;
  for (let i = 0; i < 4; i++) {
    const uses = facts.consumers(tensor);
    const only = uses.length === 1 ? uses[0] : undefined;
    if (!only || only.input < 0) {
      return undefined;
    }
    if (only.node.opType === 'Add') {
      const bias = vector(facts, only.node.inputs[1 - only.input]);
      return bias && { bias, output: only.node.outputs[0] };
    }
    if (!ARRANGES.has(only.node.opType)) {
      return undefined;
    }
    [tensor] = only.node.outputs;
  }
  return undefined;
}

/** The linear layer whose result a tensor is, through reshapes and its bias. */
export function linearBehind(facts: GraphFacts, tensor: string): LinearBlock | undefined {
  let name = rowsOrigin(facts, tensor);
  const node = facts.producer(name);
  if (node?.opType === 'Add') {
    const input = node.inputs.findIndex((operand) => vector(facts, operand));
    if (input < 0) {
      return undefined;
    }
    name = rowsOrigin(facts, node.inputs[1 - input]);
  }
  const product = facts.producer(name);
  return product && linearAt(facts, product);
}

/** The linear layer that reads a tensor, through what only arranges it. */
export function linearAfter(facts: GraphFacts, tensor: string): LinearBlock | undefined {
  const queue = [{ tensor, steps: 0 }];
  for (let item = queue.shift(); item; item = queue.shift()) {
    for (const { node, input } of facts.consumers(item.tensor)) {
      const found = input === 0 ? linearAt(facts, node) : undefined;
      if (found) {
        return found;
      }
      if (input === 0 && ARRANGES.has(node.opType) && item.steps < MAX_STEPS) {
        queue.push({ tensor: node.outputs[0], steps: item.steps + 1 });
      }
    }
  }
  return undefined;
}

/** The linear layers that a tensor is computed from without another one in between, e.g. through a rotation and a cache. */
export function nearestLinears(facts: GraphFacts, tensor: string): readonly LinearBlock[] {
  const found: LinearBlock[] = [];
  const seen = new Set<string>();
  const queue = [tensor];
  for (let name = queue.shift(); name !== undefined && seen.size < MAX_ANCESTORS; name = queue.shift()) {
    const node = facts.producer(name);
    if (seen.has(name) || !node || node.opType === 'Shape' || facts.isConstant(name)) {
      continue;
    }
    seen.add(name);
    const linear = linearAt(facts, node);
    if (linear) {
      found.push(linear);
    } else {
      queue.push(...node.inputs);
    }
  }
  return found;
}
