// `npm run conformance` as a program: what it runs, what it says and how it ends.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Outcome, projectRoot, runProgram } from '../tools/scratch-project.ts'
import { vectorsFolder } from '../vectors/location.ts'

const vectors = vectorsFolder()

let scratch: string
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'coterie-conformance-'))
})
afterEach(() => rm(scratch, { recursive: true, force: true }))

describe.runIf(vectors !== undefined)('on vectors', () => {
  test('all that pass end in success, whatever the files are called', async () => {
    await copy('tree-math.json', 'deep/er/x.json')
    await copy('tree-operations.json', 'y.json')
    const { code, output } = await conformance(scratch, '--provider', 'node')
    expect(lines(output)).toEqual([
      expect.stringMatching(/deep\/er\/x\.json +node +tree-math +10 passed, 0 failed, 0 skipped$/),
      expect.stringMatching(/y\.json +node +tree-operations +5 passed, 0 failed, 0 skipped$/),
      '15 passed, 0 failed, 0 skipped',
    ])
    expect(code).toBe(0)
  })

  test('every provider runs where none is named, and a file may be named itself', async () => {
    await copy('tree-math.json', 'only.json')
    const { code, output } = await conformance(join(scratch, 'only.json'))
    for (const provider of ['noble', 'node', 'webcrypto']) expect(output).toMatch(new RegExp(`only.json +${provider} `))
    expect(lines(output).at(-1)).toBe('30 passed, 0 failed, 0 skipped')
    expect(code).toBe(0)
  })

  test('a vector with a flipped byte fails', async () => {
    const cases = JSON.parse(await readFile(join(vectors ?? '', 'mlswg/tree-operations.json'), 'utf8')) as {
      tree_after: string
    }[]
    const changed = cases.map((one, i) => (i === 2 ? { ...one, tree_after: flipped(one.tree_after) } : one))
    await writeFile(join(scratch, 'changed.json'), JSON.stringify(changed))
    const { code, output } = await conformance(scratch, '--provider', 'node')
    expect(output).toContain('4 passed, 1 failed, 0 skipped')
    expect(output).toContain('failed: case 2: the tree after is')
    expect(code).toBe(1)
  })

  test('files of no known format are skipped as unrecognised', async () => {
    await copy('tree-math.json', 'a.json')
    await writeFile(join(scratch, 'b.json'), '{"hello": "world"}')
    const { code, output } = await conformance(scratch, '--provider', 'node')
    expect(output).toMatch(/b\.json .* 0 passed, 0 failed, 1 skipped\n.*unrecognised/)
    expect(lines(output).at(-1)).toBe('10 passed, 0 failed, 1 skipped')
    expect(code).toBe(0)
  })

  test('a file that is no JSON fails', async () => {
    await copy('tree-math.json', 'a.json')
    await writeFile(join(scratch, 'b.json'), '[{')
    const { code, output } = await conformance(scratch, '--provider', 'node')
    expect(output).toContain('cannot be read as JSON')
    expect(lines(output).at(-1)).toBe('10 passed, 1 failed, 0 skipped')
    expect(code).toBe(1)
  })
})

test('a folder that does not exist is an error', async () => {
  const { code, output } = await conformance(join(scratch, 'nowhere'))
  expect(output).toContain('nowhere does not exist')
  expect(code).toBe(1)
})

test('a folder without files is an error', async () => {
  const { code, output } = await conformance(scratch)
  expect(output).toContain('holds no *.json files')
  expect(code).toBe(1)
})

test('a run in which nothing is known is an error', async () => {
  await writeFile(join(scratch, 'a.json'), '{}')
  const { code, output } = await conformance(scratch, '--provider', 'node')
  expect(output).toContain('nothing was run')
  expect(lines(output)).toContain('0 passed, 0 failed, 1 skipped')
  expect(code).toBe(1)
})

test('an unknown provider is an error', async () => {
  const { code, output } = await conformance(scratch, '--provider', 'abacus')
  expect(output).toContain('noble, node, webcrypto')
  expect(code).toBe(1)
})

test('vectors that are not on the machine are an error', async () => {
  const { code, output } = await runProgram(projectRoot, [CLI], { COTERIE_VECTORS: scratch })
  expect(output).toContain('there are no vectors')
  expect(code).toBe(1)
})

const CLI = join(projectRoot, 'test/conformance/cli.ts')

function conformance(...args: readonly string[]): Promise<Outcome> {
  return runProgram(projectRoot, [CLI, ...args])
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(join(scratch, to, '..'), { recursive: true })
  await cp(join(vectors ?? '', 'mlswg', from), join(scratch, to))
}

function flipped(hexadecimal: string): string {
  return hexadecimal.slice(0, -2) + (Number.parseInt(hexadecimal.slice(-2), 16) ^ 0xff).toString(16).padStart(2, '0')
}

function lines(output: string): string[] {
  return output.trimEnd().split('\n')
}
