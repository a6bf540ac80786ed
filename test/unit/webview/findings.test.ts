// Findings say what their run says: with other numbers the verdict is another one, and every number is in the sentence.
import { describe, expect, it } from 'vitest';
import type { AttentionFacts, Comparison, SweepPoint } from '../../../src/shared/comparison';
import type { Candidate } from '../../../src/shared/insight';
import { effectOf } from '../../../webview/views/experiments/effects';
import {
  decidesFinding,
  importanceFinding,
  layersFinding,
  pruningFinding,
  pruningSteps,
  removalOf,
} from '../../../webview/views/experiments/headExperiments';
import { interventionOf, type FormState } from '../../../webview/views/experiments/interventionForm';
import { withValue } from '../../../webview/views/experiments/interventionList';
import { markedParts } from '../../../webview/views/experiments/markedText';
import {
  causalFinding,
  neighboursFinding,
  paddingFinding,
} from '../../../webview/views/experiments/maskExperiments';
import {
  shiftFinding,
  shuffleFinding,
  withoutFinding,
} from '../../../webview/views/experiments/positionExperiments';
import {
  reluFinding,
  scalingFinding,
  sharperFinding,
} from '../../../webview/views/experiments/scalingExperiments';
import { formatMeasured, textOf } from '../../../webview/views/experiments/sentence';
import {
  lensFinding,
  normFinding,
  nounsOf,
  skippedFinding,
  swapFinding,
  topShares,
} from '../../../webview/views/experiments/streamExperiments';

const facts: AttentionFacts = { scoreVariance: 1, largestWeight: 0.4, entropy: 2.5, slope: 0.24, rows: 10 };
const token = (id: number): Candidate => ({ id, piece: `t${id}`, logit: 0, plain: 0.5, probability: 0.5 });

/** Two positions, of which `flipped` get another likeliest token. */
function compared(
  after: Partial<AttentionFacts> = {},
  { meanKl = 0, flipped = 0, changed = 0 }: { meanKl?: number; flipped?: number; changed?: number } = {},
): Comparison {
  return {
    heads: [
      { attention: 'encoder.0.self', kind: 'encoderSelf', layer: 0, head: 0, largest: 0.625, mean: 0.1 },
    ],
    facts: { before: facts, after: { ...facts, ...after } },
    output: {
      meanKl,
      largestKl: meanKl,
      positions: [0, 1].map((position) => ({
        position,
        kl: meanKl,
        before: [token(1)],
        after: [token(position < flipped ? 2 : 1)],
      })),
    },
    translation: { before: 'a b', after: 'a c', tokens: [], changed, added: 0, of: 6 },
  };
}

const point = (attention: string, head: number, meanKl: number, flipped = 0): SweepPoint => ({
  intervention: { kind: 'headGate', enabled: true, attentions: [attention], heads: [head], factor: 0 },
  attention,
  head,
  subLayer: attention,
  scale: undefined,
  meanKl,
  flipped,
  changedTokens: undefined,
  translation: undefined,
  facts: undefined,
});

describe('scaling and softmax', () => {
  it('praises the division only where the slope is lost without it', () => {
    const lost = textOf(
      scalingFinding(
        compared({ scoreVariance: 30, slope: 0.03 }, { meanKl: 1.25, flipped: 1, changed: 3 }),
        32,
      ),
    );
    expect(lost).toContain('30.00 instead of 1.00, close to the dₖ = 32');
    expect(lost).toContain('8.00 times less gradient');
    expect(lost).toContain('keeps the softmax where it can still learn');
    expect(lost).toContain('KL 1.25 nats');
    expect(lost).toContain('1 of 2 positions');
    expect(lost).toContain('3 of 6 tokens');
    const gained = textOf(scalingFinding(compared({ scoreVariance: 2, slope: 0.25 * 1.2 }), 32));
    expect(gained).toContain('costs slope');
    expect(gained).toContain('would give dₖ = 32');
    expect(gained).toContain('translation stays the same');
    expect(textOf(scalingFinding(compared({ slope: 0.23 }), 32))).toContain('little difference');
  });

  it('says which way a temperature and a ReLU move the weights', () => {
    expect(textOf(sharperFinding(compared({ entropy: 1 }), 0.25))).toContain(
      'become sharper at temperature 0.25',
    );
    expect(textOf(sharperFinding(compared({ entropy: 3 }), 4))).toContain('more even');
    expect(textOf(sharperFinding(compared(), 1))).toContain('about as they are');
    expect(textOf(reluFinding(compared({ entropy: 3 })))).toContain('spreads the weights');
    expect(textOf(reluFinding(compared({ entropy: 1 })))).toContain('sharpens the weights');
    expect(textOf(reluFinding(compared({ entropy: 1, largestWeight: 0.3 })))).toContain(
      'silences negative scores',
    );
  });
});

