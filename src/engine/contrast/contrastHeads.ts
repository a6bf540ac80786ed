// Heads of two runs beside one another: every pair of one kind in numbers, or one pair as pictures.
import { contrastMatrices, headDistance } from '../../explain/contrastMatrix';
import type {
  AlignedSide,
  HeadContrast,
  HeadContrastRequest,
  HeadDistance,
  KindContrast,
  TwoRuns,
} from '../../shared/contrast';
import { throwIfCancelled, UserError } from '../../shared/errors';
import { nextMacrotask } from '../../shared/macrotask';
import type { AttentionKind, Side } from '../../shared/modelSummary';
import type { CallOptions } from '../../shared/protocol';
import type { Matrix } from '../../shared/tensor';
import { headMatrix, headView } from '../slices/heads';
import type { Trace } from '../trace';
import { alignedSide, isSame, kindFor, layersFor, type Pair } from './matched';
import { sidesOf } from '../../shared/attentionSides';

/** All heads of one kind of attention of the first run, each against the one with its number. */
export async function contrastKind(
  pair: Pair,
  kind: AttentionKind,
  sides: ReadonlyMap<Side, AlignedSide>,
  layersFrom: TwoRuns['layersFrom'],
  { signal }: CallOptions,
): Promise<KindContrast> {
  const own = pair.a.attentions(kind);
  const b = kindFor(pair, kind);
  if (!b) {
    const [first, second] = [pair.a, pair.b].map(({ model }) => model.summary.name);
    const why = `${second} has nothing that reads what the ${nameOf(kind)}attention of ${first} reads.`;
    return {
      a: kind,
      b,
      layers: own.map(({ name }) => ({ a: name, b: undefined })),
      heads: [],
      cells: 0,
      why,
    };
  }
  const others = pair.b.attentions(b);
  const matched = layersFor(own.length, others.length, layersFrom).map((index) =>
    index === undefined ? undefined : others[index],
  );
  const layers = own.map(({ name }, index) => ({ a: name, b: matched[index]?.name }));
  const { query, key } = sidesOf(kind);
  const queries = sides.get(query)?.items ?? [];
  const keys = sides.get(key)?.items ?? [];
  const cells = queries.filter(isSame).length * keys.filter(isSame).length;
  const [first, second] = [own.at(0)?.heads ?? 0, others.at(0)?.heads ?? 0];
  if (own.some(({ heads }) => heads !== first) || others.some(({ heads }) => heads !== first)) {
    const names = [pair.a, pair.b].map(({ model }) => model.summary.name);
    const why = `${names[0]} has ${first} heads in a layer, ${names[1]} ${second}: no head has a counterpart. The means over heads can be compared.`;
    return { a: kind, b, layers, heads: [], cells, why };
  }
  if (cells === 0) {
    const why = 'No query and key are in both texts: there is no cell to compare.';
    return { a: kind, b, layers, heads: [], cells, why };
  }
  const heads: HeadDistance[] = [];
  for (const [layer, site] of own.entries()) {
    const other = matched[layer];
    const [left, right] = [
      await pair.a.run(kind).capture(site.name, 'weights', signal),
      other && (await pair.b.run(b).capture(other.name, 'weights', signal)),
    ];
    // A cancel is received between two layers.
    await nextMacrotask();
    throwIfCancelled(signal);
    for (let head = 0; left && right && other && head < site.heads; head++) {
      const distance = headDistance(
        headView(left, site, pair.batch.a, head),
        headView(right, other, pair.batch.b, head),
        queries,
        keys,
      );
      heads.push({ attention: site.name, other: other.name, layer: site.layer, head, ...distance });
    }
  }
  return { a: kind, b, layers, heads, cells, why: undefined };
}

/** @throws UserError `badRequest` for attentions that do not read the same sides, and heads that there are not */
export async function contrastHeads(
  pair: Pair,
  { attention, head, otherAttention, otherHead, unit }: HeadContrastRequest,
  { signal }: CallOptions,
): Promise<HeadContrast> {
  const { kind } = pair.a.attention(attention).site;
  const { query, key } = sidesOf(kind);
  const queries = alignedSide(pair, query, unit);
  const keys = alignedSide(pair, key, unit);
  if (!queries || !keys || pair.b.attention(otherAttention).site.kind !== kindFor(pair, kind)) {
    const message = `${attention} of ${pair.a.model.summary.name} and ${otherAttention} of ${pair.b.model.summary.name} do not read the same texts.`;
    throw new UserError('badRequest', message, { attention, otherAttention });
  }
  const a = await weightsOf(pair.a, attention, head, pair.batch.a, signal);
  const b = await weightsOf(pair.b, otherAttention, otherHead, pair.batch.b, signal);
  return contrastMatrices(a, b, queries.items, keys.items);
}

async function weightsOf(
  trace: Trace,
  attention: string,
  head: number | 'mean',
  batch: number,
  signal: AbortSignal | undefined,
): Promise<Matrix> {
  const { site, run } = trace.attention(attention);
  if (head !== 'mean' && !(head >= 0 && head < site.heads)) {
    throw new UserError('badRequest', `${attention} has ${site.heads} heads; there is no head ${head}.`);
  }
  const captured = await run.capture(attention, 'weights', signal);
  if (!captured) {
    throw new UserError('badRequest', `The graph of ${attention} does not show its weights.`, { attention });
  }
  return headMatrix(captured, site, batch, head);
}

function nameOf(kind: AttentionKind): string {
  const names = {
    encoderSelf: 'encoder self-',
    decoderSelf: 'decoder self-',
    cross: 'cross-',
  } as const satisfies Record<AttentionKind, string>;
  return names[kind];
}
