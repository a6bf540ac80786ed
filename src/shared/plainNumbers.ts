// Carries infinities and NaN through JSON, which turns them into null: VS Code sends what a host posts to a webview as JSON.

const NAMES = new Map<number, string>([
  [Infinity, 'Infinity'],
  [-Infinity, '-Infinity'],
]);

interface NamedNumber {
  readonly $number: string;
}

/** A copy of plain data in which JSON keeps every number. Buffers and views are passed on as they are: VS Code carries them apart. */
export function encodeNumbers(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { $number: NAMES.get(value) ?? 'NaN' } satisfies NamedNumber;
  }
  return mapPlain(value, encodeNumbers);
}

/** What {@link encodeNumbers} was given. */
export function decodeNumbers(value: unknown): unknown {
  if (isNamedNumber(value)) {
    return Number(value.$number);
  }
  return mapPlain(value, decodeNumbers);
}

function isNamedNumber(value: unknown): value is NamedNumber {
  return (
    typeof value === 'object' && value !== null && '$number' in value && typeof value.$number === 'string'
  );
}

function mapPlain(value: unknown, map: (item: unknown) => unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(map);
  }
  if (
    typeof value !== 'object' ||
    value === null ||
    value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value)
  ) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, map(item)]));
}
