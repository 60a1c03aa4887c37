// What a bundler makes of the built package: the suite that was imported, and neither another nor anything of the host.
import { build } from 'esbuild'
import { beforeAll, describe, expect, test } from 'vitest'
import { projectRoot } from '../tools/scratch-project.ts'

/** Constants that stand in the code of one primitive only. */
const MARKS = {
  // The x coordinate of the base point, the parameter b, or the order: whichever the library writes out.
  'edwards25519 and curve25519': '216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a',
  'P-256': '5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b',
  'P-384': 'b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a',
  'P-521': '51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109',
  'edwards448 and curve448': '7cca23e9c44edb49aed63690216cc2728dc58f552378c292ab5844f3',
  ChaCha20: 'expand 32-byte',
} as const
type Mark = keyof typeof MARKS

const SUITES: readonly (readonly [name: string, marks: readonly Mark[]])[] = [
  ['suite1', ['edwards25519 and curve25519']],
  ['suite2', ['P-256']],
  ['suite3', ['edwards25519 and curve25519', 'ChaCha20']],
  ['suite4', ['edwards448 and curve448']],
  ['suite5', ['P-521']],
  ['suite6', ['edwards448 and curve448', 'ChaCha20']],
  ['suite7', ['P-384']],
]

async function bundle(program: string): Promise<string> {
  const { outputFiles } = await build({
    // Inside the repository, so that `coterie/…` is this package.
    stdin: { contents: program, resolveDir: projectRoot },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    write: false,
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

const client = `export { commit, createGroup, createKeyPackage, encryptMessage, joinGroup, processMessage } from 'coterie/mls'`
const marksIn = (code: string): string[] =>
  Object.entries(MARKS)
    .filter(([, constant]) => code.includes(constant))
    .map(([mark]) => mark)

describe.each(SUITES)('a client with %s', (name, marks) => {
  let code: string
  beforeAll(async () => {
    code = await bundle(`${client}\nexport { ${name} } from 'coterie/crypto/noble'`)
  })

  test('brings the primitives of that suite and no others', () => {
    expect(marksIn(code)).toEqual(marks)
  })

  test('brings nothing of Node, of a transport, or of X.509', () => {
    expect(code.match(/node:\w+|libp2p|reflect-metadata|require\(/g) ?? []).toEqual([])
  })
})

test('all marks are found where all suites are', async () => {
  expect(marksIn(await bundle(`export { nobleProvider } from 'coterie/crypto/noble'`))).toEqual(Object.keys(MARKS))
})

test.each(['coterie/mls', 'coterie/crypto/noble'])('%s does nothing when it is imported and not used', async (name) => {
  expect((await bundle(`import '${name}'`)).trim()).toBe('')
})
