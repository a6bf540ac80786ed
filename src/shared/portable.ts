// Plain data with typed arrays as JSON text and back: for files that carry numbers, not for messages.

/** A copy in which JSON keeps everything: float32 and byte arrays as base64, infinities and NaN by name. */
export function toPortable(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { $number: String(value) };
  }
  if (value instanceof Float32Array) {
    return { $float32: base64Of(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
  }
  if (value instanceof Uint8Array) {
    return { $uint8: base64Of(value) };
  }
  if (Array.isArray(value)) {
    return value.map(toPortable);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPortable(item)]))
    : value;
}

/** What {@link toPortable} was given. */
export function fromPortable(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(fromPortable);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const { $number, $float32, $uint8 } = value as Readonly<Record<string, unknown>>;
  if (typeof $number === 'string') {
    return Number($number);
  }
  if (typeof $float32 === 'string') {
    return new Float32Array(bytesOf($float32).buffer);
  }
  if (typeof $uint8 === 'string') {
    return bytesOf($uint8);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromPortable(item)]));
}

/** Characters are made in groups: a call takes only so many arguments. */
const GROUP = 0x8000;

function base64Of(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += GROUP) {
    parts.push(String.fromCharCode(...bytes.subarray(start, start + GROUP)));
  }
  return btoa(parts.join(''));
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    bytes[index] = text.charCodeAt(index);
  }
  return bytes;
}
