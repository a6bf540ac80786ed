// Remembers from which bytes an object was read, so that what nobody changed is written exactly as it stood.

const sources = new WeakMap<object, Uint8Array<ArrayBuffer>>();

/** Notes that `message`, the body of a protobuf message, was decoded to `decoded`; returns `decoded`. */
export function readFrom<T extends object>(decoded: T, message: Uint8Array<ArrayBuffer>): T {
  sources.set(decoded, message);
  return decoded;
}

/**
 * The message `decoded` was read from; undefined when it was made or changed in code. A changed copy (`{ ...node, … }`)
 * is another object and so has no source.
 */
export function sourceOf(decoded: object): Uint8Array<ArrayBuffer> | undefined {
  return sources.get(decoded);
}
