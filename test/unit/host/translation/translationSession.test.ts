// A translation from its sentences to its text: windows, streaming, stopping, failing and going on, code, forcing, explaining.
import { describe, expect, test, vi } from 'vitest';
import { splitPassages } from '../../../../src/passage/splitPassage';
import { DEFAULT_DECODING } from '../../../../src/shared/translation';
import { CancelledError, messageOf, UserError } from '../../../../src/shared/errors';
import type { ModelSummary } from '../../../../src/shared/modelSummary';
import type { SentenceTranslation } from '../../../../src/shared/translationPage';
import type { SessionParts } from '../../../../src/host/translation/sessionParts';
import { TranslationSession } from '../../../../src/host/translation/translationSession';
import { model as modelOf } from '../model';
import { FakeTranslator, idOf, LOUD } from './fakeTranslator';

const translator: ModelSummary = {
  ...modelOf('encoder-decoder', 4),
  languages: [
    { code: 'de', token: '>>deu<<' },
    { code: 'fr', token: '>>fra<<' },
  ],
};

interface Setting {
  readonly session: TranslationSession;
  readonly engine: FakeTranslator;
  /** Everything that was told of each sentence, in order. */
  readonly told: SentenceTranslation[];
  translate(text: string, languageId?: string): Promise<void>;
  texts(): string[];
}

function setUp(
  engine = new FakeTranslator(),
  model: ModelSummary = translator,
  parts: Partial<SessionParts> = {},
): Setting {
  const told: SentenceTranslation[] = [];
  const session = new TranslationSession({
    ready: async () => ({ engine, model }),
    settings: () => ({ decoding: DEFAULT_DECODING, language: 'de', follow: false, confidence: 0.8 }),
    notes: {
      cutOff: 'cut off',
      codeMissing: 'code missing',
      marksMissing: 'marks missing',
      tooLong: 'too long',
      doubts: { unsure: 'unsure', long: 'long', empty: 'empty' },
    },
    check: () => undefined,
    failed: (error) => ({
      code: error instanceof UserError ? error.code : 'internal',
      message: messageOf(error),
      actions: [],
    }),
    show: () => undefined,
    update: ({ sentences }) => void told.push(...sentences),
    ...parts,
  });
  return {
    session,
    engine,
    told,
    translate: (text, languageId = 'plaintext') =>
      session.translate({
        source: { document: 'a.txt', line: 1, places: 1, writable: true },
        languageId,
        split: (_family, locale) =>
          splitPassages(text, [{ start: 0, end: text.length }], { languageId, locale }),
      }),
    texts: () => session.state().sentences.map(({ text }) => text),
  };
}

const MANY = Array.from({ length: 40 }, (_, index) => `This is sentence ${index}.`);

