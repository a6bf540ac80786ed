// What the side bar calls tuned weights: what differs from the base first.
import { describe, expect, it } from 'vitest';
import { tunedName } from '../../../webview/training/tunedName';

describe('the name of tuned weights', () => {
  it.each([
    ['en-de-fr-zh + terms', 'en-de-fr-zh', '+ terms'],
    ['en-de-fr-zh + terms 2', 'en-de-fr-zh', '+ terms 2'],
    ['en-de-fr-zh + terms + port', 'en-de-fr-zh', '+ terms + port'],
    ['en-de-fr-zh', 'en-de-fr-zh', 'fine-tuned'],
    ['en-de-fr-zh 2', 'en-de-fr-zh', 'fine-tuned 2'],
    ['Harbour words', 'en-de-fr-zh', 'Harbour words'],
    ['en-de-fr-zh for ships', 'en-de-fr-zh', 'en-de-fr-zh for ships'],
    ['other + terms', 'en-de-fr-zh', 'other + terms'],
    ['+ terms', '', '+ terms'],
  ])('%s of %s is %s', (name, baseName, shown) => {
    expect(tunedName({ name, baseName })).toBe(shown);
  });
});
