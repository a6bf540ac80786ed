// A decoder-only model continues texts: the shipped one, with everything that a translation has.
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExplorerEngine } from '../../../../src/engine/explorerEngine';
import { rowOf } from '../../../../src/shared/tensor';
import type { Decoding, TranslationUpdate } from '../../../../src/shared/translation';
import { DEFAULT_DECODING } from '../../../../src/shared/translation';
import { MODEL, sharedEngine } from '../testEngine';

const PROMPT = 'The children play in the';
const greedy: Decoding = { ...DEFAULT_DECODING, method: 'greedy' };
const long: Decoding = { ...DEFAULT_DECODING, method: 'sample', seed: 5, hypotheses: 1, maxLength: 12 };

let engine: ExplorerEngine;
beforeAll(async () => {
  engine = await sharedEngine('models/english-gpt-mini');
}, 60_000);

const go = (texts: readonly string[], decoding: Decoding, more = {}) =>
  engine.translate({ model: MODEL, texts, decoding, ...more });

test('the text and its continuation are what the model reads in one pass', async () => {
  const [{ source, hypotheses }] = await go([PROMPT], greedy);
  const [{ target, ids }] = hypotheses;
  expect(source.text).toBe(PROMPT);
  // The space between is part of what was written.
  expect(target.text.startsWith(' ')).toBe(true);
  for (const { start, end, label } of target.words.filter((word) => word.start >= 0)) {
    expect(target.text.slice(start, end)).toBe(label);
  }
  const trace = await engine.explore({ model: MODEL, texts: [PROMPT + target.text] });
  expect(trace.decoder[0].tokens.map(({ id }) => id)).toEqual([...source.tokens.map(({ id }) => id), ...ids]);
  const steps = await engine.steps({ trace: trace.id, batch: 0 });
  ids.forEach((id, i) => expect(steps[source.tokens.length - 1 + i].best.id).toBe(id));
});

test.each(['greedy', 'beam', 'sample'] as const)('%s continues each text on its own', async (method) => {
  const decoding = { ...long, method, beams: 2 };
  const texts = [PROMPT, 'I do not'];
  const together = await go(texts, decoding);
  for (const [i, text] of texts.entries()) {
    const [alone] = await go([text], decoding);
    expect(together[i]).toEqual(alone);
  }
});

test('updates grow into the results, one text after the other', async () => {
  const updates: TranslationUpdate[] = [];
  const onProgress = ({ partial }: { partial?: TranslationUpdate }) => partial && updates.push(partial);
  const request = { model: MODEL, texts: [PROMPT, 'I do not'], decoding: long };
  const found = await engine.translate(request, { onProgress });
  expect(updates[0].texts[1]).toBe('');
  for (const text of [0, 1]) {
    const grown = updates.map(({ texts }) => texts[text]);
    grown.slice(1).forEach((later, i) => expect(later.startsWith(grown[i])).toBe(true));
    expect(grown.at(-1)).toBe(found[text].hypotheses[0].target.text);
  }
});

test('why a token follows: probabilities of decoding, attention to the prompt and to what was written', async () => {
  const [{ source, hypotheses }] = await go([PROMPT], long);
  const [{ ids, logProbabilities, target, ended }] = hypotheses;
  const explanation = await engine.explainTranslation({
    ...{ model: MODEL, text: PROMPT, ids, alternatives: 4 },
    heads: { layer: 1, head: 2 },
  });
  const { steps, attention } = explanation;
  expect(explanation.source).toEqual(source);
  expect(explanation.target.text).toBe(target.text);
  expect(steps).toHaveLength(ids.length + 1);
  expect(ended ? steps.length : steps.length - 1).toBe(logProbabilities.length);
  logProbabilities.forEach((value, i) =>
    expect(Math.abs(Math.log(steps[i].probability) - value)).toBeLessThan(1e-4),
  );
  expect([attention.rows, attention.columns]).toEqual([steps.length, source.tokens.length]);
  const trace = await engine.explore({ model: MODEL, texts: [PROMPT + target.text] });
  const place = { trace: trace.id, batch: 0, stage: 'weights', unit: 'pieces' } as const;
  const whole = await engine.matrix({ ...place, attention: 'decoder.1.self', head: 2 });
  for (let row = 0; row < attention.rows; row++) {
    const query = source.tokens.length - 1 + row;
    rowOf(attention, row).forEach((weight, key) =>
      expect(Math.abs(weight - whole.data[query * whole.columns + key])).toBeLessThan(1e-5),
    );
  }
  // The first token can only look at the prompt.
  expect(rowOf(attention, 0).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
  expect(explanation.untranslated).toEqual([]);
});

describe('refused', () => {
  test('a text that leaves no room, and none at all', async () => {
    const details = { tokens: expect.any(Number) as number, limit: 255 };
    await expect(go(['cat '.repeat(300)], greedy)).rejects.toMatchObject({ code: 'textTooLong', details });
    await expect(go([''], greedy)).rejects.toMatchObject({ code: 'emptyText' });
  });

  test('a full context is as far as it goes', async () => {
    const text = PROMPT.repeat(60).split(' ').slice(0, 200).join(' ');
    const [{ source, hypotheses }] = await go([text], { ...long, maxLength: 500, topK: 1 });
    expect(source.tokens.length + hypotheses[0].ids.length).toBeLessThanOrEqual(256);
  });
});
