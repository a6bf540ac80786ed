// A row of a decoder's attention as a step of decoding: which token it read, and which one it leads to.
import type { HeadScene } from '../explorer/scene';
import type { Pair } from '../explorer/viewState';
import { attentionStrings as strings } from '../strings';
import { sidesOf } from '../../src/shared/attentionSides';

/** Whether every row is a step of decoding. */
export function isWriting(scene: HeadScene | undefined): boolean {
  return scene?.unit === 'pieces' && sidesOf(scene.attention.kind).query === 'decoder';
}

/** Which token the row of a pair leads to: a decoder's row reads one token and decides the next. */
export function stepOf(scene: HeadScene, pair: Pair | undefined): string {
  if (!pair || !isWriting(scene)) {
    return '';
  }
  const next = scene.queries.at(pair.query + 1);
  return strings.writingStep(scene.queries[pair.query].label, next?.padding ? undefined : next?.label);
}
