// What an experiment is: a question, what it changes, and a finding whose every number comes from the run. Types only.
import type { Comparison } from '../../../src/shared/comparison';
import type { Intervention, ModelControls } from '../../../src/shared/intervention';
import type { ModelSummary } from '../../../src/shared/modelSummary';
import type { CallOptions, PanelHost } from '../../../src/shared/protocol';
import type { TraceSummary } from '../../../src/shared/trace';
import type { Sentence } from './sentence';

/** What experiments ask the engine, through the host. */
export type Lab = Pick<
  PanelHost,
  | 'tokenize'
  | 'intervene'
  | 'compare'
  | 'sweep'
  | 'equivariance'
  | 'steps'
  | 'logitLens'
  | 'subLayers'
  | 'pair'
>;

/** The run that is looked at, unchanged, and what the model allows. */
export interface Bench {
  readonly lab: Lab;
  readonly summary: ModelSummary;
  readonly controls: ModelControls;
  readonly trace: TraceSummary;
  readonly batch: number;
  /** The pinned pair or the followed word as pieces, where there is one. */
  readonly token: number | undefined;
  readonly values: Readonly<Record<string, string>>;
}

export type Group = 'scaling' | 'masks' | 'positions' | 'heads' | 'stream';

/** Something about an experiment that can be chosen: a number or a word. */
export interface Parameter {
  readonly name: string;
  readonly label: string;
  readonly initial: (bench: Bench) => string;
}

/** A number before and after. */
export interface Changed {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

/** A row of bars or points of a curve. */
export interface Series {
  readonly title: string;
  readonly unit: string;
  readonly points: readonly {
    readonly label: string;
    readonly value: number;
    /** What the point stands for, where it is a head. */
    readonly head?: { readonly attention: string; readonly head: number };
  }[];
}

/** What an experiment found. */
export interface Outcome {
  /** What was changed, e.g. `score scale 0.1768 → 1 in all 18 attentions`. */
  readonly setting: string;
  /** The change itself, so that it can be kept; none where the experiment tried many. */
  readonly interventions: readonly Intervention[];
  /** The changed run, to be drawn beside the unchanged one. */
  readonly after: TraceSummary | undefined;
  readonly comparison: Comparison | undefined;
  readonly rows: readonly Changed[];
  readonly series: Series | undefined;
  readonly finding: Sentence;
}

export interface Experiment {
  readonly id: string;
  readonly group: Group;
  readonly question: string;
  /** Why one would ask, in two sentences, with the section of the paper. */
  readonly about: string;
  readonly parameters?: readonly Parameter[];
  /** Why it cannot be done with this model and text. */
  readonly obstacle?: (bench: Bench) => string | undefined;
  readonly run: (bench: Bench, call: CallOptions) => Promise<Outcome>;
}