describe('a translation', () => {
  test('goes through its sentences in windows, the first one alone', async () => {
    const { session, engine, translate, texts } = setUp();
    await translate(MANY.join(' '));
    expect(engine.requests.map((request) => request.texts.length)).toEqual([1, 8, 16, 15]);
    expect(texts()).toEqual(MANY.map((text) => LOUD(text, 0)));
    expect(session.state()).toMatchObject({
      status: 'done',
      error: undefined,
      language: 'de',
      progress: { sentences: 40, of: 40 },
    });
    expect(session.state().progress.tokens).toBe(40 * 5);
  });

  test('counts the time of decoding, not that of loading the model', async () => {
    let clock = 0;
    const now = vi.spyOn(performance, 'now').mockImplementation(() => clock);
    const engine = new FakeTranslator();
    engine.onStep = () => void (clock += 5);
    const ready = async () => {
      clock += 10_000;
      return { engine, model: translator };
    };
    const { session, translate } = setUp(engine, translator, { ready });
    await translate('One two three four.');
    now.mockRestore();
    expect(session.state().progress).toMatchObject({ tokens: 5, milliseconds: 20 });
  });

  test('streams what is decoded', async () => {
    const { told, translate, engine } = setUp();
    engine.onStep = () => new Promise((resolve) => setTimeout(resolve, 45));
    await translate('One two three four.');
    const seen = told.filter(({ status }) => status === 'running').map(({ text }) => text);
    expect(seen).toContain('ONE TWO');
    expect(told.at(-1)).toMatchObject({ status: 'done', text: 'ONE TWO THREE FOUR.' });
  });

  test('that is stopped keeps what there is, and goes on with the rest', async () => {
    const { session, engine, translate, texts } = setUp();
    engine.onStep = (step, request) => {
      if (request.texts.length > 1 && step === 3) {
        session.stop();
      }
    };
    await translate(MANY.join(' '));
    await session.idle();
    expect(session.state().status).toBe('stopped');
    expect(
      session
        .state()
        .sentences.map(({ status }) => status)
        .filter((status) => status === 'done'),
    ).toHaveLength(1);
    expect(texts()[1]).toBe('THIS IS');
    engine.onStep = () => undefined;
    engine.requests.length = 0;
    await session.resume();
    expect(engine.requests.flatMap((request) => request.texts)).toEqual(MANY.slice(1));
    expect(session.state().status).toBe('done');
    expect(texts()).toEqual(MANY.map((text) => LOUD(text, 0)));
  });

  test('whose engine dies says so, keeps what was decoded, and can be finished', async () => {
    const { session, engine, translate, texts } = setUp();
    engine.onStep = (step, request) => {
      if (request.texts.length === 8 && step === 3) {
        throw new UserError('engineCrashed', 'It died.');
      }
    };
    await translate(MANY.join(' '));
    expect(session.state()).toMatchObject({ status: 'failed', error: { code: 'engineCrashed' } });
    expect(
      session
        .state()
        .sentences.slice(0, 3)
        .map(({ status }) => status),
    ).toEqual(['done', 'failed', 'failed']);
    expect(texts().slice(0, 2)).toEqual([LOUD(MANY[0], 0), 'THIS IS']);
    expect(session.composed()[0].startsWith(`${LOUD(MANY[0], 0)} ${MANY[1]}`)).toBe(true);
    engine.onStep = () => undefined;
    await session.resume();
    expect(session.state()).toMatchObject({ status: 'done', error: undefined });
  });

  test('of something else ends the one before', async () => {
    const { session, engine, translate, texts } = setUp();
    let signal = 0;
    engine.onStep = () => void signal++;
    const first = translate(MANY.join(' '));
    await new Promise((resolve) => setTimeout(resolve, 5));
    await translate('Another one.');
    await first;
    expect(texts()).toEqual(['ANOTHER ONE.']);
    expect(session.state().status).toBe('done');
    const steps = signal;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(signal).toBe(steps);
  });

  test('leaves out a sentence that the model cannot read', async () => {
    const { session, translate, texts } = setUp();
    await translate('One. An endless one. Three.');
    expect(session.state().sentences.map(({ status, note }) => [status, note])).toEqual([
      ['done', undefined],
      ['failed', 'too long'],
      ['done', undefined],
    ]);
    expect(texts()[2]).toBe('THREE.');
    expect(session.composed()).toEqual(['ONE. An endless one. THREE.']);
  });

  test('doubts what says too much or nothing, and keeps the text for which there are no words', async () => {
    const story = `${'on and '.repeat(9)}on`;
    const say = (text: string) => ({ 'Two.': '…', 'Three.': story })[text] ?? LOUD(text, 0);
    const { session, translate } = setUp(new FakeTranslator(say));
    await translate('One. Two. Three.');
    expect(session.state().sentences.map(({ doubtful, note }) => [doubtful, note])).toEqual([
      [false, undefined],
      [true, 'empty'],
      [true, 'long'],
    ]);
    expect(session.composed()).toEqual([`ONE. Two. ${story}`]);
  });

  test('a cancelled load is a stop, a failed one an error', async () => {
    const failing = (error: UserError) => setUp(undefined, undefined, { ready: () => Promise.reject(error) });
    const cancelled = failing(new CancelledError());
    await cancelled.translate('One.');
    expect(cancelled.session.state()).toMatchObject({ status: 'stopped', error: undefined });
    const missing = failing(new UserError('modelMissing', 'Not there.'));
    await missing.translate('One.');
    expect(missing.session.state()).toMatchObject({ status: 'failed', error: { code: 'modelMissing' } });
  });
});

