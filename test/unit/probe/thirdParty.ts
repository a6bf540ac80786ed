// The optional folder of ONNX files made by others, beside the repository; tests that need it skip where it is missing.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { ElementType } from '../../../src/onnx/model';
import { readTensor } from '../../../src/onnx/readTensor';
import { WireReader } from '../../../src/onnx/wireReader';
import type { Tensor, TensorData, TensorType } from '../../../src/shared/tensor';

export const thirdParty = new URL('../../../../shared/third-party-models/', import.meta.url);

export const hasThirdParty = existsSync(thirdParty);

/** Title of a test group that says when its files are missing. */
export const titled = (title: string): string =>
  hasThirdParty ? title : `${title} (skipped: ../shared/third-party-models is missing)`;

/** Names in a folder of the collection; empty when it is missing. */
export function list(folder: string): readonly string[] {
  return hasThirdParty ? readdirSync(new URL(folder, thirdParty)).sort() : [];
}

export function bytesOf(file: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(file, thirdParty)));
}

const TYPES: Readonly<Record<number, readonly [TensorType, new (buffer: ArrayBuffer) => TensorData]>> = {
  [ElementType.float32]: ['float32', Float32Array],
  [ElementType.float16]: ['float16', Uint16Array],
  [ElementType.int64]: ['int64', BigInt64Array],
  [ElementType.int32]: ['int32', Int32Array],
  [ElementType.bool]: ['bool', Uint8Array],
};

/** A tensor stored as TensorProto. */
export function tensorFile(file: string): { readonly name: string; readonly tensor: Tensor } {
  const bytes = bytesOf(file);
  const { name, dims, elementType, raw } = readTensor(new WireReader(bytes, 0, bytes.length));
  const type = TYPES[elementType];
  if (!raw || !type) {
    throw new Error(`${file} holds element type ${elementType}`);
  }
  const [typeName, ArrayType] = type;
  return { name, tensor: { type: typeName, dims, data: new ArrayType(raw.slice().buffer) } };
}
