// A result of the inference library that stays on its device: read when somebody asks, fed to later runs as it is.
import type { Tensor as OrtTensor } from 'onnxruntime-web';
import type { ResidentTensor, Tensor, TensorType } from '../shared/tensor';
import { fromOrt, isTensorType } from './ortTensor';
import { runError } from './runtimeErrors';
import type { Serial } from './serial';

export class OrtResident implements ResidentTensor {
  constructor(
    private readonly name: string,
    /** For runs of this library; nobody else's business. */
    readonly tensor: OrtTensor,
    private readonly serial: Serial,
  ) {}

  get type(): TensorType {
    // What is kept are floats that our own graphs compute.
    return isTensorType(this.tensor.type) ? this.tensor.type : 'float32';
  }

  get dims(): readonly number[] {
    return this.tensor.dims;
  }

  read(): Promise<Tensor> {
    return this.serial.run(async () => {
      try {
        return await fromOrt(this.name, this.tensor);
      } catch (error) {
        throw runError(error);
      }
    });
  }

  dispose(): void {
    this.tensor.dispose();
  }
}
