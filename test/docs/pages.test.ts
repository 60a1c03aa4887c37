// The documentation is true: the code of every page, and every example, compiles and runs to its end on the build, and
// pages print what they say they do.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { projectRoot, runProgram } from '../tools/scratch-project.ts'
import { markdownPrograms, programOf, promisedOutput } from './markdown-programs.ts'

const tsc = join(projectRoot, 'node_modules/typescript/bin/tsc')
// Inside the repository, so that `coterie/…` is this package.
const folder = join(projectRoot, 'temp/docs')
const programs = markdownPrograms(projectRoot).map(({ page, code }) => ({
  page,
  code,
  file: join(folder, page.replace(/\W/g, '-').replace(/-md$/, '.ts')),
}))
const examples = existsSync(join(projectRoot, 'examples'))
  ? readdirSync(join(projectRoot, 'examples')).filter((name) => name.endsWith('.ts'))
  : []

beforeAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const { code, file } of programs) await writeFile(file, `${code}\nexport {}\n`)
})

test('all pages compile', async () => {
  const tsconfig = {
    extends: '../../tsconfig.json',
    compilerOptions: { noUnusedLocals: false, isolatedDeclarations: false, declaration: false },
    include: ['*.ts'],
    exclude: [],
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  expect(await runProgram(projectRoot, [tsc, '-p', folder])).toEqual({ code: 0, output: '' })
})

describe('pages', () => {
  test.each(programs)('$page runs', async ({ file, code }) => {
    const output = promisedOutput(code)
    expect(await runProgram(projectRoot, [file])).toEqual({
      code: 0,
      output: output.map((line) => `${line}\n`).join(''),
    })
  })
})

describe.runIf(examples.length > 0)('examples', () => {
  test.each(examples)('%s prints what it says', async (name) => {
    const promised = promisedAtTheTop(readFileSync(join(projectRoot, 'examples', name), 'utf8'))
    expect(promised).not.toBe('')
    expect(await runProgram(projectRoot, [join('examples', name)])).toEqual({ code: 0, output: promised })
  })
})

test('every script that a page names exists', () => {
  const pages = new Set(['CONTRIBUTING.md', 'SECURITY.md', ...programs.map(({ page }) => page)])
  const unknown = [...pages].flatMap((page) =>
    [...readFileSync(join(projectRoot, page), 'utf8').matchAll(/npm run ([\w:-]+)/g)]
      .filter(([, script = '']) => !(script in manifest.scripts))
      .map(([command]) => `${page}: ${command}`),
  )
  expect(unknown).toEqual([])
})

test('only ts blocks count, at their own lines', () => {
  const page = ['# Title', '```sh', 'npm test', '```', '```ts', 'const a = 1', '```', 'Text', '```ts', 'a', '```']
  expect(programOf(page.join('\n')).split('\n')).toEqual(['', '', '', '', '', 'const a = 1', '', '', '', 'a', ''])
})

test('what a page says that it prints is read from its comments, in their order', () => {
  expect(promisedOutput("log(1) // → 1\nlog('a\\nb')\n// → a\n// → b\n// none")).toEqual(['1', 'a', 'b'])
})

/** What an example says at its top that it prints: the indented lines of comment behind `Prints:`. */
function promisedAtTheTop(code: string): string {
  const [, lines = ''] = /^\/\/ Prints:\n((?:\/\/ {3}.*\n)+)/m.exec(code) ?? []
  return lines.replaceAll(/^\/\/ {3}/gm, '')
}
