// Lets the event loop turn once, so that messages (a cancel, say) are received between two steps of a long loop.

/** Resolves after a macrotask, without the delay that browsers add to nested timeouts. */
export function nextMacrotask(): Promise<void> {
  const { setImmediate } = globalThis as { readonly setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) => {
    if (setImmediate) {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    // Node's types describe a port that it shares with worker_threads, without the handler of the web's.
    (port1 as unknown as { onmessage: () => void }).onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
