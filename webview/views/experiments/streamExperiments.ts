// The residual stream: what a skipped layer costs, when the answer appears, what a swapped word does inside, and which norm.
import type { LogitLens, SubLayerFlow } from '../../../src/shared/insight';
import type { Comparison } from '../../../src/shared/comparison';
import type { Side } from '../../../src/shared/modelSummary';
import { effectOf, flippedPositions, NEGLIGIBLE } from './effects';
import type { Bench, Experiment } from './experiment';
import { changedRun } from './intervening';
import type { Sentence } from './sentence';
import { measured, percent, say, share, trend } from './sentence';
import { swappedTokens } from './swappedTokens';

const layerName = (side: Side, layer: number) => `${side} layer ${layer + 1}`;

export const skippedLayer: Experiment = {
  id: 'skip-layer',
  group: 'stream',
  question: 'What if a layer were skipped?',
  about:
    'Every sub-layer only adds to its input: x + Sublayer(x) (section 3.1). Without the addition the state passes by unchanged (but for the norm of a post-norm model), so a model can survive the loss of a layer.',
  obstacle: ({ controls }) =>
    controls.subLayers.length > 0 ? undefined : 'No sub-layer of this model can be skipped in its graph.',
  run: async (bench, call) => {
    const layers = layersOf(bench);
    const steps: { name: string; meanKl: number; flipped: number; of: number }[] = [];
    for (const [index, { name, subLayers }] of layers.entries()) {
      call.onProgress?.({ message: name, done: index, total: layers.length });
      const { comparison } = await changedRun(
        bench,
        [{ kind: 'subLayer', enabled: true, subLayers, factor: 0 }],
        call,
      );
      steps.push({ name, meanKl: comparison.output?.meanKl ?? 0, ...flippedPositions(comparison) });
    }
    return {
      setting: `each of ${layers.length} layers skipped in turn`,
      interventions: [],
      after: undefined,
      comparison: undefined,
      rows: [],
      series: {
        title: 'KL of the output without each layer',
        unit: 'nats',
        points: steps.map(({ name, meanKl }) => ({ label: name, value: meanKl })),
      },
      finding: skippedFinding(steps),
    };
  },
};

/** The sub-layers of every layer of every side. */
function layersOf({ controls }: Bench): { readonly name: string; readonly subLayers: readonly string[] }[] {
  const layers = new Map<string, string[]>();
  for (const { name, layer } of controls.subLayers) {
    const side = name.startsWith('encoder') ? 'encoder' : 'decoder';
    const key = layerName(side, layer);
    layers.set(key, [...(layers.get(key) ?? []), name]);
  }
  return [...layers].map(([name, subLayers]) => ({ name, subLayers }));
}

export function skippedFinding(
  steps: readonly {
    readonly name: string;
    readonly meanKl: number;
    readonly flipped: number;
    readonly of: number;
  }[],
): Sentence {
  const ranked = [...steps].sort((a, b) => b.meanKl - a.meanKl);
  const [first] = ranked;
  const last = ranked[ranked.length - 1];
  const spared = steps.filter(({ flipped }) => flipped === 0).length;
  return [
    ...say`The model misses ${{ measured: first.name }} most: KL ${measured(first.meanKl)} nats, another likeliest token at ${share(first.flipped, first.of)} positions. `,
    ...say`It misses ${{ measured: last.name }} least (${measured(last.meanKl)} nats). `,
    ...(spared === 0
      ? say`No layer can be skipped without changing a likeliest token.`
      : say`${share(spared, steps.length)} layers can be skipped without changing any likeliest token.`),
  ];
}

export const whatLayersSay: Experiment = {
  id: 'layer-says',
  group: 'stream',
  question: 'What would each layer say?',
  about:
    'The state after each layer is taken through the end of the model as if it were the last one: the logit lens (nostalgebraist 2020). The Output tab shows it token by token.',
  obstacle: ({ summary }) => (summary.vocabulary > 0 ? undefined : 'This model ends in hidden states.'),
  run: async ({ lab, trace, batch, summary }, call) => {
    const side: Side = summary.family === 'encoder-only' ? 'encoder' : 'decoder';
    const real = trace[side][batch].tokens.filter(({ padding }) => !padding).length;
    const last = Math.min(real, 64) - 1;
    const lens = await lab.logitLens({ trace: trace.id, batch, first: 0, last, count: 1 }, call);
    const shares = topShares(lens);
    return {
      setting: `${lens.states.length} states, ${last + 1} positions`,
      interventions: [],
      after: undefined,
      comparison: undefined,
      rows: [],
      series: {
        title: 'Share of positions where the final answer is on top',
        unit: '',
        points: shares.map((value, state) => ({
          label: state === 0 ? 'embedding' : `after layer ${state}`,
          value,
        })),
      },
      finding: lensFinding(shares),
    };
  },
};

