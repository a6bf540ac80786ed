// Masks: what a decoder does when it sees what comes, what padding does when it is visible, and how far attention reaches.
import type { Comparison } from '../../../src/shared/comparison';
import type { OutputStep } from '../../../src/shared/insight';
import { effectOf } from './effects';
import type { Bench, Experiment } from './experiment';
import { tryChange } from './intervening';
import type { Sentence } from './sentence';
import { say, share } from './sentence';

const maskable = ({ controls }: Bench, kinds: readonly string[]) =>
  controls.attentions.filter(({ can, kind }) => can.includes('mask') && kinds.includes(kind));

const names = (sites: readonly { readonly attention: string }[]) => sites.map(({ attention }) => attention);

export const noCausalMask: Experiment = {
  id: 'no-causal-mask',
  group: 'masks',
  question: 'What if there were no causal mask?',
  about:
    'The decoder must not see the token that it has to predict: scores of later positions are set to −∞ before the softmax (section 3.2.3). Without that, a model could copy instead of predict; this one never learned to.',
  obstacle: (bench) =>
    maskable(bench, ['decoderSelf']).length > 0
      ? undefined
      : 'This model has no decoder whose mask could be removed.',
  run: (bench, call) => {
    const sites = maskable(bench, ['decoderSelf']);
    return tryChange(
      bench,
      `no causal mask in ${sites.length} decoder self-attentions`,
      [
        {
          kind: 'mask',
          enabled: true,
          attentions: names(sites),
          heads: 'all',
          texts: 'all',
          mask: { preset: 'padding' },
        },
      ],
      async (comparison, after) => {
        const place = { batch: bench.batch };
        const [before, changed] = await Promise.all([
          bench.lab.steps({ ...place, trace: bench.trace.id }, call),
          bench.lab.steps({ ...place, trace: after.id }, call),
        ]);
        return causalFinding(comparison, hits(before), hits(changed));
      },
      call,
    );
  },
};

/** Positions where the likeliest token is the one that follows. */
export function hits(steps: readonly OutputStep[]): { readonly hit: number; readonly of: number } {
  const known = steps.flatMap(({ actual }) => (actual ? [actual] : []));
  return { hit: known.filter(({ rank }) => rank === 1).length, of: known.length };
}

export function causalFinding(
  comparison: Comparison,
  before: { readonly hit: number; readonly of: number },
  after: { readonly hit: number; readonly of: number },
): Sentence {
  const { translation } = comparison;
  const translated = translation !== undefined && translation.changed + translation.added > 0;
  const part = ({ hit, of }: { readonly hit: number; readonly of: number }) => hit / Math.max(1, of);
  const verdict =
    part(after) > part(before)
      ? say`Seeing what comes helps this model to name the next token`
      : part(after) < part(before)
        ? say`Seeing what comes confuses this model, which was trained without it`
        : say`Seeing what comes changes nothing about how often the next token is named`;
  return [
    ...say`${verdict}: the token that follows is the likeliest at ${share(after.hit, after.of)} positions, with the mask at ${share(before.hit, before.of)}. `,
    ...(translated ? say`These are two translations, each counted over its own tokens. ` : []),
    ...effectOf(comparison),
  ];
}

export const visiblePadding: Experiment = {
  id: 'visible-padding',
  group: 'masks',
  question: 'What if the padding were visible?',
  about:
    'Texts of a batch are padded to equal length. A mask keeps every query from looking at padding; without it a text’s result would depend on which other texts it was computed with.',
  obstacle: ({ trace, controls }) => {
    const padded = [...trace.encoder, ...trace.decoder].some(({ tokens }) =>
      tokens.some(({ padding }) => padding),
    );
    if (!padded) {
      return 'Nothing is padded: select several places of different length (Alt+click), then explore.';
    }
    return controls.attentions.some(({ can }) => can.includes('mask'))
      ? undefined
      : 'No mask of this model can be changed.';
  },
  run: (bench, call) => {
    // A causal mask stays: only padding is to be seen.
    const free = maskable(bench, ['encoderSelf', 'cross']);
    const causal = maskable(bench, ['decoderSelf']);
    return tryChange(
      bench,
      `padding visible in ${free.length + causal.length} attentions`,
      [
        ...(free.length > 0
          ? [
              {
                kind: 'mask',
                enabled: true,
                attentions: names(free),
                heads: 'all',
                texts: 'all',
                mask: { preset: 'none' },
              } as const,
            ]
          : []),
        ...(causal.length > 0
          ? [
              {
                kind: 'mask',
                enabled: true,
                attentions: names(causal),
                heads: 'all',
                texts: 'all',
                mask: { preset: 'causal', padding: 'visible' },
              } as const,
            ]
          : []),
      ],
      (comparison) => paddingFinding(comparison, paddedShare(bench)),
      call,
    );
  },
};

