// Remote calls over a real MessageChannel: results, errors, cancelling, progress, transfer, disposal.
import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CancelledError, UserError } from '../../../src/shared/errors';
import type { Method, Progress } from '../../../src/shared/protocol';
import type { Channel, Connection } from '../../../src/shared/rpc';
import { connect, serve, transfer } from '../../../src/shared/rpc';

interface Adder {
  add: Method<{ readonly a: number; readonly b: number }, number>;
  slow: Method<void, string>;
  count: Method<number, string>;
  fail: Method<'user' | 'plain' | 'text', void>;
  reverse: Method<Float32Array<ArrayBuffer>, { readonly data: Float32Array<ArrayBuffer> }>;
  unclonable: Method<void, unknown>;
}

class TestAdder implements Adder {
  aborted = 0;
  private markStarted: () => void = () => undefined;
  readonly started = new Promise<void>((resolve) => (this.markStarted = resolve));
  private readonly offset = 0;

  add: Adder['add'] = async ({ a, b }) => this.offset + a + b;

  slow: Adder['slow'] = (_request, call) =>
    new Promise((_resolve, reject) => {
      this.markStarted();
      call?.signal?.addEventListener('abort', () => {
        this.aborted++;
        reject(new CancelledError());
      });
    });

  count: Adder['count'] = async (total, call) => {
    for (let done = 1; done <= total; done++) {
      call?.onProgress?.({ message: 'counting', done, total });
    }
    return 'done';
  };

  fail: Adder['fail'] = async (how) => {
    switch (how) {
      case 'user':
        throw new UserError('textTooLong', 'Too long.', { tokens: 600, limit: 512 });
      case 'plain':
        throw new RangeError('off by one');
      case 'text':
        // eslint-disable-next-line no-throw-literal
        throw 'a string';
      default:
        how satisfies never;
    }
  };

  reverse: Adder['reverse'] = async (data) => {
    const reversed = data.slice().reverse();
    return transfer({ data: reversed }, [reversed.buffer]);
  };

  unclonable: Adder['unclonable'] = async () => () => 1;
}

function channelOf(port: MessagePort): Channel {
  return {
    post: (message, buffers) => port.postMessage(message, [...(buffers ?? [])]),
    onMessage: (listener) => {
      port.on('message', listener);
      return { dispose: () => port.off('message', listener) };
    },
  };
}

async function rejection(promise: Promise<unknown>): Promise<UserError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

