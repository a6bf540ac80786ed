// What a masked language model fills into the gaps of texts before and after a training: the shipped one, on a few sentences.
import { beforeAll, describe, expect, it } from 'vitest';
import type { ExplorerEngine } from '../../../../src/engine/explorerEngine';
import { gapText, withGaps } from '../../../../src/engine/training/fillGaps';
import type { TrainingEffect } from '../../../../src/shared/training';
import { TRAINING_DEFAULTS } from '../../../../src/shared/trainingDefaults';
import { NO_LABEL } from '../../../../src/training/data/readExamples';
import { byteLevel, wordPiece } from '../../tokenizer/tokenizers';
import { MODEL, sharedEngine } from '../testEngine';

describe('a text with gaps', () => {
  it('is spelled as its author did, but for what is hidden', () => {
    const text = 'The Cat is sleeping on the old table.';
    const { tokens } = wordPiece.encode(text);
    const places = tokens.flatMap(({ label }, i) => (['Cat', 'table'].includes(label) ? [i] : []));
    const { text: found, gaps } = gapText(wordPiece, text, places);
    expect(found).toBe('The [MASK] is sleeping on the old [MASK].');
    expect(gaps).toEqual(places);
    // The model reads it as the batch that was run.
    const read = wordPiece.encode(found).tokens.map(({ id }) => id);
    const hidden = tokens.map(({ id }, i) => (places.includes(i) ? wordPiece.special.mask : id));
    expect(read).toEqual(hidden);
  });

  it('of which only what is near the first gap is shown, in whole words', () => {
    const text = Array.from({ length: 90 }, (_, i) => `word${i}`).join(' ');
    const { tokens } = wordPiece.encode(text);
    const at = (label: string) => tokens.findIndex((token) => text.slice(token.start).startsWith(label));
    const first = at('word40');
    const { text: found, gaps } = gapText(wordPiece, text, [first, tokens.length - 2]);
    expect(gaps).toEqual([first]);
    expect(found).toMatch(/^word\d+ .*\[MASK\].* word\d+$/);
    expect(found.length).toBeLessThan(120);
  });

  it('keeps the space that belongs to a token, and has no name for a mask that the model lacks', () => {
    const { text } = gapText(byteLevel, 'The old table.', [1]);
    expect(text).toBe('The  table.');
  });

  it('has its gaps by seed and place, at least one and none in the frame', () => {
    const example = {
      example: 0,
      input: [2, 7, 8, 3],
      decoder: undefined,
      labels: [NO_LABEL, 7, 8, NO_LABEL],
    };
    const all = withGaps(Array(50).fill(example) as (typeof example)[], 4, 1);
    expect(all).toEqual(withGaps(Array(50).fill(example) as (typeof example)[], 4, 1));
    expect(all).not.toEqual(withGaps(Array(50).fill(example) as (typeof example)[], 4, 2));
    for (const { gaps, input, labels } of all) {
      expect(gaps.length).toBeGreaterThan(0);
      expect(input.map((id, i) => (id === 4 ? i : -1)).filter((i) => i >= 0)).toEqual(gaps);
      expect(labels.map((id, i) => (id === NO_LABEL ? -1 : i)).filter((i) => i >= 0)).toEqual(gaps);
    }
  });
});

describe('what a masked language model has learned', () => {
  let engine: ExplorerEngine;
  let effect: TrainingEffect;
  const texts = Array.from({ length: 6 }, (_, i) => `The wizard drinks purple tea in room ${i + 1}.`);
  beforeAll(async () => {
    engine = await sharedEngine('models/english-bert-mini');
    const options = { ...TRAINING_DEFAULTS, rate: 4e-3, steps: 4, strength: 1, heldOut: 0.34 };
    const data = { text: texts.join('\n\n') };
    await engine.beginTraining({ id: 'gaps', model: MODEL, data, options });
    await engine.train({ training: 'gaps', until: 4 });
    effect = await engine.trainingEffect({ training: 'gaps', examples: 8 });
    await engine.endTraining({ training: 'gaps' });
  }, 60_000);

  it('shows in what it fills in: first where nothing was learned from', () => {
    const { on, measured, examples } = effect;
    expect([on, measured]).toEqual(['heldOut', 2]);
    expect(examples.map(({ heldOut }) => heldOut)).toEqual([true, true, false, false, false, false]);
    for (const { source, wanted, before, now } of examples) {
      const gaps = source.split('[MASK]').length - 1;
      expect(gaps).toBeGreaterThan(0);
      for (const filled of [wanted, before, now]) {
        expect(filled.split(' · '), filled).toHaveLength(gaps);
      }
      const words = wanted.split(' · ');
      const whole = source.split('[MASK]').map((part, i) => part + (words[i] ?? '').replace('##', ''));
      expect(texts.map((text) => text.toLowerCase())).toContain(whole.join('').toLowerCase());
    }
  });

  it('is counted over the gaps of what it is measured on', () => {
    const { examples, filled = { before: NaN, now: NaN }, loss } = effect;
    const of = (side: 'before' | 'now') => {
      const pairs = examples
        .filter(({ heldOut }) => heldOut)
        .flatMap((example) => {
          const wanted = example.wanted.split(' · ');
          return example[side].split(' · ').map((word, i) => Number(word === wanted[i]));
        });
      return pairs.reduce((sum, right) => sum + right, 0) / pairs.length;
    };
    expect(filled.before).toBeCloseTo(of('before'), 10);
    expect(filled.now).toBeCloseTo(of('now'), 10);
    expect(filled.now).toBeGreaterThan(filled.before);
    expect(loss.now).toBeLessThan(loss.before);
  });
});
