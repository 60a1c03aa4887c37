// `npm run negative:generate`: writes spec/vectors/negative/*.json; with --check, says whether they are as they should be.
import { readFile, writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { buildFile, fileText } from './build.ts'
import { CHAPTERS } from './chapters.ts'
import { coverageTables, TABLES_BEGIN } from './coverage-table.ts'

const options = new Command('negative:generate')
  .description('Makes the files of the negative suite from test/negative/cases.')
  .option('--check', 'write nothing, fail where a file differs', false)
  .argument('[chapters...]', 'which files to make; default: all')
  .parse()

const { check } = options.opts<{ check: boolean }>()
const wanted = options.args
let differing = 0
for (const chapter of CHAPTERS) {
  if (wanted.length > 0 && !wanted.includes(chapter.file)) continue
  const path = new URL(`../../spec/vectors/negative/${chapter.file}.json`, import.meta.url)
  const text = fileText(await buildFile(chapter))
  if (!check) await writeFile(path, text)
  else if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
    differing++
    console.error(`${chapter.file}.json is not what its chapter makes`)
  }
  console.log(`${chapter.file}: ${chapter.cases.length} cases, ${text.length} bytes`)
}

// The tables say what all chapters hold.
const readme = new URL('../../spec/vectors/negative/README.md', import.meta.url)
const before = await readFile(readme, 'utf8')
const after = `${before.slice(0, before.indexOf(TABLES_BEGIN) + TABLES_BEGIN.length)}\n\n${coverageTables(CHAPTERS)}`
if (!check) await writeFile(readme, after)
else if (before !== after) {
  differing++
  console.error('README.md has other tables than the chapters')
}
process.exitCode = differing === 0 ? 0 : 1
