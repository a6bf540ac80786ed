// How each output depends on the embeddings of the tokens: saliency, gradient × input and integrated gradients.
import { integratedGradient } from '../../explain/integratedGradients';
import { UserError } from '../../shared/errors';
import type {
  GradientBaseline,
  Gradients,
  GradientsRequest,
  IntegratedGradients,
  IntegratedGradientsRequest,
} from '../../shared/insight';
import type { CallOptions } from '../../shared/protocol';
import type { Matrix, NamedTensors } from '../../shared/tensor';
import { joinedName } from '../../training/joinGraphs';
import type { StackInputs } from '../feeds';
import type { PathRow, PathText, TextRow } from '../gradients/pathSession';
import type { Model } from '../model';
import { idsOf, realOf } from '../sequences';
import type { Stack } from '../stack';
import type { Trace } from '../trace';
import { outputRun, predicted } from './outputs';

/** Saliency and gradient × input of some target positions. Runs the model once forward and backward for each. */
export async function gradientsSlice(
  trace: Trace,
  { batch, first, count }: GradientsRequest,
  call: CallOptions,
): Promise<Gradients> {
  const total = trace.summary[outputRun(trace).stack.anatomy.side][batch].tokens.length;
  const positions = Array.from({ length: total }, (_, position) => position).slice(first, first + count);
  const rows = positions.flatMap((position) => rowsAt(trace, batch, position, [1]));
  const session = await trace.model.gradients.of(trace.model, call);
  const text = textOf(trace, batch, 'zero');
  const points = await session.points(text, rows, call.signal);
  const columns = text.source.ids.length + (text.target?.ids.length ?? 0);
  const matrix = (): Matrix => ({
    rows: positions.length,
    columns,
    data: new Float32Array(positions.length * columns).fill(NaN),
  });
  const [saliency, product] = [matrix(), matrix()];
  rows.forEach(({ position }, i) => {
    saliency.data.set(points[i].norm, (position - first) * columns);
    product.data.set(points[i].product, (position - first) * columns);
  });
  return { total, saliency, product };
}

/** Runs the model forward and backward once for every step. */
export async function integratedGradientsSlice(
  trace: Trace,
  { batch, target, baseline }: IntegratedGradientsRequest,
  call: CallOptions,
): Promise<IntegratedGradients | undefined> {
  if (rowsAt(trace, batch, target, [1]).length === 0) {
    return undefined;
  }
  const text = textOf(trace, batch, baseline);
  const session = await trace.model.gradients.of(trace.model, call);
  return integratedGradient((shares) =>
    session.points(text, rowsAt(trace, batch, target, shares), call.signal),
  );
}

/** One row per share; none where nothing is predicted. */
function rowsAt(
  trace: Trace,
  batch: number,
  position: number,
  shares: readonly number[],
): readonly PathRow[] {
  const token = predicted(trace, batch, position);
  return token === undefined ? [] : shares.map((share) => ({ position, token, share }));
}

function textOf({ model, summary }: Trace, batch: number, baseline: GradientBaseline): PathText {
  const { encoder, decoder } = model;
  const sides = (['encoder', 'decoder'] as const).flatMap((side) => {
    const stack = side === 'encoder' ? encoder : decoder;
    return stack && summary[side].length > 0 ? [{ side, stack, row: rowOf(summary[side][batch]) }] : [];
  });
  const [source, target] = sides;
  const named = sides.map(({ side, ...rest }) => ({
    ...rest,
    name: sides.length > 1 ? side : ('model' as const),
  }));
  return {
    source: source.row,
    target: target?.row,
    ...(baseline === 'pad' && {
      baselines: new Map(named.map(({ name, stack }) => [name, paddingRow(model, stack)])),
    }),
    controls: (rows) => {
      const feeds = named.flatMap(({ name, stack, row }) => {
        const over = target && stack === target.stack ? source.row : undefined;
        const inputs = repeated(row, over, rows, batch);
        return Object.entries(stack.controlFeeds(inputs)).map(
          ([input, tensor]) => [joinedName(name, input), tensor] as const,
        );
      });
      return Object.fromEntries(feeds) satisfies NamedTensors;
    },
  };
}

const rowOf = (sequence: Parameters<typeof idsOf>[0][number]): TextRow => ({
  ids: idsOf([sequence])[0],
  real: realOf([sequence])[0],
});

/** The same text in every row, as controls want to know it. */
function repeated(row: TextRow, source: TextRow | undefined, rows: number, text: number): StackInputs {
  const all = <T>(each: T): T[] => Array.from({ length: rows }, () => each);
  return {
    ids: all(row.ids),
    real: all(row.real),
    texts: all(text),
    ...(source && {
      encoder: {
        // The joined graph computes them.
        states: { type: 'float32', dims: [rows, 0, 0], data: new Float32Array(0) },
        real: all(source.real),
      },
    }),
  };
}

/** @throws UserError `badRequest` */
function paddingRow({ config, tokenizer }: Model, { anatomy, weights }: Stack): Float32Array<ArrayBuffer> {
  const pad = config.pad ?? tokenizer?.special.pad;
  const { embedding } = anatomy.structure;
  const weight = weights.get(embedding?.weight ?? '');
  if (pad === undefined || !embedding || weight?.dims[0] !== embedding.vocabulary) {
    throw new UserError(
      'badRequest',
      'This model has no padding token whose embedding could be the baseline. Choose zero.',
    );
  }
  return weight.data.slice(pad * embedding.width, (pad + 1) * embedding.width);
}
