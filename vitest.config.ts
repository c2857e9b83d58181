import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const { TEST_REPORT: report } = process.env;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One of two cores would be idle by default: most tests wait for sockets, files and processes.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Sockets and child processes on two cores: generous, since nothing is asserted by the clock.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    ...(report && { reporters: ['default', ['json', { outputFile: report }]] }),
  },
});
