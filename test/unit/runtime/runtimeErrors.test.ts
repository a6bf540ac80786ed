// What the inference library throws, as errors that say what happened.
import { describe, expect, test } from 'vitest';
import { loadError, runError } from '../../../src/runtime/runtimeErrors';
import { CancelledError } from '../../../src/shared/errors';

describe('loadError', () => {
  test.each([
    [
      "Can't create a session. ERROR_CODE: 7, ERROR_MESSAGE: Failed to load model because protobuf parsing failed.",
      'modelCorrupt',
    ],
    ["Can't create a session. ERROR_CODE: 6, ERROR_MESSAGE: std::bad_alloc", 'outOfMemory'],
    ['RangeError: Array buffer allocation failed', 'outOfMemory'],
    ['ERROR_CODE: 1, ERROR_MESSAGE: NoSuchOp(-1) is not a registered function/op', 'modelUnsupported'],
    ["Failed to load external data file 'model.onnx_data'", 'modelMissing'],
    ['RuntimeError: memory access out of bounds', 'engineCrashed'],
    ['Failed to get GPU adapter', 'backendFailed'],
  ])('%s', (message, code) => {
    expect(loadError(new Error(message))).toMatchObject({ code, details: { reason: message } });
  });
});

describe('runError', () => {
  test('keeps what is a UserError already', () => {
    const cancelled = new CancelledError();
    expect(runError(cancelled)).toBe(cancelled);
  });

  test('an exception that nothing caught is a crash', () => {
    expect(runError(40863320).code).toBe('engineCrashed');
  });

  test('anything else is internal, with its message', () => {
    expect(runError(new Error('Got invalid dimensions'))).toMatchObject({
      code: 'internal',
      message: 'The model could not be run. (Got invalid dimensions)',
    });
  });
});