/** Per state: the share of positions where what the model says in the end ranks first. */
export function topShares({ cells }: LogitLens): number[] {
  return cells.map((row) => row.filter(({ final }) => final.rank === 1).length / Math.max(1, row.length));
}

export function lensFinding(shares: readonly number[]): Sentence {
  const half = shares.findIndex((value) => value >= 0.5);
  const layers = shares.length - 1;
  const early = half <= layers / 2;
  const before = shares.at(-2) ?? 0;
  return [
    ...(half === 0
      ? say`The answer is there from the start: already the embedding has it on top at ${percent(shares[0])} of the positions. `
      : say`The answer appears ${early ? 'early' : 'late'}: after ${share(half, layers)} layers it is on top at half of the positions or more. `),
    ...say`In the embedding it is at ${percent(shares[0])}, before the last layer at ${percent(before)}.`,
  ];
}

export const swappedWord: Experiment = {
  id: 'swap-word',
  group: 'stream',
  question: 'What if one word were another inside?',
  about:
    'The text is run again with one word replaced, and its states of that word after one layer are put into this run: from there on the model works with the other word. Where that stops to matter, the meaning of the word has already been passed on to other tokens. Both words need equally many tokens.',
  parameters: [
    { name: 'word', label: 'Word', initial: (bench) => nounsOf(textOf(bench))[0] ?? '' },
    { name: 'other', label: 'becomes', initial: (bench) => nounsOf(textOf(bench))[1] ?? '' },
  ],
  obstacle: (bench) => {
    const { word = '', other = '' } = bench.values;
    if (bench.controls.layers.length === 0) {
      return 'The states of this model cannot be patched in its graph.';
    }
    if (word.trim() === '' || other.trim() === '') {
      return 'Name the word and what it becomes.';
    }
    return textOf(bench).includes(word) ? undefined : `The text does not contain “${word}”.`;
  },
  run: async (bench, call) => {
    const { word = '', other = '' } = bench.values;
    const source = { text: textOf(bench).replace(word, () => other) };
    const side: Side = bench.trace.encoder.length > 0 ? 'encoder' : 'decoder';
    const { trace, batch } = bench;
    const swapped = await bench.lab.tokenize({ model: bench.summary.id, text: source.text }, call);
    const tokens = swappedTokens({ text: trace[side][batch], word }, { text: swapped, word: other });
    const layers = bench.controls.layers.filter((each) => each.side === side);
    const steps: { layer: number; meanKl: number; comparison: Comparison }[] = [];
    for (const [index, { layer }] of layers.entries()) {
      call.onProgress?.({ message: layerName(side, layer), done: index, total: layers.length });
      const { comparison } = await changedRun(
        bench,
        [
          {
            kind: 'patch',
            enabled: true,
            target: { of: 'layer', side, layer },
            source,
            texts: [batch],
            tokens,
          },
        ],
        call,
      );
      steps.push({ layer, meanKl: comparison.output?.meanKl ?? 0, comparison });
    }
    const last = steps[steps.length - 1];
    return {
      setting: `“${word}” → “${other}”, states of its ${tokens.length} token(s) patched after each of ${layers.length} ${side} layers in turn`,
      interventions: [],
      after: undefined,
      comparison: undefined,
      rows: [],
      series: {
        title: `KL of the output, states of “${other}” after each layer`,
        unit: 'nats',
        points: steps.map(({ layer, meanKl }) => ({ label: layerName(side, layer), value: meanKl })),
      },
      finding: swapFinding(steps, word, other, last.comparison),
    };
  },
};

export function swapFinding(
  steps: readonly { readonly layer: number; readonly meanKl: number }[],
  word: string,
  other: string,
  last: Comparison,
): Sentence {
  const strongest = steps.reduce((best, step) => (step.meanKl > best.meanKl ? step : best));
  const compared = strongest === steps[0] ? steps[steps.length - 1] : steps[0];
  if (strongest.meanKl < NEGLIGIBLE) {
    return say`The output does not care whether “${word}” or “${other}” stands inside: less than ${measured(NEGLIGIBLE)} nats at every layer.`;
  }
  const weakest = Math.min(...steps.map(({ meanKl }) => meanKl));
  const moved =
    trend(strongest.meanKl, weakest) === 'stays'
      ? say`With the states of “${other}” the output moves as much whichever layer they follow: by KL ${measured(weakest)} to ${measured(strongest.meanKl)} nats. So no layer has passed the meaning of the word on to other tokens.`
      : say`With the states of “${other}” after layer ${{ measured: String(strongest.layer + 1) }} the output moves most, by KL ${measured(strongest.meanKl)} nats; after layer ${{ measured: String(compared.layer + 1) }} it is ${measured(compared.meanKl)}.`;
  const translation = last.translation
    ? say` With the states of the last layer it translates: “${{ measured: last.translation.after }}”.`
    : [];
  return [...moved, ...translation, ' ', ...effectOf({ ...last, translation: undefined })];
}

