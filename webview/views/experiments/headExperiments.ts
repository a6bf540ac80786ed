// Heads: which one matters most, how many can go, whether every layer needs attention, and what a word’s meaning hangs on.
import type { SweepPoint } from '../../../src/shared/comparison';
import type { Intervention } from '../../../src/shared/intervention';
import { flippedPositions, NEGLIGIBLE } from './effects';
import type { Bench, Experiment, Series } from './experiment';
import { changedRun } from './intervening';
import type { Sentence } from './sentence';
import { measured, say, share, weight } from './sentence';
import { sweepAll } from './sweepAll';

const needsOutput = ({ summary, controls }: Bench): string | undefined => {
  if (!controls.attentions.some(({ can }) => can.includes('headGate'))) {
    return 'No head of this model can be removed in its graph.';
  }
  return summary.vocabulary > 0
    ? undefined
    : 'Without an output there is nothing that a head could matter for.';
};

/** `encoder self, layer 3, head 5` */
export function headName(attention: string, head: number): string {
  const [side, layer, kind] = attention.split('.');
  const name = kind === 'cross' ? 'cross' : `${side} self`;
  return `${name}, layer ${Number(layer) + 1}, head ${head + 1}`;
}

/** Largest change of the output first. */
export function byEffect(points: readonly SweepPoint[]): SweepPoint[] {
  return [...points].sort((a, b) => (b.meanKl ?? 0) - (a.meanKl ?? 0));
}

function headSeries(points: readonly SweepPoint[]): Series {
  return {
    title: 'KL of the output without each head',
    unit: 'nats',
    points: byEffect(points).flatMap(({ attention, head, meanKl }) =>
      attention === undefined || head === undefined
        ? []
        : [{ label: headName(attention, head), value: meanKl ?? 0, head: { attention, head } }],
    ),
  };
}

const sweepOutcome = (points: readonly SweepPoint[], finding: Sentence) => ({
  setting: `each of ${points.length} heads removed in turn`,
  interventions: [],
  after: undefined,
  comparison: undefined,
  rows: [],
  series: headSeries(points),
  finding,
});

export const mostImportantHead: Experiment = {
  id: 'head-importance',
  group: 'heads',
  question: 'Which head matters most here?',
  about:
    'Several heads look at the text in several ways (section 3.2.2). Each is removed in turn, i.e. its context is multiplied by 0 before the heads are joined, and the output compared. Many heads can usually go (Michel et al. 2019).',
  obstacle: needsOutput,
  run: async (bench, call) => {
    const points = await sweepAll(bench, { over: 'heads' }, false, call);
    return sweepOutcome(points, importanceFinding(points));
  },
};

export function importanceFinding(points: readonly SweepPoint[]): Sentence {
  const [first, second] = byEffect(points);
  const total = points.reduce((sum, { meanKl }) => sum + (meanKl ?? 0), 0);
  const negligible = points.filter(({ meanKl }) => (meanKl ?? 0) < NEGLIGIBLE).length;
  const most = first.meanKl ?? 0;
  if (most < NEGLIGIBLE) {
    return say`No single head matters for this text: each of the ${{ measured: String(points.length) }} can go with less than ${measured(NEGLIGIBLE)} nats of change.`;
  }
  const alone =
    most > total / 2
      ? say`It alone makes up more than half of the effect of all heads together.`
      : say`It makes up ${{ measured: `${Math.round((100 * most) / total)} %` }} of the effect of all heads together; the next one moves ${measured(second?.meanKl ?? 0)} nats.`;
  return [
    ...say`The output moves most without ${{ measured: headName(first.attention ?? '', first.head ?? 0) }}: KL ${measured(most)} nats. ${alone} `,
    ...say`${share(negligible, points.length)} heads can go one by one with less than ${measured(NEGLIGIBLE)} nats.`,
  ];
}

export const howManyHeads: Experiment = {
  id: 'head-pruning',
  group: 'heads',
  question: 'How many heads can go?',
  about:
    'Heads are removed together, those first that matter least one by one. What single removals say does not add up: heads stand in for each other, until there is none left to do so.',
  obstacle: needsOutput,
  run: async (bench, call) => {
    const points = await sweepAll(bench, { over: 'heads' }, false, call);
    const order = byEffect(points).reverse();
    const steps: { removed: number; meanKl: number; flipped: number; of: number }[] = [];
    const counts = pruningSteps(order.length);
    for (const [index, removed] of counts.entries()) {
      call.onProgress?.({ message: `${removed} heads removed`, done: index, total: counts.length });
      const { comparison } = await changedRun(bench, removalOf(order.slice(0, removed)), call);
      steps.push({ removed, meanKl: comparison.output?.meanKl ?? 0, ...flippedPositions(comparison) });
    }
    return {
      setting: `up to ${order.length} heads removed together, the least important first`,
      interventions: [],
      after: undefined,
      comparison: undefined,
      rows: [],
      series: {
        title: 'KL of the output without so many heads',
        unit: 'nats',
        points: steps.map(({ removed, meanKl }) => ({ label: `${removed} heads`, value: meanKl })),
      },
      finding: pruningFinding(steps, order.length),
    };
  },
};

/** Eighths of all heads. */
export function pruningSteps(heads: number): number[] {
  return [...new Set(Array.from({ length: 8 }, (_, step) => Math.round(((step + 1) * heads) / 8)))].filter(
    (count) => count > 0,
  );
}