describe('rpc', () => {
  let ports: MessageChannel;
  let here: Channel;
  let there: Channel;
  let implementation: TestAdder;
  let remote: Connection<Adder>;

  beforeEach(() => {
    ports = new MessageChannel();
    here = channelOf(ports.port1);
    there = channelOf(ports.port2);
    implementation = new TestAdder();
    serve<Adder>(there, implementation);
    remote = connect<Adder>(here);
  });

  afterEach(() => {
    ports.port1.close();
  });

  test('a call brings the result of the method, with `this` intact', async () => {
    expect(await remote.add({ a: 2, b: 3 })).toBe(5);
  });

  test('concurrent calls get their own answers', async () => {
    const sums = await Promise.all(Array.from({ length: 20 }, (_, a) => remote.add({ a, b: 100 })));
    expect(sums).toEqual(Array.from({ length: 20 }, (_, a) => a + 100));
  });

  test('a connection can be the result of an async function', async () => {
    const awaited = await Promise.resolve(remote);
    expect(await awaited.add({ a: 1, b: 1 })).toBe(2);
  });

  test('a UserError keeps code, message, details and the stack of where it was thrown', async () => {
    const error = await rejection(remote.fail('user'));
    expect(error.code).toBe('textTooLong');
    expect(error.message).toBe('Too long.');
    expect(error.details).toEqual({ tokens: 600, limit: 512 });
    expect(error.stack).toContain('rpc.test.ts');
    expect(error.stack).toContain("remote call 'fail'");
  });

  test('any other error becomes a UserError with the code internal', async () => {
    expect(await rejection(remote.fail('plain'))).toMatchObject({ code: 'internal', message: 'off by one' });
    expect(await rejection(remote.fail('text'))).toMatchObject({ code: 'internal', message: 'a string' });
  });

  test('an unknown method is an error, also when every object has it', async () => {
    const other = remote as unknown as Record<string, Method<void, unknown>>;
    for (const name of ['missing', 'toString', 'constructor', 'offset']) {
      const call = other[name];
      expect(await rejection(call ? call() : Promise.resolve())).toMatchObject({
        code: 'badRequest',
        details: { method: name },
      });
    }
  });

  test('cancelling rejects at once and aborts the signal at the other end', async () => {
    const controller = new AbortController();
    const call = remote.slow(undefined, { signal: controller.signal });
    await implementation.started;
    controller.abort();
    expect(await rejection(call)).toBeInstanceOf(CancelledError);
    expect(await remote.add({ a: 1, b: 2 })).toBe(3);
    expect(implementation.aborted).toBe(1);
  });

  test('a call whose signal is aborted already is never sent', async () => {
    const error = await rejection(remote.slow(undefined, { signal: AbortSignal.abort() }));
    expect(error.code).toBe('cancelled');
    await remote.add({ a: 0, b: 0 });
    expect(implementation.aborted).toBe(0);
  });

  test('aborting after the answer does nothing', async () => {
    const controller = new AbortController();
    expect(await remote.add({ a: 1, b: 1 }, { signal: controller.signal })).toBe(2);
    controller.abort();
    expect(await remote.add({ a: 2, b: 2 })).toBe(4);
  });

  test('progress arrives in order and before the answer', async () => {
    const seen: Progress[] = [];
    const result = await remote.count(3, { onProgress: (progress) => seen.push(progress) });
    expect(result).toBe('done');
    expect(seen.map(({ done }) => done)).toEqual([1, 2, 3]);
  });

  test('no progress is sent to a caller that does not listen', async () => {
    const kinds: unknown[] = [];
    here.onMessage((message) => kinds.push((message as { rpc: string }).rpc));
    await remote.count(3);
    expect(kinds).toEqual(['result']);
  });

  test('marked buffers move in both directions', async () => {
    const data = Float32Array.of(1, 2, 3);
    const answer = await remote.reverse(transfer(data, [data.buffer]));
    expect([...answer.data]).toEqual([3, 2, 1]);
    expect(data.byteLength).toBe(0);
  });

  test('unmarked buffers are copied', async () => {
    const data = Float32Array.of(1, 2);
    await remote.reverse(data);
    expect([...data]).toEqual([1, 2]);
  });

  test('what cannot be cloned is an error on either side, not a hanging call', async () => {
    expect((await rejection(remote.unclonable())).code).toBe('internal');
    const request = { a: 1, b: () => 1 } as unknown as { a: number; b: number };
    expect((await rejection(remote.add(request))).message).toContain("'add' could not be sent");
  });

  test('disposing rejects what is pending and what is called later with the given reason', async () => {
    const call = remote.slow();
    const reason = new UserError('engineCrashed', 'The engine stopped.');
    remote.dispose(reason);
    expect(await rejection(call)).toBe(reason);
    expect(await rejection(remote.add({ a: 1, b: 1 }))).toBe(reason);
  });

  test('disposing without a reason says that the connection was closed', async () => {
    const call = remote.slow();
    remote.dispose();
    expect((await rejection(call)).message).toContain('closed');
  });

  test('disposing the server answers and aborts what runs', async () => {
    const ownPorts = new MessageChannel();
    const served = new TestAdder();
    const server = serve<Adder>(channelOf(ownPorts.port2), served);
    const caller = connect<Adder>(channelOf(ownPorts.port1));
    const call = caller.slow();
    await served.started;
    server.dispose();
    expect((await rejection(call)).code).toBe('cancelled');
    expect(served.aborted).toBe(1);
    ownPorts.port1.close();
  });

  test('both ends can serve and call over one channel', async () => {
    serve<Adder>(here, new TestAdder());
    const back = connect<Adder>(there);
    const [forth, andBack] = await Promise.all([remote.add({ a: 1, b: 2 }), back.add({ a: 10, b: 20 })]);
    expect([forth, andBack]).toEqual([3, 30]);
  });

  test('foreign messages on the channel are ignored', async () => {
    ports.port1.postMessage('hello');
    ports.port2.postMessage({ type: 'something else' });
    ports.port2.postMessage(null);
    expect(await remote.add({ a: 4, b: 5 })).toBe(9);
  });
});
