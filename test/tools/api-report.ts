// `npm run api:report` writes what each subpath of the built package exports to api/*.api.md; `npm run api:check` fails
// when the committed reports differ from the build, so that no change of the public surface goes unseen.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import { Command } from 'commander'
import { type PackageEntry, packageEntries } from './package-entries.ts'

const projectRoot = fileURLToPath(new URL('../../', import.meta.url))
const reportFolder = join(projectRoot, 'api')

const { check } = new Command('api-report')
  .description('writes the reports of the public surface from dist')
  .option('--check', 'compare with the committed reports instead of writing them')
  .parse()
  .opts<{ check?: true }>()

run()

function run(): void {
  const entries = packageEntries().filter(({ types }) => existsSync(join(projectRoot, types)))
  if (entries.length === 0) throw new Error('dist holds no entry: run `npm run build` first')
  mkdirSync(reportFolder, { recursive: true })

  const problems = entries.filter((entry) => !report(entry)).map(({ subpath }) => subpath)
  const stray = readdirSync(reportFolder).filter((file) => !entries.some(({ name }) => file === `${name}.api.md`))
  if (!check) {
    for (const file of stray) rmSync(join(reportFolder, file))
  } else if (stray.length > 0) {
    problems.push(...stray.map((file) => `api/${file} without an entry`))
  }
  console.log(`${entries.length} entries, ${problems.length} problems${problems.length > 0 ? `: ${problems}` : ''}`)
  if (problems.length > 0) {
    if (check) console.error('run `npm run build && npm run api:report`, read the difference and commit it')
    process.exitCode = 1
  }
}

/** Writes or compares the report of one entry; false when it differs or has a mistake. */
function report({ name, types }: PackageEntry): boolean {
  const extractorConfig = ExtractorConfig.prepare({
    configObject: {
      projectFolder: projectRoot,
      mainEntryPointFilePath: join(projectRoot, types),
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'ES2022',
            module: 'NodeNext',
            lib: ['ES2023'],
            types: ['node'],
            skipLibCheck: true,
          },
        },
      },
      apiReport: {
        enabled: true,
        reportFolder,
        reportTempFolder: join(projectRoot, 'temp/api'),
        reportFileName: `${name}.api.md`,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      newlineKind: 'lf',
      messages: {
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          // The whole surface of a subpath is public; nothing needs a release tag to say so.
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          // Fields may speak for themselves; that every export has a docstring is checked below, on the report.
          'ae-undocumented': { logLevel: ExtractorLogLevel.None },
          // What a state is made of inside, and types that another subpath exports, need no name here. The report lists
          // them, so that a new one is seen.
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.None, addToApiReportFile: true },
        },
        // The project's docstrings say `@throws {ErrorClass}` as JSDoc does, which strict TSDoc refuses.
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(projectRoot, 'package.json'),
  })
  const { succeeded, apiReportChanged } = Extractor.invoke(extractorConfig, { localBuild: !check })
  const undocumented = undocumentedExports(readFileSync(extractorConfig.reportTempFilePath, 'utf8'))
  for (const declaration of undocumented) console.error(`${types}: no docstring: ${declaration}`)
  return succeeded && !(check && apiReportChanged) && undocumented.length === 0
}

function undocumentedExports(report: string): string[] {
  return [...report.matchAll(/^\/\/ @\w+.*\(undocumented\)\n(.*)$/gm)].map(([, declaration]) => declaration ?? '')
}
