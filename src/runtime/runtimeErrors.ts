// Turns what the inference library throws into errors that say what happened and what to do.
import type { ErrorCode } from '../shared/errors';
import { messageOf, UserError } from '../shared/errors';

interface Cause {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
}

const outOfMemory: Cause = {
  pattern:
    /bad_alloc|out of memory|\bOOM\b|failed to allocate|allocation failed|could not allocate|memory\.grow|exceeds? .*memory/i,
  code: 'outOfMemory',
  message: 'There is not enough memory for this. Select less text, or choose a smaller model.',
};

/** After a trap the library's memory is in no known state. */
const trapped: Cause = {
  pattern: /memory access out of bounds|unreachable|table index is out of bounds|null function|Aborted\(/i,
  code: 'engineCrashed',
  message: 'The inference library crashed. Run the command again: the engine starts anew.',
};

const deviceLost: Cause = {
  pattern: /device (is |was )?lost|mapAsync|GPUDevice|GPU adapter|webgpu.*(fail|error)/i,
  code: 'backendFailed',
  message: 'The graphics device failed. Set the backend to "wasm" in the settings if this happens again.',
};

const loading: readonly Cause[] = [
  outOfMemory,
  {
    pattern: /protobuf parsing failed|invalid protobuf|ModelProto|ERROR_CODE: 7\b/i,
    code: 'modelCorrupt',
    message: 'The ONNX file cannot be read: it is damaged or incomplete. Download or export it again.',
  },
  {
    pattern: /external data|External initializer|Failed to load external/i,
    code: 'modelMissing',
    message: 'A file with weights that belongs to this ONNX file is missing. Put it into the same folder.',
  },
  trapped,
  deviceLost,
];

const running: readonly Cause[] = [outOfMemory, trapped, deviceLost];

/** The error of a session that could not be created. */
export function loadError(error: unknown): UserError {
  const fallback: Cause = {
    pattern: /^/,
    code: 'modelUnsupported',
    message: 'The inference library refuses this model.',
  };
  return explain(error, loading, fallback);
}

/** The error of a run. */
export function runError(error: unknown): UserError {
  return explain(error, running, { pattern: /^/, code: 'internal', message: 'The model could not be run.' });
}

function explain(error: unknown, causes: readonly Cause[], fallback: Cause): UserError {
  if (error instanceof UserError) {
    return error;
  }
  // A number is the address of a C++ exception that nothing caught.
  const thrown = typeof error === 'number';
  const reason = thrown ? `exception at ${error}` : messageOf(error);
  const cause = thrown ? trapped : (causes.find(({ pattern }) => pattern.test(reason)) ?? fallback);
  return new UserError(cause.code, `${cause.message} (${reason})`, { reason }, { cause: error });
}
