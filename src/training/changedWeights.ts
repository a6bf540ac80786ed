// What training has changed, as whole weights by graph and name; and a graph with them in place of its own.
import { constant } from '../onnx/graphBuilder';
import { editModel } from '../onnx/editModel';
import { replaceInitializers } from '../onnx/graphEdits';
import type { OnnxModel } from '../onnx/model';
import { ElementType } from '../onnx/model';
import { floatsOf } from '../onnx/tensorValues';
import { UserError } from '../shared/errors';
import { joinedName } from './joinGraphs';
import type { LoraOptions, LoraSite } from './lora';
import { mergeLora } from './lora';
import { transposed } from './sharedWeights';
import type { Parameter, StackName, TrainingStacks } from './trainingStack';
import { stacksOf } from './trainingStack';

/** By graph and by the name of the initializer as the loader reads it (16 bits expanded): all its numbers. */
export type ChangedWeights = ReadonlyMap<StackName, ReadonlyMap<string, Float32Array<ArrayBuffer>>>;

/** Numbers of parameters by name, as the trainer has them. */
export type ParameterValues = (name: string) => Float32Array | undefined;

/**
 * Weights after training all of them: base + strength · (trained − base), written to every place of a parameter.
 *
 * @param strength 1 keeps all of the change; less interpolates (Wortsman et al. 2022).
 */
export function fullChange(
  stacks: TrainingStacks,
  parameters: readonly Parameter[],
  values: ParameterValues,
  strength = 1,
): ChangedWeights {
  const changed = emptyChange(stacks);
  for (const { name, dims, places } of parameters) {
    const trained = values(name);
    const [first] = places;
    if (!trained || !first) {
      continue;
    }
    const kept =
      strength === 1 ? Float32Array.from(trained) : between(baseOf(stacks, first), trained, strength);
    for (const { stack, weight, transposed: isTurned } of places) {
      changed.get(stack)?.set(weight, isTurned ? transposed(kept, dims[0], dims[1]) : kept);
    }
  }
  return changed;
}

/** Weights with the products of LoRA's matrices added. @param strength multiplies α. */
export function loraChange(
  stacks: TrainingStacks,
  sites: readonly LoraSite[],
  { rank, alpha }: Pick<LoraOptions, 'rank' | 'alpha'>,
  values: ParameterValues,
  strength = 1,
): ChangedWeights {
  const changed = emptyChange(stacks);
  for (const site of sites) {
    const [a, b] = [site.a, site.b].map((name) => values(joinedName(site.stack, name)));
    if (a && b) {
      const merged = mergeLora(baseOf(stacks, site), site, { rank, alpha: strength * alpha }, a, b);
      changed.get(site.stack)?.set(site.weight, merged);
    }
  }
  return changed;
}

/** The model with changed weights; itself when none is. @throws RangeError for a weight that it does not have. */
export function applyChange(
  model: OnnxModel,
  weights: ReadonlyMap<string, Float32Array<ArrayBuffer>> | undefined,
): OnnxModel {
  if (!weights || weights.size === 0) {
    return model;
  }
  const dims = new Map(model.graph.initializers.map((weight) => [weight.name, weight.dims]));
  const replacements = [...weights].map(([name, values]) =>
    constant(name, ElementType.float32, dims.get(name) ?? [], values),
  );
  return editModel(model, [replaceInitializers(replacements)]);
}

function emptyChange(stacks: TrainingStacks): Map<StackName, Map<string, Float32Array<ArrayBuffer>>> {
  return new Map(stacksOf(stacks).map(([name]) => [name, new Map()]));
}

/** @throws UserError `badRequest` when the change belongs to another model. */
function baseOf(
  stacks: TrainingStacks,
  { stack, weight }: { readonly stack: StackName; readonly weight: string },
): Float32Array {
  const found = stacksOf(stacks).find(([name]) => name === stack);
  const initializer = found?.[1].model.graph.initializers.find(({ name }) => name === weight);
  if (!initializer) {
    const message = `The weight "${weight}" is not in this model: the fine-tuned weights belong to another one.`;
    throw new UserError('badRequest', message, { weight });
  }
  return floatsOf(initializer);
}

function between(base: Float32Array, trained: Float32Array, strength: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(trained, (value, i) => base[i] + strength * (value - base[i]));
}
