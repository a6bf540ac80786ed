// A captured run of a model on one batch of texts: the sequences, and the runs of its stacks.
import type { AttentionSite } from '../anatomy/anatomy';
import { UserError } from '../shared/errors';
import type { AttentionKind } from '../shared/modelSummary';
import type { ExploreRequest, TraceSummary } from '../shared/trace';
import type { TokenSequence, Unit } from '../shared/tokens';
import type { Span } from '../shared/aggregate';
import { pieceSpans } from '../shared/aggregate';
import type { Model } from './model';
import type { StackRun } from './stackRun';
import type { Sized } from './traceStore';

export class Trace implements Sized {
  constructor(
    readonly summary: TraceSummary,
    readonly model: Model,
    private readonly encoder: StackRun | undefined,
    private readonly decoder: StackRun | undefined,
    /** What was asked for, to run it again in another way. */
    readonly request: ExploreRequest,
  ) {}

  /** Runs of the decoder over the tokens of other traces, by their id, to compare with them. */
  readonly forced = new Map<string, StackRun>();

  get bytes(): number {
    return [...this.runs, ...this.forced.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  trim(excess: number): void {
    let left = excess;
    for (const [id, { bytes }] of this.forced) {
      if (left > 0) {
        this.forced.delete(id);
        left -= bytes;
      }
    }
    for (const run of this.runs) {
      left -= run.trim(left);
    }
  }

  /** Number of texts. */
  get batch(): number {
    return Math.max(this.summary.encoder.length, this.summary.decoder.length);
  }

  get runs(): readonly StackRun[] {
    return [this.encoder, this.decoder].filter((run) => run !== undefined);
  }

  /** The run that holds attentions of a kind. @throws UserError `badRequest` */
  run(kind: AttentionKind): StackRun {
    const run = kind === 'encoderSelf' ? this.encoder : this.decoder;
    if (!run) {
      throw new UserError('badRequest', `This model has no attention of the kind ${kind}.`);
    }
    return run;
  }

  /** An attention by name, with the run it belongs to. @throws UserError `badRequest` */
  attention(name: string): { readonly site: AttentionSite; readonly run: StackRun } {
    for (const run of this.runs) {
      const site = run.stack.anatomy.attentions.find((attention) => attention.name === name);
      if (site) {
        return { site, run };
      }
    }
    throw new UserError('badRequest', `This model has no attention '${name}'.`, { attention: name });
  }

  /** Attentions of a kind, by layer. */
  attentions(kind: AttentionKind): readonly AttentionSite[] {
    return this.run(kind)
      .stack.anatomy.attentions.filter((site) => site.kind === kind)
      .sort((a, b) => a.layer - b.layer);
  }

  /** Rows and columns of an attention of text `batch`, per piece or per word. */
  axes(
    kind: AttentionKind,
    batch: number,
    unit: Unit,
  ): { readonly queries: readonly Span[]; readonly keys: readonly Span[] } {
    const { encoder, decoder } = this.summary;
    const query = sequence(kind === 'encoderSelf' ? encoder : decoder, batch);
    const key = sequence(kind === 'decoderSelf' ? decoder : encoder, batch);
    return { queries: spans(query, unit), keys: spans(key, unit) };
  }
}

function sequence(sequences: readonly TokenSequence[], batch: number): TokenSequence {
  const found = sequences[batch];
  if (!found) {
    throw new UserError('badRequest', `This run has no text number ${batch}.`);
  }
  return found;
}

function spans({ tokens, words }: TokenSequence, unit: Unit): readonly Span[] {
  return unit === 'words' ? words : pieceSpans(tokens.length);
}
