// How the tests run: every test/**/*.test.ts, in few workers, with `coterie/*` imports taken from src.
import { defineConfig, type ViteUserConfig } from 'vitest/config'

// .ci/run names a file here to count what passed and failed.
const report = process.env.COTERIE_TEST_REPORT

const config: ViteUserConfig = defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Nothing is timed: a slow machine may take its time.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
})

export default config
