// How the package is built: one ES module and one declaration file per subpath that package.json exports.
import { existsSync } from 'node:fs'
import type { Options } from 'tsup'
import { packageEntries } from './test/tools/package-entries.ts'

// An entry whose source is missing is left out here and then reported by publint, which wants every exported file.
const entry = Object.fromEntries(
  packageEntries()
    .filter(({ source }) => existsSync(source))
    .map(({ name, source }) => [name, source]),
)
// The command that package.json installs.
entry.cli = 'src/cli/main.ts'

const options: Options = {
  entry,
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/],
  removeNodeProtocol: false,
  dts: true,
  splitting: true,
  treeshake: true,
  minify: false,
  sourcemap: true,
  clean: true,
}

export default options
