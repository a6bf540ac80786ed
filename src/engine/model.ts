// A loaded model: its stacks, tokenizer and configuration. Loading it is loadModel.ts, running it explore.ts.
import type { ModelConfig } from '../models/modelConfig';
import type { ModelLanguages } from '../models/modelLanguages';
import type { AttentionKind, ModelSummary } from '../shared/modelSummary';
import type { BackendInfo } from '../shared/protocol';
import { UserError } from '../shared/errors';
import type { TextTokenizer } from '../tokenizer/textTokenizer';
import type { Classifier } from '../training/classifier';
import type { ChangedFile } from './changedFile';
import type { ModelExperiments } from './experiment/modelExperiments';
import type { ModelGradients } from './gradients/modelGradients';
import type { LabelSource } from './labels/labelSource';
import type { Stack } from './stack';

export interface Model {
  readonly summary: ModelSummary;
  readonly backend: BackendInfo;
  readonly config: ModelConfig;
  readonly languages: ModelLanguages;
  /** Undefined when the folder has none. */
  readonly tokenizer: TextTokenizer | undefined;
  /** Of an encoder-only or encoder-decoder model. */
  readonly encoder: Stack | undefined;
  /** Of a decoder-only or encoder-decoder model. */
  readonly decoder: Stack | undefined;
  /** Of the encoder and the decoder, or of the only graph; undefined where they are too large to be kept. */
  readonly files: readonly ChangedFile[] | undefined;
  /** What fine-tuning has put on it to tell texts apart; undefined for models without. */
  readonly classifier: Classifier | undefined;
  /** Where the labels of a text classifier come from; undefined for models that are none. */
  readonly labels: LabelSource | undefined;
  /** The same stacks with controls, made when they are first needed. */
  readonly experiments: ModelExperiments;
  /** Backward graphs of the same stacks, likewise. */
  readonly gradients: ModelGradients;
}

/** @throws UserError `tokenizerMissing` */
export function tokenizerOf({ tokenizer, summary }: Model): TextTokenizer {
  if (!tokenizer) {
    const message = `The model "${summary.name}" has no tokenizer.json, so it cannot read text. Put the file into the model's folder, or choose it.`;
    throw new UserError('tokenizerMissing', message);
  }
  return tokenizer;
}

/** The stack that holds attentions of a kind. @throws UserError `badRequest` */
export function stackOf({ encoder, decoder }: Model, kind: AttentionKind): Stack {
  const stack = kind === 'encoderSelf' ? encoder : decoder;
  if (!stack) {
    throw new UserError('badRequest', `This model has no attention of the kind ${kind}.`);
  }
  return stack;
}

export async function releaseModel({ encoder, decoder, experiments, gradients }: Model): Promise<void> {
  await experiments.release();
  await gradients.release();
  await encoder?.session.release();
  await decoder?.session.release();
}
