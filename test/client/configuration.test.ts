// Every shipped model says itself which of its files transformers.js shall take, and none is left out of these tests.
import { describe, expect, test } from 'vitest';
import { configOf, foldersOf, shipped } from './modelFolders';

test('a translation model is shipped', () => {
  expect(foldersOf(['marian'], shipped)).not.toEqual([]);
});

describe.each(shipped)('%s', (folder) => {
  test('is of a type that is tested', () => {
    expect(foldersOf(['marian', 'gpt2', 'bert'], [folder])).toEqual([folder]);
  });

  test('the files without a suffix are taken on every device, though the default of some is another', () => {
    expect(configOf(folder)['transformers.js_config']).toMatchObject({ dtype: 'fp32' });
  });
});