describe('masks', () => {
  it('tells help from confusion when the causal mask is gone', () => {
    const few = { hit: 3, of: 10 };
    const many = { hit: 8, of: 10 };
    expect(textOf(causalFinding(compared(), few, many))).toContain('helps this model');
    expect(textOf(causalFinding(compared(), many, few))).toContain('confuses this model');
    expect(textOf(causalFinding(compared(), few, few))).toContain('changes nothing');
    expect(textOf(causalFinding(compared(), few, few))).not.toContain('two translations');
    const shorter = causalFinding(compared({}, { changed: 1 }), { hit: 7, of: 14 }, { hit: 6, of: 9 });
    expect(textOf(shorter)).toContain('helps this model');
    expect(textOf(shorter)).toContain('two translations');
  });

  it('knows when the shown text has no padding', () => {
    expect(textOf(paddingFinding(compared(), { padded: 3, of: 12 }))).toContain('3 of 12 tokens');
    expect(textOf(paddingFinding(compared(), { padded: 3, of: 12 }))).toContain('0.63');
    expect(textOf(paddingFinding(compared(), { padded: 0, of: 12 }))).toContain('no padding itself');
  });

  it('says whether far words are needed', () => {
    expect(textOf(neighboursFinding(compared({}, { meanKl: 0.5 }), 1))).toContain('This text needs');
    expect(textOf(neighboursFinding(compared({}, { meanKl: 0.01 }), 1))).toContain('hardly needs');
  });
});

describe('positions', () => {
  it('judges by the change of the output', () => {
    expect(textOf(withoutFinding(compared({}, { meanKl: 2 })))).toContain('is lost');
    expect(textOf(withoutFinding(compared({}, { meanKl: 0.5 })))).toContain('something else');
    expect(textOf(withoutFinding(compared({}, { meanKl: 0.01 })))).toContain('hardly needs positions');
    expect(textOf(shiftFinding(compared({}, { meanKl: 0.001 }), 10))).toContain('Only distances count');
    expect(textOf(shiftFinding(compared({}, { meanKl: 0.3 }), 10))).toContain('absolute places');
  });

  it('finds permutation equivariance only where it is', () => {
    const run = { order: [1, 0], mean: 0, scale: 3 };
    const same = shuffleFinding({ ...run, largest: 2e-6 }, { ...run, largest: 2.5 });
    expect(textOf(same)).toContain('2.0e−6 at most, which is rounding');
    expect(textOf(same)).toContain('all that this encoder knows of order');
    const other = shuffleFinding({ ...run, largest: 1.5 }, { ...run, largest: 2.5 });
    expect(textOf(other)).toContain('something else in this model knows the order');
    expect(textOf(other)).toContain('hardly more');
  });
});

