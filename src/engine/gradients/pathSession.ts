// Runs the graph of attributionGraph.ts on rows: one output of one text at one point of the path each, few enough at a time.
import type { Session } from '../../runtime/runtime';
import { throwIfCancelled, UserError } from '../../shared/errors';
import { nextMacrotask } from '../../shared/macrotask';
import type { NamedTensors, Tensor } from '../../shared/tensor';
import { ATTENTION_MASK, DECODER_IDS, INPUT_IDS } from '../../training/joinGraphs';
import type { PathEmbedding } from './attributionGraph';
import { PATH } from './attributionGraph';

/** Tokens of one run: enough to keep the processor busy, few enough to keep the states of all layers in memory. */
const RUN_TOKENS = 512;

/** What is differentiated, and where on the path. */
export interface PathRow {
  readonly position: number;
  /** Id whose log-probability at the position is the output. */
  readonly token: number;
  /** 0 at the baseline, 1 at the text. */
  readonly share: number;
}

/** A text, or a text with its target. */
export interface PathText {
  readonly source: TextRow;
  /** What the decoder of an encoder-decoder reads. */
  readonly target: TextRow | undefined;
  /** Row of the embedding in place of every token's at the baseline, by stack; left out: zero. */
  readonly baselines?: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
  /** Feeds of the inputs that experiments added, for so many rows, by names of the joined graph. */
  readonly controls: (rows: number) => NamedTensors;
}

export interface TextRow {
  readonly ids: readonly number[];
  /** False where a token only pads. */
  readonly real: readonly boolean[];
}

/** Of one {@link PathRow}; tokens of the source first, then those of the target. */
export interface PathPoint {
  /** ln p */
  readonly value: number;
  /** ‖gradient‖ by token. */
  readonly norm: Float32Array<ArrayBuffer>;
  /** gradient · (embedding − baseline) by token. */
  readonly product: Float32Array<ArrayBuffer>;
}

export class PathSession {
  constructor(
    private readonly session: Session,
    private readonly embeddings: readonly PathEmbedding[],
  ) {}

  /** @throws UserError `cancelled` between runs; as `Session.run` */
  async points(text: PathText, rows: readonly PathRow[], signal?: AbortSignal): Promise<PathPoint[]> {
    const tokens = text.source.ids.length + (text.target?.ids.length ?? 0);
    const together = Math.max(1, Math.floor(RUN_TOKENS / tokens));
    const points: PathPoint[] = [];
    for (let start = 0; start < rows.length; start += together) {
      throwIfCancelled(signal);
      points.push(...(await this.run(text, rows.slice(start, start + together), signal)));
      // A cancellation can only be heard between tasks.
      await nextMacrotask();
    }
    return points;
  }

  release(): Promise<void> {
    return this.session.release();
  }

  private async run(
    text: PathText,
    rows: readonly PathRow[],
    signal: AbortSignal | undefined,
  ): Promise<PathPoint[]> {
    const outputs = this.embeddings.flatMap(({ norm, product }) => [norm, product]);
    const all = this.feeds(text, rows);
    const feeds = Object.fromEntries(
      this.session.inputs.flatMap(({ name }) => (all[name] ? [[name, all[name]]] : [])),
    );
    const results = await this.session.run(feeds, [PATH.value, ...outputs], signal);
    const values = floatsOf(results, PATH.value);
    return rows.map((_row, index): PathPoint => {
      const of = (result: 'norm' | 'product', factor: (embedding: PathEmbedding) => number) => {
        const parts = this.embeddings.map((embedding) => {
          const data = floatsOf(results, embedding[result]);
          const length = data.length / rows.length;
          return data.slice(index * length, (index + 1) * length).map((number) => number * factor(embedding));
        });
        return Float32Array.from(parts.flatMap((part) => [...part]));
      };
      // After the scale s, x is s times as long and the gradient 1 ÷ s of it; their product is the same.
      const norm = of('norm', ({ scale }) => 1 / Math.abs(scale));
      return { value: values[index], norm, product: of('product', () => 1) };
    });
  }

  private feeds({ source, target, baselines, controls }: PathText, rows: readonly PathRow[]): NamedTensors {
    const count = rows.length;
    const column = (read: (row: PathRow) => number) => whole([count, 1, 1], rows.map(read));
    const feeds: Record<string, Tensor> = {
      ...controls(count),
      [INPUT_IDS]: repeated(source.ids, count),
      [ATTENTION_MASK]: repeated(source.real.map(Number), count),
      ...(target && { [DECODER_IDS]: repeated(target.ids, count) }),
      [PATH.position]: column(({ position }) => position),
      [PATH.token]: column(({ token }) => token),
      [PATH.share]: {
        type: 'float32',
        dims: [count, 1, 1],
        data: Float32Array.from(rows, ({ share }) => share),
      },
    };
    for (const { stack, baseline, width } of this.embeddings) {
      const data = baselines?.get(stack) ?? new Float32Array(width);
      feeds[baseline] = { type: 'float32', dims: [width], data };
    }
    return feeds;
  }
}

function repeated(numbers: readonly number[], rows: number): Tensor {
  return whole([rows, numbers.length], Array.from({ length: rows }, () => numbers).flat());
}

function whole(dims: readonly number[], numbers: readonly number[]): Tensor {
  return { type: 'int64', dims, data: BigInt64Array.from(numbers, BigInt) };
}

function floatsOf(results: NamedTensors, name: string): Float32Array<ArrayBuffer> {
  const data = results[name]?.data;
  if (!(data instanceof Float32Array)) {
    throw new UserError('internal', `The backward graph has no result "${name}".`);
  }
  return data;
}
