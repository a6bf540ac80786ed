// The parts of the Translation view that decide: settings, place of the card, beam tree, explanations asked for, words looked at.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CancelledError } from '../../../src/shared/errors';
import type { BeamNode } from '../../../src/shared/translation';
import { DEFAULT_DECODING } from '../../../src/shared/translation';
import type { TranslationHost } from '../../../src/shared/translationPage';
import type { Connection } from '../../../src/shared/rpc';
import { beamLayout, childrenOf, textUpTo } from '../../../webview/translation/beamLayout';
import { cardPlace } from '../../../webview/translation/cardPlace';
import { changeOf, fieldsOf, readField } from '../../../webview/translation/decodingFields';
import { Explanations, explanationKey } from '../../../webview/translation/explanations';
import type { WordCard } from '../../../webview/translation/looking';
import { Looking } from '../../../webview/translation/looking';
import type { WordRef } from '../../../webview/translation/translationStore';
import { TranslationStore } from '../../../webview/translation/translationStore';
import { explanationOf, hypothesisOf, sentenceOf, sequenceOf, stateOf } from './translationFixture';

const source = sequenceOf([['a'], ['</s>']]);
const target = sequenceOf([['b'], ['c'], ['</s>']]);
const sentence = sentenceOf(source, hypothesisOf(target, [0.5, 0.5, 0.5]));
const explanation = explanationOf(source, target, [
  [1, 0],
  [1, 0],
  [0, 1],
]);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('settings', () => {
  it('are those that the method has', () => {
    expect(fieldsOf('greedy')).not.toContain('beams');
    expect(fieldsOf('beam')).toContain('lengthPenalty');
    expect(fieldsOf('sample')).toContain('topP');
    expect(fieldsOf('sample')).not.toContain('lengthPenalty');
  });

  it.each([
    ['beams', '4', 4],
    ['lengthPenalty', '0,6', 0.6],
    ['topP', ' 0.9 ', 0.9],
    ['seed', '2147483647', 2147483647],
  ] as const)('%s understands %s', (field, text, value) => {
    expect(readField(field, text, DEFAULT_DECODING)).toEqual({ value });
  });

  it.each([
    ['beams', '0'],
    ['beams', '2.5'],
    ['temperature', '0'],
    ['topP', '1.1'],
    ['seed', 'x'],
    ['maxLength', ''],
    ['hypotheses', '5'],
  ] as const)('%s says what is wrong with %s', (field, text) => {
    expect(readField(field, text, DEFAULT_DECODING)).toHaveProperty('problem');
  });

  it('never leave more hypotheses than beams', () => {
    expect(changeOf('beams', 2, DEFAULT_DECODING)).toEqual({ beams: 2, hypotheses: 2 });
    expect(changeOf('beams', 8, DEFAULT_DECODING)).toEqual({ beams: 8 });
  });
});

describe('the place of a card', () => {
  const page = { width: 300, height: 600 };
  const card = { width: 200, height: 200 };
  const at = (left: number, top: number) => [{ left, top, right: left + 40, bottom: top + 18 }];

  it('is below the word where there is room, inside the page', () => {
    expect(cardPlace(at(20, 100), card, page)).toEqual({ left: 16, top: 120, height: 200 });
    expect(cardPlace(at(250, 100), card, page).left).toBe(96);
  });

  it('is above it near the lower edge', () => {
    expect(cardPlace(at(20, 500), card, page)).toMatchObject({ top: 298, height: 200 });
  });

  it('covers no line of the word, however little room there is', () => {
    const low = { width: 300, height: 240 };
    for (const top of [0, 60, 110, 200]) {
      const lines = [...at(250, top), ...at(0, top + 22)];
      const { top: card0, height } = cardPlace(lines, card, low);
      expect(card0 >= top + 40 || card0 + height <= top).toBe(true);
    }
  });
});

