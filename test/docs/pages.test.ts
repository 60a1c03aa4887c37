// The documentation is true: the code of every page, and every example, compiles and runs to its end on the build.
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { projectRoot, runProgram } from '../tools/scratch-project.ts'
import { markdownPrograms, programOf } from './markdown-programs.ts'

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
  test.each(programs)('$page runs', async ({ file }) => {
    expect(await runProgram(projectRoot, [file])).toMatchObject({ code: 0 })
  })
})

describe.runIf(examples.length > 0)('examples', () => {
  test.each(examples)('%s runs', async (name) => {
    expect(await runProgram(projectRoot, [join('examples', name)])).toMatchObject({ code: 0 })
  })
})

test('only ts blocks count, at their own lines', () => {
  const page = ['# Title', '```sh', 'npm test', '```', '```ts', 'const a = 1', '```', 'Text', '```ts', 'a', '```']
  expect(programOf(page.join('\n')).split('\n')).toEqual(['', '', '', '', '', 'const a = 1', '', '', '', 'a', ''])
})
