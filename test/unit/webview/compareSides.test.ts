// What the form of the Compare view follows, and when nothing can differ.
import { describe, expect, it } from 'vitest';
import type { OtherRun, OtherSide } from '../../../src/shared/contrast';
import { afterSwitch } from '../../../webview/views/compare/afterSwitch';
import { followedChoice, type Mode } from '../../../webview/views/compare/followedChoice';
import { isSameRun } from '../../../webview/views/compare/sideText';
import { model, trace } from './explorerFixture';

const modes: readonly Mode[] = ['text', 'listed', 'recipe', 'language', 'beams', 'model'];
const before = { mode: 'text', language: 'de', beams: '4', model: 'base' } as const;

describe('a second side that was chosen elsewhere', () => {
  it.each<[OtherSide, object]>([
    [
      { by: 'model', model: 'tuned' },
      { mode: 'model', model: 'tuned' },
    ],
    [{ by: 'text', text: 'A dog.' }, { mode: 'text' }],
    [
      { by: 'language', language: 'fr' },
      { mode: 'language', language: 'fr' },
    ],
    [
      { by: 'beams', beams: 8 },
      { mode: 'beams', beams: '8' },
    ],
    [{ by: 'interventions', interventions: [] }, { mode: 'loaded' }],
  ])('%o stands in the form', (side, changed) => {
    expect(followedChoice(before, side, modes)).toEqual({ ...before, ...changed });
  });

  it('keeps the recipe that was chosen in the form, else takes the list where there is one', () => {
    const side = {
      by: 'interventions',
      interventions: [{ kind: 'head', enabled: true }],
    } as unknown as OtherSide;
    expect(followedChoice({ ...before, mode: 'recipe' }, side, modes).mode).toBe('recipe');
    expect(followedChoice(before, side, modes).mode).toBe('listed');
    expect(followedChoice(before, side, ['text', 'recipe']).mode).toBe('recipe');
  });
});

describe('a comparison by model when another model is put to use', () => {
  const choice = { of: 'text', side: { by: 'model', model: 'base' }, swapped: true } as const;
  const offered = ['base', 'tuned', 'other'];
  const after = (before: string | undefined, now: string) => afterSwitch(choice, { before, now, offered });

  it('keeps A and B where the model of the other side is the one in use now, as after Undo', () => {
    const undone = after('tuned', 'base');
    expect(undone).toEqual({ of: 'text', side: { by: 'model', model: 'tuned' }, swapped: false });
    expect(afterSwitch(undone, { before: 'base', now: 'tuned', offered })).toEqual(choice);
  });

  it('is as it was otherwise: with a third model, the same one, or one that is gone', () => {
    for (const [before, now] of [
      ['tuned', 'other'],
      ['base', 'base'],
      [undefined, 'base'],
      ['deleted', 'base'],
    ] as const) {
      expect(after(before, now)).toBe(choice);
    }
    const text = { of: 'text', side: { by: 'text', text: 'base' }, swapped: false } as const;
    expect(afterSwitch(text, { before: 'tuned', now: 'base', offered })).toBe(text);
  });
});

describe('two runs', () => {
  const run: OtherRun = { trace, batch: 0, summary: model };

  it('are the same by what is run and read, not by the name of the run', () => {
    expect(isSameRun(run, { ...run, trace: { ...trace, id: 'other', interventions: [] } })).toBe(true);
  });

  it.each<[string, OtherRun]>([
    ['model', { ...run, summary: { ...model, id: 'tuned' } }],
    ['text', { ...run, trace: { ...trace, encoder: [{ ...trace.encoder[0], text: 'A dog.' }] } }],
    ['translation', { ...run, trace: { ...trace, decoder: [{ ...trace.decoder[0], text: 'Ein Hund.' }] } }],
    ['language', { ...run, trace: { ...trace, language: 'fr' } }],
  ])('differ where the %s does', (_, other) => {
    expect(isSameRun(run, other)).toBe(false);
  });
});
