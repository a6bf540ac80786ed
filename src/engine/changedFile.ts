// An ONNX file of a model together with what fine-tuning changed in it. Types only.
import type { GraphFile } from '../models/modelFolder';

export interface ChangedFile extends GraphFile {
  /** Weights to put in place of the graph's own when it is read, by their names with 16-bit weights expanded. */
  readonly changed?: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
}
