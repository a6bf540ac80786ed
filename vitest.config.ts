import os from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/unit/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    // A file waits for its runtime and its models, not for the processor that Vitest would leave free.
    maxWorkers: os.availableParallelism(),
    // The runtime and the models of test/unit/engine/testEngine.ts are opened once for all files of a process.
    isolate: false,
    testTimeout: 20_000,
    // Opening a model may wait for the other processes.
    hookTimeout: 60_000,
  },
});