/** The text that the first side reads. */
function textOf({ trace, batch }: Bench): string {
  return (trace.encoder.at(batch) ?? trace.decoder.at(batch))?.text ?? '';
}

/** Words behind an article first, which mostly are nouns, then the longest. */
export function nounsOf(text: string): string[] {
  const behind = [...text.matchAll(/(?<=\b(?:the|an?)\s)\p{L}{3,}/giu)].map(([word]) => word);
  const others = (text.match(/\p{L}{3,}/gu) ?? []).sort((a, b) => b.length - a.length);
  return [...new Set([...behind, ...others])];
}

export const layerOrBatch: Experiment = {
  id: 'batch-norm',
  group: 'stream',
  question: 'LayerNorm or BatchNorm?',
  about:
    'LayerNorm makes each token’s state even by its own mean and variance. BatchNorm would use those of all tokens of the batch, per dimension: then a token’s state depends on its neighbours. The same sums are normalised both ways here, with the model’s own γ and β.',
  obstacle: ({ trace }) => {
    const tokens = [...trace.encoder, ...trace.decoder].reduce(
      (sum, { tokens: each }) => sum + each.length,
      0,
    );
    return tokens > 2 ? undefined : 'A single token is its own average: select more text.';
  },
  run: async ({ lab, trace, batch, summary }, call) => {
    const side: Side = trace.encoder.length > 0 ? 'encoder' : 'decoder';
    const flows: SubLayerFlow[] = [];
    for (let layer = 0; layer < summary.layers[side]; layer++) {
      call.onProgress?.({ message: layerName(side, layer), done: layer, total: summary.layers[side] });
      flows.push(...(await lab.subLayers({ trace: trace.id, side, layer, batch }, call)));
    }
    const real = trace[side][batch].tokens.flatMap(({ padding }, index) => (padding ? [] : [index]));
    const norms = normDistances(flows, real);
    return {
      setting: `${norms.length} norms of the ${side}, ${real.length} tokens`,
      interventions: [],
      after: undefined,
      comparison: undefined,
      rows: [],
      series: {
        title: 'Distance between both results ÷ length',
        unit: '',
        points: norms.map(({ name, distance }) => ({ label: name, value: distance })),
      },
      finding: normFinding(norms),
    };
  },
};

/** Mean over tokens of the distance, and how much σ differs between tokens either way. */
export function normDistances(flows: readonly SubLayerFlow[], real: readonly number[]) {
  return flows.flatMap(({ name, norm, tokens }) => {
    const both = real.flatMap((index) => {
      const { after, batchNorm } = tokens[index];
      return after && batchNorm ? [{ own: after.deviation, ...batchNorm }] : [];
    });
    const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
    return both.length < 2 || norm === undefined
      ? []
      : [
          {
            name,
            norm,
            distance: both.reduce((sum, each) => sum + each.distance, 0) / both.length,
            own: spread(both.map(({ own }) => own)),
            batch: spread(both.map(({ deviation }) => deviation)),
          },
        ];
  });
}

export function normFinding(
  norms: readonly {
    readonly norm: 'layer' | 'rms';
    readonly distance: number;
    readonly own: number;
    readonly batch: number;
  }[],
): Sentence {
  if (norms.length === 0) {
    return say`No norm of this model could be followed, so there is nothing to compare.`;
  }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const distance = mean(norms.map((each) => each.distance));
  const own = mean(norms.map((each) => each.own));
  const batch = mean(norms.map((each) => each.batch));
  const name = norms[0].norm === 'rms' ? 'RMSNorm' : 'LayerNorm';
  return [
    ...say`BatchNorm would move the states by ${percent(distance)} of their length on average. `,
    ...(own < batch
      ? say`${name} gives the tokens of this text nearly the same spread: σ differs by ${measured(own)} between them, after BatchNorm by ${measured(batch)}. So ${name} keeps a token’s size independent of its neighbours.`
      : say`On this text BatchNorm would even out the tokens more (σ differs by ${measured(batch)}, after ${name} by ${measured(own)}), but only because it uses all of them.`),
  ];
}
