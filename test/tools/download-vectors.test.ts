// The downloader, against a local server: it keeps the official files, and nothing when one is changed or missing.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { vectorsFolder } from '../vectors/location.ts'
import expected from '../vectors/mlswg-checksums.json' with { type: 'json' }
import { type Outcome, projectRoot, runProgram } from './scratch-project.ts'

const official = join(vectorsFolder() ?? '', 'mlswg')
const names = Object.keys(expected.sha256).sort()

let scratch: string
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'coterie-vectors-'))
})
afterEach(() => rm(scratch, { recursive: true, force: true }))

describe.skipIf(!existsSync(official))('npm run vectors', () => {
  test('downloads every file and replaces what was there', async () => {
    const into = join(scratch, 'deep/mlswg')
    await mkdir(into, { recursive: true })
    await writeFile(join(into, 'stale.json'), '[]')
    const { code, requested } = await downloadFrom((bytes) => bytes, into)
    expect(code).toBe(0)
    expect((await readdir(into)).sort()).toEqual(names)
    expect(await readFile(join(into, 'treekem.json'))).toEqual(await readFile(join(official, 'treekem.json')))
    expect(requested).toContain(`/${expected.commit}/test-vectors/treekem.json`)
  })

  test('keeps nothing, and what was there before, when a checksum differs', async () => {
    const into = join(scratch, 'mlswg')
    await mkdir(into)
    await writeFile(join(into, 'before.json'), '[]')
    const change = (bytes: Uint8Array, name: string): Uint8Array => (name === 'welcome.json' ? bytes.slice(1) : bytes)
    const { code, output } = await downloadFrom(change, into)
    expect(code).toBe(1)
    expect(output).toContain('welcome.json: SHA-256 is')
    expect(await readdir(into)).toEqual(['before.json'])
    expect(await readdir(scratch)).toEqual(['mlswg'])
  })

  test('keeps nothing when a file is missing', async () => {
    const into = join(scratch, 'mlswg')
    const { code, output } = await downloadFrom((bytes, name) => (name === 'messages.json' ? undefined : bytes), into)
    expect(code).toBe(1)
    expect(output).toContain('HTTP 404')
    expect(await readdir(scratch)).toEqual([])
  })
})

test('the downloader says so when there is no server', async () => {
  const { code, output } = await run('http://127.0.0.1:1', join(scratch, 'mlswg'))
  expect(code).toBe(1)
  expect(output).toContain('nothing was kept')
  expect(await readdir(scratch)).toEqual([])
})

/** Serves the official files, changed by `change`, and runs the downloader against them. */
async function downloadFrom(
  change: (bytes: Uint8Array, name: string) => Uint8Array | undefined,
  into: string,
): Promise<Outcome & { requested: string[] }> {
  const requested: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    requested.push(path)
    readFile(join(official, basename(path))).then(
      (bytes) => {
        const body = change(bytes, basename(path))
        response.writeHead(body === undefined ? 404 : 200).end(body)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  try {
    return { ...(await run(`http://127.0.0.1:${port}`, into)), requested }
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

function run(baseUrl: string, into: string): Promise<Outcome> {
  return runProgram(projectRoot, ['test/tools/download-vectors.ts', '--base-url', baseUrl, '--into', into])
}
