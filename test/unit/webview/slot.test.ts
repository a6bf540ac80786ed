// Slots never give out a stale answer, ask once, remember answers and forget failures only when told.
import { describe, expect, it, vi } from 'vitest';
import type { CallOptions } from '../../../src/shared/protocol';
import { Slot } from '../../../webview/explorer/slot';

interface Call {
  readonly request: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (value: string) => void;
  readonly reject: (error: Error) => void;
}

function harness(capacity = 2, delay = 0) {
  const calls: Call[] = [];
  const changed = vi.fn();
  const method = (request: number, call?: CallOptions) =>
    new Promise<string>((resolve, reject) => calls.push({ request, signal: call?.signal, resolve, reject }));
  return { calls, changed, slot: new Slot(method, changed, capacity, delay) };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('slot', () => {
  it('gives the answer to what is wanted, and asks once', async () => {
    const { slot, calls, changed } = harness();
    expect(slot.want(1)).toEqual({ status: 'loading' });
    expect(slot.want(1)).toEqual({ status: 'loading' });
    expect(calls).toHaveLength(1);
    expect(slot.busy).toBe(true);
    calls[0].resolve('one');
    await settle();
    expect(changed).toHaveBeenCalledTimes(1);
    expect(slot.want(1)).toEqual({ status: 'ready', value: 'one' });
    expect(slot.busy).toBe(false);
  });

  it('drops the answer to an older request that comes later', async () => {
    const { slot, calls, changed } = harness();
    slot.want(1);
    slot.want(2);
    expect(calls[0].signal?.aborted).toBe(true);
    calls[1].resolve('two');
    await settle();
    calls[0].resolve('one');
    await settle();
    expect(slot.want(2)).toEqual({ status: 'ready', value: 'two' });
    expect(changed).toHaveBeenCalledTimes(1);
    // The dropped answer was not remembered either.
    expect(slot.want(1)).toEqual({ status: 'loading' });
  });

  it('remembers as many answers as it may', async () => {
    const { slot, calls } = harness(2);
    for (const request of [1, 2, 3]) {
      slot.want(request);
      calls[calls.length - 1].resolve(String(request));
      await settle();
    }
    expect(slot.want(2)).toEqual({ status: 'ready', value: '2' });
    expect(slot.want(1)).toEqual({ status: 'loading' });
    expect(calls).toHaveLength(4);
  });

  it('keeps a failure until it is told to try again', async () => {
    const { slot, calls } = harness();
    slot.want(1);
    calls[0].reject(new Error('no memory'));
    await settle();
    expect(slot.want(1)).toEqual({ status: 'failed', message: 'no memory' });
    expect(calls).toHaveLength(1);
    slot.retry();
    expect(slot.want(1)).toEqual({ status: 'loading' });
    expect(calls).toHaveLength(2);
  });

  it('counts as failed when the user cancels', async () => {
    const { slot, calls } = harness();
    slot.want(1);
    slot.cancel('Cancelled.');
    expect(calls[0].signal?.aborted).toBe(true);
    expect(slot.want(1)).toEqual({ status: 'failed', message: 'Cancelled.' });
  });

  it('waits for the pointer to rest', async () => {
    vi.useFakeTimers();
    const { slot, calls } = harness(2, 60);
    slot.want(1);
    vi.advanceTimersByTime(40);
    slot.want(2);
    vi.advanceTimersByTime(40);
    expect(calls).toHaveLength(0);
    vi.advanceTimersByTime(20);
    expect(calls.map(({ request }) => request)).toEqual([2]);
    vi.useRealTimers();
  });

  it('forgets everything for another run', async () => {
    const { slot, calls } = harness();
    slot.want(1);
    calls[0].resolve('one');
    await settle();
    slot.clear();
    expect(slot.want(1)).toEqual({ status: 'loading' });
  });
});
