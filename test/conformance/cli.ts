// `npm run conformance`: runs files of test vectors in each crypto provider, prints a line for each file and provider, and
// ends with the line `N passed, N failed, N skipped`.
import { Command, Option } from 'commander'
import type { CryptoProvider } from '../../src/crypto/contract.ts'
import { loadProvider, PROVIDER_NAMES, type ProviderName } from './providers.ts'
import { type FileOutcome, runFile } from './run-file.ts'
import { defaultFolders, findVectors, readVectors, type VectorFile, type VectorFolder } from './vector-files.ts'

const SHOWN_FAILURES = 5

await new Command('npm run conformance --')
  .description('runs test vectors, whose formats are recognised by their content')
  .argument('[folders...]', 'folders to search for *.json, or files (default: all vectors that are on this machine)')
  .addOption(
    new Option('--provider <name>', 'the crypto provider (default: all that this runtime has)').choices(PROVIDER_NAMES),
  )
  .action(run)
  .parseAsync()

async function run(folders: readonly string[], options: { readonly provider?: ProviderName }): Promise<void> {
  try {
    const found = await findVectors(folders.length > 0 ? folders : defaultFolders())
    const names = options.provider === undefined ? PROVIDER_NAMES : [options.provider]
    const providers = await Promise.all(names.map(loadProvider))
    await runFolders(found, providers)
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}

async function runFolders(folders: readonly VectorFolder[], providers: readonly CryptoProvider[]): Promise<void> {
  const width = Math.max(...folders.flatMap(({ files }) => files.map(({ name }) => name.length)))
  const total = { passed: 0, failed: 0, skipped: 0 }
  for (const { files } of folders) {
    const contents = await Promise.all(files.map(async (file) => ({ file, content: await readVectors(file.path) })))
    for (const { file, content } of contents) {
      const related = contents.flatMap((other) => {
        return other.file === file || other.content.error !== undefined ? [] : [other.content.json]
      })
      for (const provider of providers) {
        const outcome =
          content.error === undefined ? await runFile(content.json, provider, related) : broken(content.error)
        print(file, width, provider, outcome)
        total.passed += outcome.passed
        total.failed += outcome.failures.length
        total.skipped += outcome.skipped
      }
    }
  }
  const nothingRan = total.passed + total.failed === 0
  if (nothingRan) console.error('nothing was run: no file holds vectors of a format that is known')
  if (nothingRan || total.failed > 0) process.exitCode = 1
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
}

function print({ name }: VectorFile, width: number, provider: CryptoProvider, outcome: FileOutcome): void {
  const { passed, failures, skipped, skipReasons } = outcome
  const counts = `${passed} passed, ${failures.length} failed, ${skipped} skipped`
  console.log(`${name.padEnd(width)}  ${provider.name.padEnd(9)}  ${(outcome.module ?? '-').padEnd(22)}  ${counts}`)
  for (const [reason, count] of skipReasons) console.log(`    skipped ${count}: ${reason}`)
  for (const failure of failures.slice(0, SHOWN_FAILURES)) console.log(`    failed: ${failure}`)
  if (failures.length > SHOWN_FAILURES) console.log(`    … and ${failures.length - SHOWN_FAILURES} more`)
}

function broken(reason: string): FileOutcome {
  return { module: undefined, passed: 0, failures: [reason], skipped: 0, skipReasons: new Map() }
}
