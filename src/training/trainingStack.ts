// The graphs that are trained, each with its anatomy, and where in them a weight stands. Types only.
import type { Anatomy } from '../anatomy/anatomy';
import type { OnnxModel } from '../onnx/model';

/** A graph as the loader reads it: branches unfolded, 16-bit weights expanded to float32. */
export interface TrainingStack {
  readonly model: OnnxModel;
  readonly anatomy: Anatomy;
}

/** An encoder with its decoder, or one graph. */
export type TrainingStacks =
  { readonly encoder: TrainingStack; readonly decoder: TrainingStack } | { readonly model: TrainingStack };

/** Which of the graphs. */
export type StackName = 'encoder' | 'decoder' | 'model';

/** The graphs in the order in which they run. */
export function stacksOf(stacks: TrainingStacks): readonly (readonly [StackName, TrainingStack])[] {
  return 'model' in stacks
    ? [['model', stacks.model]]
    : [
        ['encoder', stacks.encoder],
        ['decoder', stacks.decoder],
      ];
}

/** Where a weight stands: an initializer of a graph, possibly with its two axes swapped. */
export interface Place {
  readonly stack: StackName;
  readonly weight: string;
  readonly transposed: boolean;
}

/** A tensor that is learned. */
export interface Parameter {
  /** Name of the input of the training graph. */
  readonly name: string;
  readonly dims: readonly number[];
  /** Every initializer that holds these numbers; none for LoRA matrices and for a head that was added. */
  readonly places: readonly Place[];
  /** Whether weight decay acts on it: on matrices, not on biases and gains. */
  readonly decays: boolean;
}
