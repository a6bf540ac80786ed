// Reads the .npz files that the product writes, far enough to compare them; runs in a web worker too.

export interface NpyArray {
  readonly description: string;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The arrays by name, in the order of the directory. @throws Error where the bytes are no such file. */
export function readNpz(file: Uint8Array): Readonly<Record<string, NpyArray>> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const end = file.length - 22;
  if (view.getUint32(end, true) !== 0x06054b50) {
    throw new Error('no end of a ZIP directory');
  }
  const arrays: Record<string, NpyArray> = {};
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    const [size, length] = [view.getUint32(at + 24, true), view.getUint16(at + 28, true)];
    const name = new TextDecoder().decode(file.subarray(at + 46, at + 46 + length));
    const local = view.getUint32(at + 42, true);
    const data = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    arrays[name.replace(/\.npy$/u, '')] = readNpy(new Uint8Array(file.subarray(data, data + size)));
    at += 46 + length;
  }
  return arrays;
}

function readNpy(bytes: Uint8Array<ArrayBuffer>): NpyArray {
  const length = new DataView(bytes.buffer).getUint16(8, true);
  const header = new TextDecoder().decode(bytes.subarray(10, 10 + length));
  const [, description, shape] = /'descr': '([^']+)'.*'shape': \(([^)]*)\)/u.exec(header) ?? [];
  if (description === undefined || shape === undefined || (10 + length) % 64 !== 0) {
    throw new Error(`no header of a .npy array: ${header}`);
  }
  const dims = shape
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  return { description, dims, bytes: bytes.slice(10 + length) };
}
