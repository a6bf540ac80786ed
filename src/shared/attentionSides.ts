// Which sequences an attention is between.
import type { AttentionKind, Side } from './modelSummary';

/** Which sides the queries and the keys of a kind of attention come from. */
export function sidesOf(kind: AttentionKind): { readonly query: Side; readonly key: Side } {
  switch (kind) {
    case 'encoderSelf':
      return { query: 'encoder', key: 'encoder' };
    case 'decoderSelf':
      return { query: 'decoder', key: 'decoder' };
    case 'cross':
      return { query: 'decoder', key: 'encoder' };
    default:
      return kind satisfies never;
  }
}