describe('a beam tree', () => {
  const node = (
    parent: number,
    id: number,
    total: number,
    length: number,
    fate: BeamNode['fate'],
  ): BeamNode => {
    return { parent, id, label: ` ${id}`, logProbability: -1, total, length, fate };
  };
  const tree = {
    nodes: [
      node(-1, 1, -1, 1, 'kept'),
      node(-1, 2, -0.5, 1, 'kept'),
      node(0, 3, -1.2, 2, 'kept'),
      node(1, 4, -2, 2, 'dropped'),
      node(1, 5, -1.5, 2, 'kept'),
      node(2, 0, -1.3, 3, 'ended'),
    ],
  };

  it('has a column for each token, the best on top and what was dropped below', () => {
    const { columns, lanes } = beamLayout(tree, [1, 3]);
    expect(columns.map((column) => column.map(({ index }) => index))).toEqual([[1, 0], [2, 4, 3], [5]]);
    expect(lanes).toBe(3);
  });

  it('marks the way to the text, its end included', () => {
    const { placed } = beamLayout(tree, [1, 3]);
    expect(placed.filter(({ best }) => best).map(({ index }) => index)).toEqual([0, 2, 5]);
  });

  it('finds it behind a beginning that was forced, and not at all where it is of another search', () => {
    expect(
      beamLayout(tree, [77, 1, 3])
        .placed.filter(({ best }) => best)
        .map(({ index }) => index),
    ).toEqual([0, 2, 5]);
    expect(beamLayout(tree, [9]).placed.some(({ best }) => best)).toBe(false);
  });

  it('knows children and the text up to a node', () => {
    const layout = beamLayout(tree, []);
    expect(childrenOf(layout, layout.placed[1]).map(({ index }) => index)).toEqual([4, 3]);
    expect(textUpTo(tree.nodes, 5)).toBe('1 3 0');
  });

  it('may have no nodes', () => {
    expect(beamLayout({ nodes: [] }, [1])).toMatchObject({ placed: [], lanes: 0 });
  });
});

describe('explanations', () => {
  const key = explanationKey(sentence, stateOf([sentence])) ?? '';

  it('are other ones for other heads, another text or a forced word', () => {
    const state = stateOf([sentence]);
    const other = hypothesisOf(sequenceOf([['x'], ['</s>']]), [1, 1]);
    expect(explanationKey(sentence, { ...state, heads: { layer: 1, head: 'mean' } })).not.toBe(key);
    expect(explanationKey(sentenceOf(source, other), state)).not.toBe(key);
    expect(explanationKey({ ...sentence, hypotheses: [] }, state)).toBeUndefined();
    expect(explanationKey({ ...sentence, status: 'running' }, state)).toBeUndefined();
  });

  it('are asked for once, after the pointer has slowed down', async () => {
    const explain = vi.fn<TranslationHost['explain']>(async () => explanation);
    const changed = vi.fn();
    const explanations = new Explanations(explain, changed);
    explanations.want(0, key);
    explanations.want(0, key);
    expect(explain).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100);
    expect(explain).toHaveBeenCalledTimes(1);
    expect(changed).toHaveBeenCalledWith(0);
    expect(explanations.want(0, key)).toEqual({ status: 'ready', value: explanation });
    await vi.advanceTimersByTimeAsync(100);
    expect(explain).toHaveBeenCalledTimes(1);
  });

  it('of what the pointer is on come before those of what is in sight', async () => {
    const asked: number[] = [];
    const explain: TranslationHost['explain'] = ({ sentence: index }, call) =>
      new Promise((resolve, reject) => {
        asked.push(index);
        call?.signal?.addEventListener('abort', () => reject(new CancelledError()));
        setTimeout(() => resolve(explanation), 1000);
      });
    const explanations = new Explanations(explain, () => undefined);
    explanations.suggest([
      [0, 'k0'],
      [1, 'k1'],
    ]);
    await vi.advanceTimersByTimeAsync(500);
    explanations.want(7, 'k7');
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked).toEqual([0, 7, 0, 1]);
    expect(['k0', 'k1', 'k7'].map((each) => explanations.peek(each))).toEqual(Array(3).fill(explanation));
  });

  it('that failed say why, and are asked for again only when somebody looks again', async () => {
    const explain = vi.fn<TranslationHost['explain']>(async () => Promise.reject(new Error('No attention.')));
    const explanations = new Explanations(explain, () => undefined);
    explanations.want(0, key);
    await vi.advanceTimersByTimeAsync(1000);
    expect(explanations.want(0, key)).toEqual({ status: 'failed', message: 'No attention.' });
    expect(explain).toHaveBeenCalledTimes(1);
    explanations.want(1, 'other');
    await vi.advanceTimersByTimeAsync(1000);
    explanations.want(0, key);
    await vi.advanceTimersByTimeAsync(1000);
    expect(explain).toHaveBeenCalledTimes(3);
  });
});

