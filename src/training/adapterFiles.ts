// LoRA matrices in the file layout of Hugging Face PEFT: adapter_config.json and adapter_model.safetensors; and back.
import { messageOf, UserError } from '../shared/errors';
import { readSafetensors, writeSafetensors } from '../shared/safetensors';
import type { Tensor } from '../shared/tensor';
import { sizeOf } from '../shared/tensor';
import type { ParameterValues } from './changedWeights';
import type { Task } from './data/example';
import type { Classifier } from './classifier';
import { CLASSIFIER_MODULE, classifierTensors, isOfClassifier, labelsMetadata } from './classifier';
import { joinedName } from './joinGraphs';
import type { LoraOptions, LoraSite } from './lora';
import { findModule, peftModules } from './peftModules';
import { transposed } from './sharedWeights';

export const ADAPTER_CONFIG = 'adapter_config.json';
export const ADAPTER_MODEL = 'adapter_model.safetensors';

const PREFIX = 'base_model.model.';

/** What PEFT calls the tasks; it has no name for masked words. */
const TASKS: Readonly<Record<Task, string | null>> = {
  translation: 'SEQ_2_SEQ_LM',
  causal: 'CAUSAL_LM',
  masked: null,
  classification: 'SEQ_CLS',
};

/** Both files by name. `strength` multiplies α, see `TrainingOptions`. */
export function writeAdapter(
  sites: readonly LoraSite[],
  { rank, alpha }: Pick<LoraOptions, 'rank' | 'alpha'>,
  values: ParameterValues,
  about: {
    readonly base: string;
    readonly task: Task;
    readonly strength?: number;
    readonly classifier?: Classifier;
  },
): Record<string, Uint8Array<ArrayBuffer>> {
  const { classifier } = about;
  const tensors: Record<string, Tensor> = classifier ? classifierTensors(classifier) : {};
  const modules = peftModules(sites);
  for (const [{ stack, a, b, inputs, outputs }, module] of modules) {
    const [down, up] = [a, b].map((name) => values(joinedName(stack, name)) ?? new Float32Array(0));
    tensors[`${PREFIX}${module}.lora_A.weight`] = matrix([rank, inputs], transposed(down, inputs, rank));
    tensors[`${PREFIX}${module}.lora_B.weight`] = matrix([outputs, rank], transposed(up, rank, outputs));
  }
  const config = {
    peft_type: 'LORA',
    task_type: TASKS[about.task],
    base_model_name_or_path: about.base,
    r: rank,
    lora_alpha: (about.strength ?? 1) * alpha,
    lora_dropout: 0,
    bias: 'none',
    // Whole names: the last part alone would also match modules that are not adapted.
    target_modules: [...modules.values()],
    ...(classifier && { modules_to_save: [CLASSIFIER_MODULE] }),
    fan_in_fan_out: sites.every(isConv1D),
    inference_mode: true,
  };
  return {
    [ADAPTER_CONFIG]: new TextEncoder().encode(`${JSON.stringify(config, undefined, 2)}\n`),
    [ADAPTER_MODEL]: writeSafetensors(tensors, {
      format: 'pt',
      ...labelsMetadata(classifier?.labels ?? []),
    }),
  };
}

/** GPT-2's Conv1D keeps its weight as `[in, out]` under the plain name. */
function isConv1D({ weight, transposed: isTurned }: LoraSite): boolean {
  return !isTurned && /\.weight(\/float32)?$/.test(weight);
}

function matrix(dims: readonly number[], data: Float32Array<ArrayBuffer>): Tensor {
  return { type: 'float32', dims, data };
}

/** An adapter that was read. */
export interface Adapter {
  readonly rank: number;
  readonly alpha: number;
  /** The sites that it adapts. */
  readonly sites: readonly LoraSite[];
  readonly values: ParameterValues;
}

/**
 * Reads an adapter for a model, ours or another program's.
 *
 * @param sites all that the model has.
 * @throws UserError `modelCorrupt` for files that are damaged or no LoRA; `badRequest` when a module is not in the model.
 */
export function readAdapter(
  files: Readonly<Record<string, Uint8Array<ArrayBuffer> | undefined>>,
  sites: readonly LoraSite[],
): Adapter {
  const { rank, alpha } = readConfig(files[ADAPTER_CONFIG]);
  const content = files[ADAPTER_MODEL];
  if (!content) {
    throw corrupt(`${ADAPTER_MODEL} is missing`);
  }
  const tensors = readSafetensors(content);
  const modules = peftModules(sites);
  const used = new Set<LoraSite>();
  const matrices = new Map<string, Float32Array>();
  for (const [name, tensor] of Object.entries(tensors).filter(([each]) => !isOfClassifier(each))) {
    const [, module = '', which] =
      /^(?:base_model\.model\.)?(.*)\.lora_([AB])(?:\.default)?\.weight$/.exec(name) ?? [];
    const site = findModule(module, modules);
    if (!site) {
      const message = `The adapter changes "${name}", which was not found in this model. Load the model that it was made from.`;
      throw new UserError('badRequest', message, { tensor: name });
    }
    const isA = which === 'A';
    const dims = isA ? [rank, site.inputs] : [site.outputs, rank];
    if (!(tensor.data instanceof Float32Array) || tensor.data.length !== sizeOf(dims)) {
      throw corrupt(`"${name}" is no float32 matrix [${dims.join(', ')}]`);
    }
    used.add(site);
    matrices.set(joinedName(site.stack, isA ? site.a : site.b), transposed(tensor.data, dims[0], dims[1]));
  }
  return { rank, alpha, sites: [...used], values: (name) => matrices.get(name) };
}

interface LoraConfig {
  readonly peft_type?: unknown;
  readonly r?: unknown;
  readonly lora_alpha?: unknown;
  /** α ÷ √r in place of α ÷ r (Kalajdzievski 2023). */
  readonly use_rslora?: unknown;
  /** Ranks and α of single modules. */
  readonly rank_pattern?: unknown;
  readonly alpha_pattern?: unknown;
}

function readConfig(content: Uint8Array | undefined): { readonly rank: number; readonly alpha: number } {
  let config: LoraConfig;
  try {
    config = JSON.parse(new TextDecoder().decode(content ?? new Uint8Array(0))) as LoraConfig;
  } catch (error) {
    throw corrupt(`${ADAPTER_CONFIG}: ${messageOf(error)}`);
  }
  const { peft_type: type, r: rank, lora_alpha: alpha } = config;
  if (type !== 'LORA' || typeof rank !== 'number' || typeof alpha !== 'number' || !(rank >= 1)) {
    throw corrupt(`${ADAPTER_CONFIG} describes no LoRA`);
  }
  if ([config.rank_pattern, config.alpha_pattern].some((each) => Object.keys(each ?? {}).length > 0)) {
    throw corrupt('its modules differ in rank or alpha');
  }
  return { rank, alpha: config.use_rslora === true ? alpha * Math.sqrt(rank) : alpha };
}

function corrupt(why: string): UserError {
  return new UserError('modelCorrupt', `The adapter cannot be used: ${why}. Choose another one.`);
}
