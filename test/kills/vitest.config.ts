// Trainings in programs of their own, which are killed; each start compiles the runtime anew, so they are no unit tests.
import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: path.join(import.meta.dirname, '../..'),
    include: ['test/kills/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
