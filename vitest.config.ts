import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // Servers and threads that tests start from the sources share what was compiled.
    env: { NODE_COMPILE_CACHE: '.cache/compiled' },
    sequence: { concurrent: false, sequencer: LongestFirst },
  },
});
