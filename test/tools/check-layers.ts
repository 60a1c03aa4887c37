// Checks the import rule of docs/architecture.md on ./src with the tables of .dependency-cruiser.cjs, and fails when
// nothing was read: with a TypeScript that it cannot load, dependency-cruiser finds no module and reports success.
import { resolve } from 'node:path'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options'
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config'

const options = await extractOptions(resolve('.dependency-cruiser.cjs'))
const { output } = await cruise(['src'], options, undefined, { tsConfig: extractTsConfig(resolve('tsconfig.json')) })
report(typeof output === 'string' ? (JSON.parse(output) as ICruiseResult) : output)

function report({ modules, summary }: ICruiseResult): void {
  const read = modules.filter(({ source }) => source.startsWith('src/')).length
  for (const { from, to, rule } of summary.violations) {
    console.error(`${from} → ${to} (${rule.name})`)
  }
  console.log(`${read} modules, ${summary.totalDependenciesCruised} imports, ${summary.violations.length} forbidden`)
  if (read === 0) console.error('no module of src was read')
  if (read === 0 || summary.violations.length > 0) process.exitCode = 1
}
