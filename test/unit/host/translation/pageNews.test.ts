// What the page is told: everything once, then only what changed, so that it always knows the state and never gets a hypothesis twice.
import { describe, expect, test } from 'vitest';
import { PageNews } from '../../../../src/host/translation/pageNews';
import type { Connection } from '../../../../src/shared/rpc';
import type { TranslationHost, TranslationState } from '../../../../src/shared/translationPage';
import { TranslationStore } from '../../../../webview/translation/translationStore';
import { hypothesisOf, sentenceOf, sequenceOf, stateOf } from '../../webview/translationFixture';

const source = sequenceOf([['a'], ['</s>']]);
const target = sequenceOf([['b'], ['c'], ['</s>']]);
const done = sentenceOf(source, hypothesisOf(target, [0.5, 0.5, 0.5]));
const waiting = { ...done, status: 'waiting', text: '', hypotheses: [], source: undefined } as const;

/** A page that listens, with everything as JSON in between. */
function page() {
  const store = new TranslationStore({} as Connection<TranslationHost>, {
    postMessage: () => undefined,
    getState: () => undefined,
    setState: () => undefined,
  });
  const news = new PageNews();
  const bytes: number[] = [];
  const carried = <T>(value: T): T => {
    const json = JSON.stringify(value);
    bytes.push(json.length);
    return JSON.parse(json) as T;
  };
  return {
    store,
    bytes,
    tell: async (state: TranslationState) => {
      const found = news.of(state);
      await (found.what === 'all' ? store.show(carried(found.state)) : store.update(carried(found.change)));
      return found.what;
    },
  };
}

const plain = (state: TranslationState | undefined) =>
  JSON.stringify(state, (_, value: unknown) => sorted(value));
const sorted = (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

describe('the page', () => {
  test('knows every state, whatever it was told of it', async () => {
    const { store, tell } = page();
    const first = stateOf([done, { ...waiting, sentence: 1 }]);
    const error = { code: 'internal', message: 'No.', actions: [] } as const;
    const states: TranslationState[] = [
      first,
      { ...first, sentences: [done, { ...waiting, sentence: 1, status: 'running', text: 'b' }] },
      { ...first, sentences: [done, { ...done, sentence: 1, note: 'cut off' }] },
      {
        ...first,
        status: 'failed',
        error,
        sentences: [
          { ...done, forced: 2 },
          { ...done, sentence: 1 },
        ],
      },
      { ...first, sentences: [done, { ...done, sentence: 1, hypotheses: [] }] },
    ];
    const told: string[] = [];
    for (const state of states) {
      told.push(await tell(state));
      expect(plain(store.state)).toBe(plain(state));
    }
    expect(told).toEqual(['all', 'change', 'change', 'change', 'change']);
  });

  test('gets no hypothesis again for a new word', async () => {
    const { tell, bytes } = page();
    const many = Array.from({ length: 200 }, (_, sentence) => ({ ...done, sentence }));
    const state = stateOf([...many, { ...waiting, sentence: 200 }]);
    await tell(state);
    await tell({
      ...state,
      sentences: [...many, { ...waiting, sentence: 200, status: 'running', text: 'b' }],
    });
    expect(bytes[0]).toBeGreaterThan(50_000);
    expect(bytes[1]).toBeLessThan(300);
  });

  test('gets everything when the text is another one', async () => {
    const { tell } = page();
    await tell(stateOf([done]));
    expect(await tell(stateOf([done]))).toBe('all');
  });
});
