// The packed package: what it holds, that every subpath loads and type-checks without Node's types, and what it imports.
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packageEntries } from '../tools/package-entries.ts'
import { projectRoot, runProgram } from '../tools/scratch-project.ts'
import { type ConsumerProject, consumerProject } from './packed-package.ts'

const entries = packageEntries()
const importName = (subpath: string): string => subpath.replace(/^\./, 'coterie')

let consumer: ConsumerProject
beforeAll(async () => {
  consumer = await consumerProject()
})
afterAll(() => consumer[Symbol.asyncDispose]())

test('the package holds the build, its licence and its README, and nothing else', () => {
  const expected = /^(dist\/[\w-]+\.(js|js\.map|d\.ts)|package\.json|README\.md|LICENSE)$/
  expect(consumer.files.filter((file) => !expected.test(file))).toEqual([])
  expect(consumer.files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
})

describe.each(entries)('$subpath', ({ subpath, name }) => {
  test('loads in Node and exports something', async () => {
    const program = `console.log(Object.keys(await import('${importName(subpath)}')).length)`
    const { code, output } = await runProgram(consumer.folder, ['--input-type=module', '--eval', program])
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^[1-9]\d*\n$/) })
  })

  test('imports only what it may', () => {
    const reached = packagesReachedBy(join(consumer.installed, 'dist', `${name}.js`))
    expect([...reached].filter((specifier) => !allowedFor(subpath).test(specifier))).toEqual([])
  })
})

// The declarations of @peculiar/x509 and of libp2p need the DOM's, and clients are stopped by AbortSignals: their libraries'
// declarations are checked without those only.
const needsDom = new Set(['.', './mls/x509', './libp2p'])
test.each([
  { resolution: 'NodeNext', subpaths: entries.filter(({ subpath }) => !needsDom.has(subpath)), skipLibCheck: false },
  { resolution: 'Bundler', subpaths: entries, skipLibCheck: true },
])('type-checks with $resolution resolution and neither Node nor DOM types', async (setup) => {
  const { resolution, subpaths, skipLibCheck } = setup
  const lines = subpaths.map(({ subpath }, index) => `import * as entry${index} from '${importName(subpath)}'`)
  const uses = subpaths.map((_, index) => `entry${index}`).join(', ')
  await writeFile(
    join(consumer.folder, 'consumer.ts'),
    `${lines.join('\n')}\nexport const all: unknown[] = [${uses}]\n`,
  )
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2022'],
    types: [],
    module: resolution === 'NodeNext' ? 'NodeNext' : 'ESNext',
    moduleResolution: resolution,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck,
    noEmit: true,
  }
  await writeFile(join(consumer.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }))
  const tsc = join(projectRoot, 'node_modules/typescript/bin/tsc')
  expect(await runProgram(consumer.folder, [tsc, '-p', '.'])).toEqual({ code: 0, output: '' })
})

/** Every bare specifier that a built file imports, itself or through the chunks that it shares. */
function packagesReachedBy(file: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(file)) return new Set()
  seen.add(file)
  const specifiers = ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.map(({ fileName }) => fileName)
  const bare = specifiers.filter((specifier) => !specifier.startsWith('.'))
  const chunks = specifiers.filter((specifier) => specifier.startsWith('.'))
  return new Set([...bare, ...chunks.flatMap((chunk) => [...packagesReachedBy(join(dirname(file), chunk), seen)])])
}

function allowedFor(subpath: string): RegExp {
  if (subpath === './crypto/node') return /^(@noble\/|node:)/
  if (subpath === './mls/x509') return /^(@noble\/|@peculiar\/x509$|reflect-metadata$)/
  if (subpath === '.')
    return /^(@noble\/|node:|uint8arrays\/|(classic|memory)-level$|libp2p$|@libp2p\/|@chainsafe\/|@multiformats\/|it-length-prefixed$)/
  // Identities have names in base58.
  if (subpath === './testing') return /^(@noble\/|uint8arrays\/)/
  if (subpath === './libp2p') return /^(@noble\/|libp2p$|@libp2p\/|@chainsafe\/|@multiformats\/|it-length-prefixed$)/
  return /^@noble\//
}
