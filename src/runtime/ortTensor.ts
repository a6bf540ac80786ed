// Converts between our plain tensors and those of the inference library.
import type { Tensor as OrtTensor } from 'onnxruntime-web';
import { UserError } from '../shared/errors';
import type { Tensor, TensorData, TensorType } from '../shared/tensor';
import { arrayOf, sizeOf } from '../shared/tensor';
import type { Ort } from './platform';

const types = new Set<string>([
  'float32',
  'float64',
  'int32',
  'int64',
  'uint8',
  'bool',
  'float16',
  'int8',
] satisfies TensorType[]);

/** Whether an element type of the library is one that we pass on. */
export function isTensorType(type: string): type is TensorType {
  return types.has(type);
}

/** @throws UserError `badRequest` when the data do not fit the dimensions. */
export function toOrt(ort: Ort, name: string, tensor: Tensor): OrtTensor {
  if (tensor.data.length !== sizeOf(tensor.dims)) {
    const message = `Input '${name}': ${tensor.data.length} elements do not fill [${tensor.dims.join(', ')}].`;
    throw new UserError('badRequest', message);
  }
  const Tensor: new (type: TensorType, data: TensorData, dims: readonly number[]) => OrtTensor = ort.Tensor;
  return new Tensor(tensor.type, tensor.data, tensor.dims);
}

/** Brings a result to the CPU. @throws UserError `modelUnsupported` for strings and 4-bit integers. */
export async function fromOrt(name: string, tensor: OrtTensor): Promise<Tensor> {
  if (!isTensorType(tensor.type)) {
    throw new UserError(
      'modelUnsupported',
      `Output '${name}' has the element type ${tensor.type}, which cannot be shown.`,
    );
  }
  const data: unknown = tensor.location === 'cpu' ? tensor.data : await tensor.getData();
  if (!ArrayBuffer.isView(data)) {
    throw new UserError('modelUnsupported', `Output '${name}' holds no numbers.`);
  }
  return { type: tensor.type, dims: tensor.dims, data: ownData(tensor.type, data) };
}

/** Results never share memory with the library's heap, so they may be transferred. Float16 stays raw bits. */
function ownData(type: TensorType, data: ArrayBufferView): TensorData {
  const { buffer } = data;
  const whole = buffer instanceof ArrayBuffer && data.byteLength === buffer.byteLength;
  const own: ArrayBuffer = whole
    ? buffer
    : new Uint8Array(new Uint8Array(buffer, data.byteOffset, data.byteLength)).buffer;
  return new arrayOf[type](own);
}