export function pruningFinding(
  steps: readonly {
    readonly removed: number;
    readonly meanKl: number;
    readonly flipped: number;
    readonly of: number;
  }[],
  heads: number,
): Sentence {
  const kept = steps.filter(
    ({ flipped }, index) => steps.slice(0, index + 1).every((each) => each.flipped === 0) && flipped === 0,
  );
  const most = kept.at(-1)?.removed ?? 0;
  const first = steps.find(({ flipped }) => flipped > 0);
  const start =
    most > 0
      ? say`${share(most, heads)} heads can go together without another likeliest token at any position.`
      : say`Already the first step of ${{ measured: String(steps[0]?.removed ?? 0) }} heads changes a likeliest token.`;
  const then = first
    ? say` Without ${{ measured: String(first.removed) }} it is another one at ${share(first.flipped, first.of)} positions, and the output moves by KL ${measured(first.meanKl)} nats.`
    : say` Even without any head no likeliest token changes: for this text the model does not need attention.`;
  return [...start, ...then];
}

/** One gate per attention. */
export function removalOf(points: readonly SweepPoint[]): Intervention[] {
  const heads = new Map<string, number[]>();
  for (const { attention, head } of points) {
    if (attention !== undefined && head !== undefined) {
      heads.set(attention, [...(heads.get(attention) ?? []), head]);
    }
  }
  return [...heads].map(([attention, list]) => ({
    kind: 'headGate',
    enabled: true,
    attentions: [attention],
    heads: list.sort((a, b) => a - b),
    factor: 0,
  }));
}

export const everyLayer: Experiment = {
  id: 'attention-layers',
  group: 'heads',
  question: 'Does every layer need attention?',
  about:
    'Each attention as a whole is skipped in turn: its contribution to the residual stream is multiplied by 0, and the state passes by.',
  obstacle: (bench) =>
    bench.controls.subLayers.some(({ what }) => what === 'attention')
      ? needsOutput(bench)
      : 'No sub-layer of this model can be skipped in its graph.',
  run: async (bench, call) => {
    const all = await sweepAll(bench, { over: 'subLayers' }, false, call);
    const attention = new Set(
      bench.controls.subLayers.flatMap(({ what, name }) => (what === 'attention' ? [name] : [])),
    );
    const points = all.filter(({ subLayer }) => subLayer !== undefined && attention.has(subLayer));
    return {
      setting: `each of ${points.length} attentions skipped in turn`,
      interventions: [],
      after: undefined,
      comparison: undefined,
      rows: [],
      series: {
        title: 'KL of the output without each attention',
        unit: 'nats',
        points: byEffect(points).map(({ subLayer, meanKl }) => ({
          label: subLayer ?? '',
          value: meanKl ?? 0,
        })),
      },
      finding: layersFinding(points),
    };
  },
};

export function layersFinding(points: readonly SweepPoint[]): Sentence {
  const ranked = byEffect(points);
  const [first] = ranked;
  const last = ranked[ranked.length - 1];
  const needed = points.filter(({ flipped }) => (flipped ?? 0) > 0).length;
  const verdict =
    needed === points.length
      ? say`Every attention is needed: without any one of them a likeliest token changes.`
      : say`${share(needed, points.length)} attentions are needed for the likeliest tokens; without one of the others they stay.`;
  return [
    ...verdict,
    ...say` The output moves most without ${{ measured: first.subLayer ?? '' }} (KL ${measured(first.meanKl ?? 0)} nats) and least without ${{ measured: last.subLayer ?? '' }} (${measured(last.meanKl ?? 0)}).`,
  ];
}

export const whatDecides: Experiment = {
  id: 'word-heads',
  group: 'heads',
  question: 'What decides what a word means?',
  about:
    'The word at the editor’s cursor, or the pinned query: in which head does it look where, and does the output change without that head? A large weight alone does not say that a head matters (Jain & Wallace 2019).',
  obstacle: (bench) =>
    bench.token === undefined
      ? 'Put the cursor into a word of the explored text, or pin a cell, to choose the word.'
      : needsOutput(bench),
  run: async (bench, call) => {
    const kind = bench.summary.family === 'decoder-only' ? 'decoderSelf' : 'encoderSelf';
    const points = await sweepAll(bench, { over: 'heads', kind }, false, call);
    const side = kind === 'encoderSelf' ? 'encoder' : 'decoder';
    const { tokens } = bench.trace[side][bench.batch];
    const query = bench.token ?? 0;
    const [first] = byEffect(points);
    const strongest = { key: 0, weight: 0 };
    const layer = bench.summary.attentions
      .filter((each) => each.kind === kind)
      .findIndex(({ name }) => name === first.attention);
    for (const key of tokens.keys()) {
      const place = { trace: bench.trace.id, kind, batch: bench.batch, unit: 'pieces', query, key } as const;
      const weights = await bench.lab.pair(place, call);
      const value = weights.data[layer * weights.columns + (first.head ?? 0)];
      if (value > strongest.weight) {
        Object.assign(strongest, { key, weight: value });
      }
    }
    return sweepOutcome(
      points,
      decidesFinding(points, tokens[query].label, tokens[strongest.key].label, strongest.weight),
    );
  },
};

export function decidesFinding(
  points: readonly SweepPoint[],
  word: string,
  target: string,
  seen: number,
): Sentence {
  const [first] = byEffect(points);
  const matter = points.filter(({ meanKl }) => (meanKl ?? 0) >= 0.05).length;
  return [
    ...say`${share(matter, points.length)} heads of this kind change the output by 0.05 nats or more when they are removed. `,
    ...say`The one that matters most is ${{ measured: headName(first.attention ?? '', first.head ?? 0) }} (KL ${measured(first.meanKl ?? 0)} nats); there “${word}” looks most at “${target}”, with ${weight(seen)}. `,
    ...(seen >= 0.3
      ? say`So this head says something about the word itself.`
      : say`So the head matters, but hardly because of what this word looks at.`),
  ];
}
