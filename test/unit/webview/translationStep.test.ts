// What the explorer says about a row of a decoder: which token it read, and which one comes next.
import { describe, expect, it } from 'vitest';
import type { HeadScene } from '../../../webview/explorer/scene';
import { stepOf } from '../../../webview/views/writingStep';

const item = (label: string, index: number, padding = false) => ({
  label,
  first: index,
  last: index,
  hasText: true,
  padding,
});

function sceneOf(kind: HeadScene['attention']['kind'], unit: HeadScene['unit'] = 'pieces'): HeadScene {
  const queries = [item('hat', 0), item('die', 1), item('<pad>', 2, true)];
  return { attention: { kind }, unit, queries, keys: [item('the', 0)] } as unknown as HeadScene;
}

describe('the step of a row', () => {
  it('names the token that was read and the one that it leads to', () => {
    expect(stepOf(sceneOf('cross'), { query: 0, key: 0 })).toBe('The step after “hat” leads to “die”.');
    expect(stepOf(sceneOf('decoderSelf'), { query: 1, key: 0 })).toBe(
      'The step after “die” is the last one.',
    );
  });

  it('is of decoders and single tokens only', () => {
    expect(stepOf(sceneOf('encoderSelf'), { query: 0, key: 0 })).toBe('');
    expect(stepOf(sceneOf('cross', 'words'), { query: 0, key: 0 })).toBe('');
    expect(stepOf(sceneOf('cross'), undefined)).toBe('');
  });
});
