// The error for a file that cannot be read as ONNX, with the byte where reading stopped; knows what people open by mistake.
import { UserError } from '../shared/errors';

const ADVICE = 'Download or export the model again, or choose another one.';

/** `modelCorrupt` at a byte offset. `problem` is a clause such as "the file ends inside a name". */
export function corruptAt(offset: number, problem: string, expected: string): UserError {
  return new UserError(
    'modelCorrupt',
    `The model file is damaged: at byte ${offset}, ${problem} (expected ${expected}). ${ADVICE}`,
    { offset, expected },
  );
}

const MAGIC: readonly (readonly [start: number, text: string, what: string])[] = [
  [0, 'PK\x03\x04', 'a ZIP archive (PyTorch saves its checkpoints so)'],
  [0, 'GGUF', 'a GGUF file'],
  [0, '\x89HDF', 'an HDF5 file'],
  [0, '\x1f\x8b', 'a gzip archive; unpack it first'],
  [0, '\x80\x02', 'a Python pickle'],
  [4, 'ORTM', 'a model in ORT format'],
  [4, 'TFL3', 'a TensorFlow Lite model'],
];

/** How many bytes are looked at to tell text from data: enough for the start of a page or of a pointer file. */
const SNIFFED_BYTES = 256;

/** What a file that failed to read looks like, or undefined when it does look like data. */
function recognise(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) {
    return 'it is empty';
  }
  const start = String.fromCharCode(...bytes.subarray(0, SNIFFED_BYTES));
  const magic = MAGIC.find(([offset, text]) => start.startsWith(text, offset));
  if (magic) {
    return `it is ${magic[2]}`;
  }
  if (/^.{8}\{"/s.test(start)) {
    return 'it looks like a safetensors file, which holds weights but no graph';
  }
  if (start.startsWith('version https://git-lfs')) {
    return 'it is a Git LFS pointer; run "git lfs pull" to get the model itself';
  }
  if (
    !isUtf8(bytes.subarray(0, SNIFFED_BYTES)) ||
    !/^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$/.test(start.replace(/^\xef\xbb\xbf/, ''))
  ) {
    return undefined;
  }
  if (/^\s*</.test(start)) {
    return 'it is a web page or XML; the download probably returned an error page';
  }
  return 'it is text';
}

/** Whether bytes, which may end inside a character, are UTF-8. */
function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch (error) {
    if (error instanceof TypeError) {
      return false;
    }
    throw error;
  }
}

/** Replaces an error about bytes by a clearer one when the file is evidently something else. */
export function explainCorrupt(bytes: Uint8Array, error: unknown): unknown {
  if (!(error instanceof UserError) || error.code !== 'modelCorrupt') {
    return error;
  }
  const what = recognise(bytes);
  if (what === undefined) {
    return error;
  }
  return new UserError('modelCorrupt', `This is not an ONNX model: ${what}. ${ADVICE}`, error.details, {
    cause: error,
  });
}
