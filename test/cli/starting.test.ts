// Where the command line cannot begin, or nobody reads what it says: one line that tells what to do, and an exit code.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const LOOPBACK = ['--listen', '/ip4/127.0.0.1/tcp/0'] as const

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coterie-starting-'))
})

afterEach(() => rm(folder, { recursive: true }))

test('its version is that of the package', async () => {
  const manifest: unknown = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  const { code, stdout } = await run(['--version'])
  expect({ version: stdout.trim(), code }).toMatchObject({
    version: (manifest as { version: string }).version,
    code: 0,
  })
})

test.each([
  [['chat'], /required option '--data/],
  [['chat', '--data', 'a', '--colour', 'red'], /unknown option '--colour'/],
  [['relay', '--data', 'a'], /required option '--listen/],
  [['relay', '--data', 'a', '--lissten', 'b'], /unknown option '--lissten'/],
  [['fly'], /unknown command 'fly'/],
])('%j is answered with what is missing, and how to find out more', async (args, said) => {
  const { code, stderr } = await run(args)
  expect(stderr).toMatch(said)
  expect(stderr).toContain('--help')
  expect(code).toBe(1)
})

test.each([
  ['chat', ['--relay', 'foo']],
  ['chat', ['--peer', 'foo']],
  ['chat', ['--listen', '/ip4/127.0.0.1/tcp/70000']],
  ['relay', ['--listen', 'foo']],
  ['relay', ['--listen', '/ip4/127.0.0.1/tcp/0', '--announce', '']],
])('coterie %s %j is refused by the option, before anything is made', async (command, args) => {
  const { code, stderr } = await run([command, '--data', join(folder, 'a'), ...args])
  const [option = '', address = ''] = args.slice(-2)
  expect(stderr).toMatch(
    new RegExp(`^${option} takes a multiaddr, such as /.*: '${address}' is none \\(ARGUMENT_INVALID`),
  )
  expect(code).toBe(1)
  expect(await readdir(folder)).toEqual([])
})

test('a name that cannot be one is refused before anything is made; another than that of the folder is spoken of', async () => {
  const data = join(folder, 'a')
  const withName = (name: string): ReturnType<typeof run> => run(['chat', '--data', data, '--name', name, ...LOOPBACK])
  for (const name of ['', 'a'.repeat(129)]) {
    expect(await withName(name)).toMatchObject({ code: 1, stderr: expect.stringMatching(/a name has 1 to 128 bytes/) })
  }
  expect(await readdir(folder)).toEqual([])
  expect(await withName('Alice')).toMatchObject({ code: 0, stderr: '' })
  const { code, stdout, stderr } = await withName('Bob')
  expect(stdout).toContain('You are Alice')
  expect(stderr).toBe('The folder is that of Alice: --name Bob is for new ones.\n')
  expect(code).toBe(0)
})

test('a passphrase file that is not there, and one that is empty', async () => {
  const missing = join(folder, 'missing')
  const empty = join(folder, 'empty')
  await writeFile(empty, '\n')
  const withFile = (file: string): ReturnType<typeof run> => {
    return run(['chat', '--data', join(folder, 'a'), '--passphrase-file', file, ...LOOPBACK])
  }
  expect(await withFile(missing)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^the passphrase file cannot be read: ENOENT.*missing' \(ARGUMENT_INVALID\)\n$/),
  })
  expect(await withFile(empty)).toMatchObject({ code: 1, stderr: expect.stringContaining('an empty passphrase') })
  expect(await readdir(folder)).toEqual(['empty'])
})

test('a folder that cannot be made, and one that needs a passphrase', async () => {
  const file = join(folder, 'file')
  await writeFile(file, '')
  expect(await run(['chat', '--data', file, ...LOOPBACK])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/cannot be made: EEXIST.*file' \(STORE_FAILED\)\. See whether/),
  })
  await writeFile(join(folder, 'passphrase'), 'open sesame\n')
  const args = ['chat', '--data', join(folder, 'a'), ...LOOPBACK]
  expect((await run([...args, '--passphrase-file', join(folder, 'passphrase')])).code).toBe(0)
  expect(await run(args)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/STORE_PASSPHRASE.*--passphrase-file/),
  })
})

