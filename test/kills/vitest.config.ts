// Trainings from end to end with the real engine, some in programs of their own that are killed: each takes longer than a unit test may.
import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: path.join(import.meta.dirname, '../..'),
    include: ['test/kills/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
