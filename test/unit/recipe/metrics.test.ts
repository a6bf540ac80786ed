// The recipe's own tests, where a Python is there to run them. They need no package.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../../models/recipe');
const python = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0);

test.skipIf(python === undefined)('BLEU and chrF are those that sacrebleu publishes', () => {
  const done = spawnSync(python ?? '', ['-B', '-m', 'unittest', 'test_metrics'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(done.stderr).toContain('OK');
  expect(done.status).toBe(0);
});