test('a relay and a chat in one folder: the second is told so, and the first goes on', async () => {
  const [chat, relay] = [join(folder, 'chat'), join(folder, 'relay')]
  const asChat = (data: string): ReturnType<typeof run> => run(['chat', '--data', data, ...LOOPBACK])
  const asRelay = (data: string): ReturnType<typeof run> => run(['relay', '--data', data, ...LOOPBACK], endAtOnce)
  expect((await asRelay(relay)).code).toBe(0)
  expect(await asChat(relay)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^this store is a relay's, and cannot be a client's.*STORE_FOREIGN.*--data/),
  })
  expect((await asRelay(relay)).code).toBe(0)
  expect((await asChat(chat)).code).toBe(0)
  expect(await asRelay(chat)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^this store is a client's, and cannot be a relay's.*STORE_FOREIGN.*--data/),
  })
  // Of a relay whose key is gone no option knows more.
  await rm(`${relay}.key`)
  const { code, stderr } = await asRelay(relay)
  expect(code).toBe(1)
  expect(stderr).toMatch(/STORE_PASSPHRASE.*Bring back the key file/)
  expect(stderr).not.toContain('--passphrase-file')
})

test('a folder with other things in it', async () => {
  await writeFile(join(folder, 'letter.txt'), 'Dear Bob')
  expect(await run(['chat', '--data', folder, ...LOOPBACK])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/holds no store, and other things, such as letter.txt \(STORE_FOREIGN\)/),
  })
  expect(await readdir(folder)).toEqual(['letter.txt'])
})

test('a damaged database is named, and what can be done about it', async () => {
  const data = join(folder, 'a')
  // What is written at first is moved to a table when the database is opened again.
  for (let i = 0; i < 2; i++) expect((await run(['chat', '--data', data, ...LOOPBACK])).code).toBe(0)
  const tables = (await readdir(data)).filter((name) => name.endsWith('.ldb'))
  expect(tables.length).toBeGreaterThan(0)
  for (const name of tables) await truncate(join(data, name), 100)
  const { code, stderr } = await run(['chat', '--data', data, ...LOOPBACK])
  expect(stderr).toMatch(/: .*(ldb|orruption).* \(STORE_(FAILED|CORRUPT)\)\. .*from a copy/)
  expect(code).toBe(1)
})

test('a folder that another process has open', async () => {
  const args = ['chat', '--json', '--data', join(folder, 'a'), ...LOOPBACK]
  const first = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(first.stdout, 'data')
  expect(await run(args)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/STORE_LOCKED.*--data/) })
  first.stdin.end()
  expect((await once(first, 'exit'))[0]).toBe(0)
})

test('a chat whose reader goes away ends in order', async () => {
  const args = ['chat', '--json', '--data', join(folder, 'a'), ...LOOPBACK]
  const chat = spawn(process.execPath, [PROGRAM, ...args])
  let stderr = ''
  chat.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  await once(chat.stdout, 'data')
  chat.stdout.destroy()
  chat.stdin.on('error', () => undefined)
  for (let i = 0; i < 20; i++) chat.stdin.write('{"cmd":"groups"}\n')
  const [code] = await once(chat, 'exit')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

/** Asks a relay to end as soon as it is ready. */
function endAtOnce(child: ChildProcess): void {
  child.kill('SIGTERM')
}

async function run(
  args: readonly string[],
  onOutput: (child: ChildProcess) => void = () => undefined,
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...args])
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    onOutput(child)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  child.stdin.end()
  const [code] = await once(child, 'close')
  return { code, stdout, stderr }
}
