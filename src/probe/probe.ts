// What it takes to look into a run: taps declared on a graph, and how to read one head out of them. Types only.
import type { AttentionSite, HeadLayout } from '../anatomy/anatomy';

/** What a tap shows of an attention. */
export type TapRole =
  'weights' | 'scores' | 'scaled' | 'masked' | 'mask' | 'bias' | 'query' | 'key' | 'value' | 'context';

/** An output that was added to the graph. */
export interface Tap {
  /** `AttentionSite.name`. */
  readonly attention: string;
  readonly role: TapRole;
  /** Name of the graph output to fetch. */
  readonly output: string;
  readonly layout: HeadLayout;
  /** What the tensor must be multiplied with to be what the role says, e.g. 1 ÷ scale for scores; 1 when left out. */
  readonly factor?: number;
}

/** A graph with taps: bytes ready for the runtime. */
export interface Probed {
  /** The file with the taps appended. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly taps: readonly Tap[];
  readonly sites: readonly AttentionSite[];
  /** The output that shows each tensor of the structure, by the tensor's name. */
  readonly states: ReadonlyMap<string, string>;
}
