import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // No state is global, so files share a process; to load all modules anew for each takes longer than most of them.
    isolate: false,
    // Tests wait for processes and brokers more than they compute: two workers more than there are cores keep these busy.
    maxWorkers: availableParallelism() + 2,
  },
});