describe('code in a sentence', () => {
  test('comes back in its place, in source and target alike', async () => {
    const { session, engine, translate } = setUp();
    await translate('Call `open()` and a_b now.');
    expect(engine.requests[0].texts).toEqual(['Call Tom and Mary now.']);
    const [{ text, source, hypotheses }] = session.state().sentences;
    expect(text).toBe('CALL `open()` AND a_b NOW.');
    expect(source?.words.map(({ label }) => label)).toEqual([
      'Call',
      '`open()`',
      'and',
      'a_b',
      'now.',
      '</s>',
    ]);
    const { target } = hypotheses[0];
    expect(target.tokens.slice(0, -1).map(({ start, end }) => target.text.slice(start, end))).toEqual([
      'CALL',
      '`open()`',
      'AND',
      'a_b',
      'NOW.',
    ]);
  });

  test('that gets lost parts the sentence around it', async () => {
    const { session, engine, translate } = setUp(new FakeTranslator((text) => text.toUpperCase()));
    await translate('Call `open()` now. And that.');
    expect(engine.requests.map((request) => request.texts)).toEqual([
      ['Call Tom now.'],
      ['Call', 'now.'],
      ['And that.'],
    ]);
    const [{ text, hypotheses, source }] = session.state().sentences;
    expect(text).toBe('CALL `open()` NOW.');
    expect(hypotheses).toHaveLength(1);
    expect(hypotheses[0].logProbabilities).toHaveLength(4);
    expect(source?.text).toBe('Call `open()` now.');
    const explanation = await session.explain(0);
    expect(explanation.attention).toMatchObject({ rows: 4, columns: 4 });
    expect([...explanation.attention.data.slice(2 * 4, 3 * 4)]).toEqual([0, 0, 1, 0]);
    expect(explanation.untranslated).toEqual([0, 2]);
    expect(explanation.target.text).toBe('CALL `open()` NOW.');
    expect(explanation.steps.map(({ token }) => token)).toEqual([0, 1, 2, 3]);
  });

  test('that only a worse hypothesis kept makes that one the best', async () => {
    const { session, translate, engine } = setUp(
      new FakeTranslator((text, variant) => (variant === 1 ? text : text.replace('Tom', 'Thomas'))),
    );
    await translate('Call `open()` now.');
    expect(engine.requests).toHaveLength(1);
    expect(session.state().sentences[0].hypotheses.map(({ target }) => target.text)).toEqual([
      'Call `open()` now.',
    ]);
  });
});

describe('marks in a sentence', () => {
  test('are put around the words that stand for theirs, and the sentence is translated whole', async () => {
    const { session, engine, translate } = setUp();
    await translate('The **big animal** saw [a street](http://x.y/z) and `code`.', 'markdown');
    expect(engine.requests[0].texts).toEqual(['The big animal saw a street and Tom.']);
    const [{ text, source, hypotheses }] = session.state().sentences;
    expect(text).toBe('THE **BIG ANIMAL** SAW [A STREET](http://x.y/z) AND `code`.');
    expect(source?.text).toBe('The **big animal** saw [a street](http://x.y/z) and `code`.');
    expect(source?.words.slice(0, 3).map(({ label }) => label)).toEqual(['The', 'big', 'animal']);
    expect(hypotheses).toHaveLength(3);
    expect(hypotheses.map(({ target }) => target.text.includes('**BIG ANIMAL**'))).toEqual([
      true,
      true,
      true,
    ]);
    expect((await session.explain(0)).target.text).toBe(text);
    await session.force(0, 1, idOf('BIGGEST'));
    expect(session.state().sentences[0]).toMatchObject({
      text: 'THE **BIGGEST forced** rest',
      note: 'code missing',
    });
  });

  test('part it where the model shows no attention', async () => {
    const engine = new FakeTranslator();
    engine.explainTranslation = () => Promise.reject(new UserError('modelUnsupported', 'None to be seen.'));
    const { session, translate } = setUp(engine);
    await translate('The **animal** saw it.', 'markdown');
    expect(engine.requests.map(({ texts }) => texts)).toEqual([
      ['The animal saw it.'],
      ['The', 'animal', 'saw it.'],
    ]);
    expect(session.state()).toMatchObject({ status: 'done', error: undefined });
    expect(session.state().sentences[0].text).toBe('THE **ANIMAL** SAW IT.');
  });
});