describe('looking at words', () => {
  const word = (index: number, side: WordRef['side'] = 'target'): WordRef => ({
    side,
    sentence: 0,
    word: index,
  });

  function make() {
    const saved: unknown[] = [];
    const api = {
      postMessage: () => undefined,
      getState: () => undefined,
      setState: (state: unknown) => saved.push(state),
    };
    const store = new TranslationStore({} as Connection<TranslationHost>, api);
    const card = {
      open: undefined as WordRef | undefined,
      focused: false as boolean,
      show: (ref: WordRef) => void (card.open = ref),
      hide: () => void (card.open = undefined),
      enter: () => void (card.focused = true),
    } satisfies WordCard;
    return { store, card, looking: new Looking(store, card), saved };
  }

  it('lights a word at once and rests on it after a moment', () => {
    const { store, card, looking } = make();
    looking.point(word(1));
    expect(store.look).toMatchObject({ hovered: word(1), rested: undefined });
    vi.advanceTimersByTime(200);
    expect(store.look.rested).toEqual(word(1));
    expect(card.open).toEqual(word(1));
  });

  it('does not rest on words that the pointer only crosses, and stays on the list when it leaves', () => {
    const { store, card, looking } = make();
    looking.point(word(1));
    vi.advanceTimersByTime(200);
    looking.point(word(2));
    vi.advanceTimersByTime(50);
    looking.point(undefined);
    vi.advanceTimersByTime(1000);
    expect(store.look).toMatchObject({ hovered: undefined, rested: word(1) });
    expect(card.open).toBeUndefined();
  });

  it('lets the pointer reach the card', () => {
    const { card, looking } = make();
    looking.point(word(1));
    vi.advanceTimersByTime(200);
    looking.point(undefined);
    vi.advanceTimersByTime(100);
    looking.overCard(true);
    vi.advanceTimersByTime(5000);
    expect(card.open).toEqual(word(1));
    looking.overCard(false);
    vi.advanceTimersByTime(1000);
    expect(card.open).toBeUndefined();
  });

  it('shows no card for words of the source', () => {
    const { store, card, looking } = make();
    looking.point(word(0, 'source'));
    vi.advanceTimersByTime(200);
    expect(store.look.rested).toEqual(word(0, 'source'));
    expect(card.open).toBeUndefined();
  });

  it('keeps a pinned word until it is clicked again or released', () => {
    const { store, card, looking } = make();
    looking.pin(word(1), false);
    looking.point(word(2));
    vi.advanceTimersByTime(500);
    expect(store.look).toMatchObject({ hovered: word(2), rested: word(1), pinned: word(1) });
    expect(card.open).toEqual(word(1));
    looking.pin(word(1), false);
    expect(store.look.pinned).toBeUndefined();
    expect(card.open).toBeUndefined();
    expect(looking.release()).toBe(false);
  });

  it('is forgotten with the text, and not with a state of the same text', async () => {
    const { store, looking } = make();
    await store.show(stateOf([sentence]));
    looking.pin(word(1), false);
    await store.show({ ...stateOf([sentence]), follow: true });
    expect(store.look.pinned).toEqual(word(1));
    await store.show(stateOf([sentenceOf(target, hypothesisOf(target, [1, 1, 1]))]));
    expect(store.look.pinned).toBeUndefined();
  });

  it('tells lists about the sentence of the word, or else the first', async () => {
    const { store, looking } = make();
    const second = { ...sentence, sentence: 1 };
    await store.show(stateOf([sentence, second]));
    expect(store.activeSentence?.sentence).toBe(0);
    looking.pin({ ...word(0), sentence: 1 }, false);
    expect(store.activeSentence?.sentence).toBe(1);
  });

  it('remembers which sections are open', () => {
    const { store, saved } = make();
    expect(store.isOpen('settings', false)).toBe(false);
    store.setOpen('settings', true);
    expect(store.isOpen('settings', false)).toBe(true);
    expect(saved).toEqual([{ sections: { settings: true } }]);
  });
});
