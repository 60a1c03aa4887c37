// What counts as used: whatever the package's subpaths, the tests, the scripts and the examples reach.
import type { KnipConfig } from 'knip'
import { packageEntries } from './test/tools/package-entries.ts'

const config: KnipConfig = {
  entry: [
    ...packageEntries().map(({ source }) => `${source}!`),
    'test/tools/*.ts',
    'test/runtimes/group-program.ts',
    'examples/*.ts',
  ],
  project: ['src/**/*.ts!', 'test/**/*.ts', 'examples/**/*.ts'],
}

export default config