describe('heads', () => {
  it('names the head without which the output moves most', () => {
    const spread = [
      point('encoder.0.self', 0, 0.2),
      point('decoder.1.cross', 3, 0.3),
      point('encoder.0.self', 1, 0.1),
    ];
    expect(textOf(importanceFinding(spread))).toContain(
      'cross, layer 2, head 4: KL 0.30 nats. It makes up 50 %',
    );
    const alone = [point('encoder.0.self', 0, 0.9), point('encoder.0.self', 1, 0.001)];
    expect(textOf(importanceFinding(alone))).toContain('more than half');
    expect(textOf(importanceFinding(alone))).toContain('1 of 2 heads can go');
    expect(textOf(importanceFinding([point('encoder.0.self', 0, 0.001)]))).toContain(
      'No single head matters',
    );
  });

  it('counts how many can go together', () => {
    expect(pruningSteps(24)).toEqual([3, 6, 9, 12, 15, 18, 21, 24]);
    const steps = [
      { removed: 3, meanKl: 0.01, flipped: 0, of: 9 },
      { removed: 6, meanKl: 0.3, flipped: 2, of: 9 },
      // fewer again: what was already lost does not come back
      { removed: 9, meanKl: 0.5, flipped: 0, of: 9 },
    ];
    expect(textOf(pruningFinding(steps, 9))).toContain('3 of 9 heads can go together');
    expect(textOf(pruningFinding(steps, 9))).toContain('Without 6 it is another one at 2 of 9 positions');
    expect(textOf(pruningFinding(steps.slice(1), 9))).toContain('Already the first step of 6 heads');
    expect(textOf(pruningFinding(steps.slice(0, 1), 3))).toContain('does not need attention');
    expect(
      removalOf([point('a.0.self', 2, 0), point('a.0.self', 0, 0), point('b.0.self', 1, 0)]),
    ).toMatchObject([
      { attentions: ['a.0.self'], heads: [0, 2], factor: 0 },
      { attentions: ['b.0.self'], heads: [1] },
    ]);
  });

  it('says which attentions are needed, and whether the word’s own look matters', () => {
    const points = [point('encoder.0.self', 0, 0.5, 0.4), point('encoder.1.self', 0, 0.1)];
    expect(textOf(layersFinding(points))).toContain('1 of 2 attentions are needed');
    expect(textOf(layersFinding(points.slice(0, 1)))).toContain('Every attention is needed');
    expect(textOf(decidesFinding(points, 'it', 'animal', 0.6))).toContain(
      '“it” looks most at “animal”, with 0.600',
    );
    expect(textOf(decidesFinding(points, 'it', 'animal', 0.6))).toContain('something about the word itself');
    expect(textOf(decidesFinding(points, 'it', 'animal', 0.1))).toContain('hardly because');
  });
});

describe('the residual stream', () => {
  it('says which layer is missed, and whether any can go', () => {
    const steps = [
      { name: 'encoder layer 1', meanKl: 2, flipped: 5, of: 9 },
      { name: 'encoder layer 2', meanKl: 0.1, flipped: 0, of: 9 },
    ];
    expect(textOf(skippedFinding(steps))).toContain('misses encoder layer 1 most: KL 2.00');
    expect(textOf(skippedFinding(steps))).toContain('1 of 2 layers can be skipped');
    expect(textOf(skippedFinding(steps.slice(0, 1)))).toContain('No layer can be skipped');
  });

  it('says when the answer appears', () => {
    expect(textOf(lensFinding([0, 0.2, 0.6, 1]))).toContain('late: after 2 of 3 layers');
    expect(textOf(lensFinding([0.1, 0.6, 0.7, 1]))).toContain('early: after 1 of 3 layers');
    expect(textOf(lensFinding([0.8, 0.9, 1]))).toContain('from the start');
    const said = (rank: number) => ({ id: 0, piece: '', probability: 0.1, rank });
    const cells = [[said(1), said(2)].map((final) => ({ candidates: [], entropy: 0, final }))];
    expect(topShares({ states: ['a'], cells, error: 0 })).toEqual([0.5]);
  });

  it('says where a swapped word matters, or that it does not', () => {
    const steps = [
      { layer: 0, meanKl: 0.4 },
      { layer: 1, meanKl: 0.1 },
    ];
    const found = textOf(swapFinding(steps, 'animal', 'street', compared({}, { meanKl: 0.1 })));
    expect(found).toContain('after layer 1 the output moves most, by KL 0.40 nats; after layer 2 it is 0.10');
    expect(found).toContain('“a c”');
    const nothing = steps.map((step) => ({ ...step, meanKl: 0.001 }));
    expect(textOf(swapFinding(nothing, 'animal', 'street', compared()))).toContain('does not care');
    const equal = steps.map((step) => ({ ...step, meanKl: 0.3 }));
    expect(textOf(swapFinding(equal, 'animal', 'street', compared()))).toContain('whichever layer');
    expect(nounsOf('The animal did not cross the street because of a dog.').slice(0, 3)).toEqual([
      'animal',
      'street',
      'dog',
    ]);
  });

  it('compares the norms by their numbers', () => {
    const norm = { norm: 'layer', distance: 0.5, own: 0.1, batch: 0.9 } as const;
    expect(textOf(normFinding([norm]))).toContain('50.00 % of their length');
    expect(textOf(normFinding([norm]))).toContain(
      'LayerNorm gives the tokens of this text nearly the same spread',
    );
    expect(textOf(normFinding([{ ...norm, norm: 'rms', own: 1.5 }]))).toContain(
      'BatchNorm would even out the tokens more',
    );
    expect(textOf(normFinding([]))).toContain('nothing to compare');
  });
});

