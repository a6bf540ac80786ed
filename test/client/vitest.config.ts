// The tests that transformers.js takes part in; it is installed into .cache before them.
import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: path.join(import.meta.dirname, '../..'),
    include: ['test/client/**/*.test.ts'],
    globalSetup: 'scripts/setup/transformersJs.mjs',
    environment: 'node',
    pool: 'forks',
    // Both runtimes use every core already.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
