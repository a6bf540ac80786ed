// Refuses a request for a text or a head that the run does not have, which tensors that broadcast would answer with another one.
import { UserError } from '../../shared/errors';
import type { Trace } from '../trace';

/** Where in a run a request looks. */
export interface Place {
  readonly attention?: string;
  readonly batch?: number;
  readonly head?: number | 'mean';
}

/** @throws UserError `badRequest` */
export function checkPlace(trace: Trace, { attention, batch = 0, head = 'mean' }: Place): void {
  if (!isIndex(batch, trace.batch)) {
    const message = `There is no text ${batch} in this run: it has ${trace.batch}, counted from 0.`;
    throw new UserError('badRequest', message, { batch });
  }
  if (attention !== undefined && head !== 'mean') {
    const { heads } = trace.attention(attention).site;
    if (!isIndex(head, heads)) {
      const message = `There is no head ${head} in ${attention}: it has ${heads}, counted from 0.`;
      throw new UserError('badRequest', message, { attention, head });
    }
  }
}

const isIndex = (value: number, count: number): boolean =>
  Number.isInteger(value) && value >= 0 && value < count;