describe('what is around the findings', () => {
  it('writes small numbers with two digits', () => {
    expect([31.4, 0.0421, 0.005, 6.13e-7, 0, -0.05].map(formatMeasured)).toEqual([
      '31.40',
      '0.042',
      '0.005',
      '6.1e−7',
      '0.00',
      '−0.05',
    ]);
  });

  it('does not call a change negligible that flips a token', () => {
    expect(textOf(effectOf(compared({}, { meanKl: 0.001 })))).toContain('hardly moves');
    expect(textOf(effectOf(compared({}, { meanKl: 0.001, flipped: 1 })))).toContain('1 of 2 positions');
  });

  it('marks the tokens that only one translation has', () => {
    const sequence = {
      text: 'ab cd',
      words: [],
      tokens: [
        { id: 1, piece: 'ab', label: 'ab', start: 0, end: 2, word: 0, special: false },
        { id: 2, piece: 'cd', label: 'cd', start: 2, end: 5, word: 1, special: false },
      ],
    };
    const other = { ...sequence, tokens: [sequence.tokens[0], { ...sequence.tokens[1], id: 3 }] };
    const gone = [
      { before: 0, after: 0 },
      { before: 1, after: undefined },
    ];
    const half = [
      { text: 'ab', marked: false },
      { text: ' cd', marked: true },
    ];
    const both = { before: sequence, after: sequence };
    expect(markedParts(both, gone, 'before')).toEqual(half);
    expect(markedParts(both, gone, 'after')).toEqual([{ text: 'ab cd', marked: false }]);
    const replaced = [gone[0], { before: 1, after: 1 }];
    expect(markedParts({ before: sequence, after: other }, replaced, 'after')).toEqual(half);
  });

  it('makes interventions only of complete forms', () => {
    const form: FormState = {
      kind: 'headGate',
      where: 'shown',
      heads: 'shown',
      scale: 'none',
      mask: 'window',
      change: 'shift',
      side: 'decoder',
      subLayer: 'encoder.0.self',
      layer: 'encoder.1',
      amount: '0.5',
      text: ' ',
    };
    const shown = { attention: 'decoder.2.cross', head: 3 };
    expect(interventionOf(form, shown)).toEqual({
      kind: 'headGate',
      enabled: true,
      attentions: ['decoder.2.cross'],
      heads: [3],
      factor: 0.5,
    });
    expect(interventionOf({ ...form, amount: '' }, shown)).toBeUndefined();
    expect(interventionOf({ ...form, kind: 'temperature', amount: '0' }, shown)).toBeUndefined();
    expect(interventionOf({ ...form, kind: 'mask' }, shown)).toBeUndefined();
    expect(
      interventionOf({ ...form, kind: 'mask', amount: '2', where: 'all', heads: 'all' }, shown),
    ).toMatchObject({
      attentions: 'all',
      heads: 'all',
      mask: { preset: 'window', size: 2 },
    });
    expect(interventionOf({ ...form, kind: 'positions', amount: '-3' }, shown)).toMatchObject({
      side: 'decoder',
      change: { to: 'shift', by: -3 },
    });
    expect(interventionOf({ ...form, kind: 'patch' }, shown)).toBeUndefined();
    expect(interventionOf({ ...form, kind: 'patch', text: 'x' }, shown)).toMatchObject({
      target: { of: 'layer', side: 'encoder', layer: 1 },
    });
    const gate = interventionOf(form, shown);
    expect(gate && withValue(gate, 2)).toMatchObject({ factor: 2 });
    expect(gate && withValue(gate, NaN)).toBeUndefined();
  });
});