describe('a user', () => {
  test('chooses another hypothesis, forces a word, and takes it back', async () => {
    const { session, engine, translate, texts } = setUp();
    await translate('One two three.');
    session.choose(0, 1);
    expect(texts()).toEqual(['ONE TWO THREE.!']);
    await session.force(0, 1, idOf('ZWEI'));
    expect(engine.requests.at(-1)?.begin).toEqual([idOf('ONE'), idOf('ZWEI')]);
    expect(session.state().sentences[0]).toMatchObject({
      text: 'ONE ZWEI forced rest',
      forced: 2,
      chosen: 0,
    });
    expect(session.composed()).toEqual(['ONE ZWEI forced rest']);
    session.unforce(0);
    expect(session.state().sentences[0]).toMatchObject({ text: 'ONE TWO THREE.', forced: 0 });
    expect(session.state().sentences[0].hypotheses).toHaveLength(3);
  });

  test('copies half a sentence where it is all there is', async () => {
    const { session, engine, translate } = setUp();
    engine.onStep = (step) => void (step === 2 && session.stop());
    await translate('One two three.');
    expect(session.state()).toMatchObject({ status: 'stopped', progress: { sentences: 0 } });
    expect(session.composed()).toEqual(['One two three.']);
    expect(session.composed(true)).toEqual(['ONE']);
  });

  test('a forced word that is stopped keeps what was decoded, and can be finished or taken back', async () => {
    const { session, engine, translate, texts } = setUp();
    await translate('One two three. Four.');
    const own = texts();
    const stopAt = (at: number) => (step: number) => void (step === at && session.stop());
    engine.onStep = stopAt(3);
    await session.force(0, 1, idOf('ZWEI'));
    await session.idle();
    expect(session.state()).toMatchObject({ status: 'stopped', progress: { sentences: 1, of: 2 } });
    expect(session.state().sentences[0]).toMatchObject({ status: 'waiting', text: 'ONE ZWEI', forced: 2 });
    // Half a sentence is written nowhere, and copied only where there is nothing else to copy.
    expect(session.composed()).toEqual([`One two three. ${own[1]}`]);
    expect(session.composed(true)).toEqual([`One two three. ${own[1]}`]);
    engine.onStep = () => undefined;
    await session.resume();
    expect(engine.requests.at(-1)).toMatchObject({
      texts: ['One two three.'],
      begin: [idOf('ONE'), idOf('ZWEI')],
    });
    expect(session.state().status).toBe('done');
    expect(texts()).toEqual(['ONE ZWEI forced rest', own[1]]);
    engine.onStep = stopAt(1);
    await session.force(0, 0, idOf('EINS'));
    session.unforce(0);
    expect(session.state()).toMatchObject({ status: 'done', error: undefined });
    expect(texts()).toEqual(own);
  });

  test('a forced word that is stopped before it began waits', async () => {
    const { session, translate } = setUp();
    await translate('One two three.');
    const forcing = session.force(0, 1, idOf('ZWEI'));
    session.stop();
    await forcing;
    expect(session.state()).toMatchObject({ status: 'stopped' });
    expect(session.state().sentences[0]).toMatchObject({ status: 'waiting', forced: 2 });
  });

  test('a forced word whose engine dies keeps what was decoded, and can be tried again', async () => {
    const { session, engine, translate, texts } = setUp();
    await translate('One two.');
    engine.onStep = (step) => {
      if (step === 2) {
        throw new UserError('engineCrashed', 'It died.');
      }
    };
    await session.force(0, 0, idOf('EINS'));
    expect(session.state()).toMatchObject({ status: 'failed', error: { code: 'engineCrashed' } });
    expect(session.state().sentences[0]).toMatchObject({ status: 'failed', text: 'EINS' });
    engine.onStep = () => undefined;
    await session.resume();
    expect(session.state()).toMatchObject({ status: 'done', error: undefined });
    expect(texts()).toEqual(['EINS forced rest']);
    await expect(session.force(0, 9, 5)).rejects.toThrow('no step 9');
  });

  test('another language starts anew, and a model keeps its own choice of heads', async () => {
    const { session, translate, engine } = setUp();
    await translate('One.');
    expect(session.state().heads).toEqual({ layer: 2, head: 'mean' });
    session.setHeads({ layer: 1, head: 3 });
    await session.restart();
    expect(engine.requests).toHaveLength(2);
    expect(session.state().heads).toEqual({ layer: 1, head: 3 });
    expect(session.state()).toMatchObject({ layers: 4, headsPerLayer: 8 });
  });
});

describe('a continuation', () => {
  test('goes on after its text', async () => {
    const model: ModelSummary = { ...translator, family: 'decoder-only', languages: [], attentions: [] };
    const engine = new FakeTranslator(() => ' and so on');
    const { session } = setUp(engine, model);
    await session.translate({
      source: { document: 'a.txt', line: 1, places: 1, writable: true },
      languageId: 'plaintext',
      split: () => [
        {
          text: 'Once `upon`\n',
          flows: [undefined],
          parts: [
            {
              kind: 'sentence',
              text: 'Once `upon`',
              flow: 0,
              pieces: [{ kind: 'prose', text: 'Once `upon`' }],
            },
            { kind: 'kept', text: '\n' },
          ],
        },
      ],
    });
    expect(session.state().mode).toBe('continue');
    expect(session.composed()).toEqual(['Once `upon` and so on\n']);
    expect(session.continuations).toEqual([' and so on']);
  });
});
