// Whether a model's files are small enough to be loaded; asked before any of them is read.
import * as vscode from 'vscode';
import { UserError } from '../shared/errors';
import { formatBytes } from '../shared/formatBytes';

const MEGABYTE = 1024 * 1024;
/** A protobuf message, and so an ONNX graph, ends below 2 GiB; larger weights are external data. */
const LARGEST_GRAPH = 2 ** 31;
/** WebAssembly addresses 4 GiB, and float32 weights must leave room for a run. */
const LARGEST_MODEL = 3.5 * 2 ** 30;

/** The size of a file in bytes, by its path. */
export type FileSizes = Readonly<Record<string, number>>;

export const totalOf = (sizes: FileSizes): number =>
  Object.values(sizes).reduce((sum, size) => sum + size, 0);

/**
 * @param limitMegabytes Of the setting; undefined when the user has agreed to load the model anyway.
 * @throws UserError `modelTooLarge`; its detail `confirm` is 1 where the user may agree to load it.
 */
export function checkSize(name: string, sizes: FileSizes, limitMegabytes: number | undefined): void {
  for (const [path, bytes] of Object.entries(sizes)) {
    if (path.endsWith('.onnx') && bytes >= LARGEST_GRAPH) {
      const message = vscode.l10n.t(
        'The file {0} has {1}, but an ONNX graph must be smaller than 2 GB. Export the model again with external data, or choose a smaller one.',
        path,
        formatBytes(bytes),
      );
      throw new UserError('modelTooLarge', message, { path, bytes });
    }
  }
  const total = totalOf(sizes);
  if (total > LARGEST_MODEL) {
    const message = vscode.l10n.t(
      'The files of {0} have {1} together, more than the runtime can address. Choose a smaller model, or export it with float16 weights.',
      name,
      formatBytes(total),
    );
    throw new UserError('modelTooLarge', message, { bytes: total });
  }
  if (limitMegabytes !== undefined && total > limitMegabytes * MEGABYTE) {
    const message = vscode.l10n.t(
      'The files of {0} have {1} together, and loading takes several times as much memory. The setting transformerExplorer.maximumModelSize asks before more than {2}.',
      name,
      formatBytes(total),
      formatBytes(limitMegabytes * MEGABYTE),
    );
    throw new UserError('modelTooLarge', message, { bytes: total, confirm: 1 });
  }
}