/** How much of the shown text is padding, on the side that has some. */
function paddedShare({ trace, batch }: Bench): { readonly padded: number; readonly of: number } {
  const counts = [trace.encoder.at(batch), trace.decoder.at(batch)].map((sequence) => ({
    padded: sequence?.tokens.filter(({ padding }) => padding).length ?? 0,
    of: sequence?.tokens.length ?? 0,
  }));
  return counts[0].padded > 0 ? counts[0] : counts[1];
}

export function paddingFinding(
  comparison: Comparison,
  { padded, of }: { readonly padded: number; readonly of: number },
): Sentence {
  if (padded === 0) {
    return say`The text that is shown is the longest of the batch and has no padding itself; choose a shorter one in the toolbar. ${effectOf(comparison)}`;
  }
  const most = comparison.heads.reduce((largest, head) => Math.max(largest, head.largest), 0);
  return [
    ...say`${share(padded, of)} tokens of this text are padding. Once they are visible, a weight changes by up to ${most}. `,
    ...effectOf(comparison),
  ];
}

export const neighboursOnly: Experiment = {
  id: 'neighbours',
  group: 'masks',
  question: 'What if only neighbours were seen?',
  about:
    'Restricted self-attention sees only keys in a neighbourhood of size r, which makes long texts cheap (section 4, table 1). How much this text needs from farther away shows in the output.',
  parameters: [{ name: 'size', label: 'Places to each side', initial: () => '1' }],
  obstacle: (bench) => {
    const size = Number(bench.values['size']);
    if (!Number.isInteger(size) || size < 0) {
      return 'The number of places must be a whole number from 0 on.';
    }
    return maskable(bench, ['encoderSelf', 'decoderSelf']).length > 0
      ? undefined
      : 'No mask of this model can be changed.';
  },
  run: (bench, call) => {
    const size = Number(bench.values['size']);
    const encoder = maskable(bench, ['encoderSelf']);
    const decoder = maskable(bench, ['decoderSelf']);
    const mask = (attentions: readonly string[], causal: boolean) =>
      ({
        kind: 'mask',
        enabled: true,
        attentions,
        heads: 'all',
        texts: 'all',
        mask: { preset: 'window', size, causal },
      }) as const;
    return tryChange(
      bench,
      `keys at most ${size} places away in ${encoder.length + decoder.length} self-attentions`,
      [
        ...(encoder.length > 0 ? [mask(names(encoder), false)] : []),
        ...(decoder.length > 0 ? [mask(names(decoder), true)] : []),
      ],
      (comparison) => neighboursFinding(comparison, size),
      call,
    );
  },
};

export function neighboursFinding(comparison: Comparison, size: number): Sentence {
  const { before, after } = comparison.facts;
  const far = comparison.output && comparison.output.meanKl >= 0.1;
  const verdict = far
    ? say`This text needs what stands farther than ${{ measured: String(size) }} ${size === 1 ? 'place' : 'places'} away.`
    : say`This text hardly needs what stands farther than ${{ measured: String(size) }} ${size === 1 ? 'place' : 'places'} away.`;
  return [
    ...(comparison.output ? verdict : []),
    ...say` The entropy of a row goes from ${before.entropy} to ${after.entropy} bits. `,
    ...effectOf(comparison),
  ];
}
