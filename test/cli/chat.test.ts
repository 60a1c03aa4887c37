// The command line as scripts and people use it: real processes, real TCP on loopback, real disks.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ScriptedChat, type ScriptedChatOptions } from '../../src/cli/scripted-chat.ts'

const PROGRAM = [process.execPath, fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))] as const
const LOOPBACK = ['--listen', '/ip4/127.0.0.1/tcp/0'] as const

let folder: string
const running: ScriptedChat[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coterie-cli-'))
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((chat) => chat.close()))
  await rm(folder, { recursive: true })
})

describe('coterie chat --json', () => {
  test('answers by ref, tells what is wrong with a line and goes on, and ends well at the end of input', async () => {
    const { chat, ready } = await start('alice')
    expect(ready).toMatchObject({
      identity: expect.stringMatching(/^did:key:z6Mk/),
      card: expect.stringMatching(/^coterie:card\//),
    })
    const { group } = await chat.ask({ cmd: 'create', name: 'Book club' })
    await expect(chat.ask({ cmd: 'send', group })).rejects.toThrow(/ARGUMENT_INVALID/)
    await expect(chat.ask({ cmd: 'fly' })).rejects.toThrow(/ARGUMENT_INVALID/)
    await expect(chat.ask({ cmd: 'send', group: 'nowhere', text: 'x' })).rejects.toThrow(/GROUP_UNKNOWN/)
    await expect(chat.ask({ cmd: 'add', group, card: 'coterie:card/AAAA' })).rejects.toThrow(/CARD_MALFORMED/)
    await expect(chat.ask({ cmd: 'add', group, card: ready.card })).rejects.toThrow(/GROUP_CARD_IS_MEMBER/)
    await chat.ask({ cmd: 'send', group, text: 'to nobody yet' })
    const { messages } = await chat.ask({ cmd: 'history', group })
    expect(messages).toMatchObject([{ name: 'alice', text: 'to nobody yet', sender: ready.identity }])
    expect(await chat.ask({ cmd: 'groups' })).toMatchObject({ groups: [{ group, name: 'Book club', member: true }] })
    expect(await chat.close()).toBe(0)
  })

  test('garbage on the input is answered with an error each', async () => {
    const chat = spawn(PROGRAM[0], [PROGRAM[1], 'chat', '--json', '--data', join(folder, 'a'), ...LOOPBACK])
    const output: Buffer[] = []
    chat.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    chat.stdin.end('not json\n[1]\n"text"\n\n{"cmd":"groups","ref":"r"}\n')
    const [code] = await once(chat, 'exit')
    const events = Buffer.concat(output)
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const replies = events.filter(({ event }) => event === 'reply')
    expect(replies.map(({ ok, code: error }) => [ok, error])).toEqual([
      [false, 'ARGUMENT_INVALID'],
      [false, 'ARGUMENT_INVALID'],
      [false, 'ARGUMENT_INVALID'],
      [true, undefined],
    ])
    expect(replies[3]).toMatchObject({ ref: 'r', groups: [] })
    expect(code).toBe(0)
  })

  test('people in two processes talk; a killed one comes back and reads what it missed', async () => {
    const alice = await start('alice')
    const bob = await start('bob', addressesOf(alice.ready))
    const { group } = await alice.chat.ask({ cmd: 'create', name: 'Book club' })
    await alice.chat.ask({ cmd: 'add', group, card: bob.ready.card })
    await bob.chat.next(({ event, ...rest }) => event === 'group' && rest.group === group)
    await alice.chat.ask({ cmd: 'send', group, text: 'one' })
    await bob.chat.next(({ event, ...rest }) => event === 'message' && rest.text === 'one')
    await bob.chat.kill()
    await alice.chat.ask({ cmd: 'send', group, text: 'two' })
    const back = await start('bob', addressesOf(alice.ready))
    expect(back.ready.identity).toBe(bob.ready.identity)
    await back.chat.next(({ event, ...rest }) => event === 'message' && rest.text === 'two')
    const { messages } = await back.chat.ask({ cmd: 'history', group })
    expect(messages).toMatchObject([{ text: 'one' }, { text: 'two' }])
  })

  test('a passphrase file unlocks the folder, and another does not', async () => {
    const right = join(folder, 'right')
    const wrong = join(folder, 'wrong')
    await writeFile(right, 'open sesame\n')
    await writeFile(wrong, 'open barley\n')
    const first = await run(['chat', '--json', '--data', join(folder, 'a'), '--passphrase-file', right, ...LOOPBACK])
    const second = await run(['chat', '--json', '--data', join(folder, 'a'), '--passphrase-file', wrong, ...LOOPBACK])
    expect(first.code).toBe(0)
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('STORE_PASSPHRASE') })
  })
})

describe('coterie chat', () => {
  test('a person sees names, what went wrong and what to do', async () => {
    const input = [
      '/create Book club',
      'Hello',
      '/members',
      '/add nonsense',
      '/fly',
      '/rename Film club',
      '/groups',
      '/quit',
    ]
    const { code, stdout } = await run(
      ['chat', '--data', join(folder, 'a'), '--name', 'Alice', ...LOOPBACK],
      `${input.join('\n')}\n`,
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/You are .*Alice/)
    expect(stdout).toContain('coterie:card/')
    expect(stdout).toMatch(/Alice.*\(admin\)/)
    expect(stdout).toContain('That is not a whole contact card')
    expect(stdout).toContain('There is no /fly')
    expect(stdout).toContain('Film club')
  })
})

test('coterie demo plays through', async () => {
  const { code, stdout } = await run(['demo'])
  expect(stdout).toContain('All of it held.')
  expect(code).toBe(0)
})

async function start(name: string, peers: readonly string[] = []): ReturnType<typeof ScriptedChat.start> {
  const options: ScriptedChatOptions = { program: PROGRAM, data: join(folder, name), name, peers }
  const started = await ScriptedChat.start(options)
  running.push(started.chat)
  return started
}

function addressesOf(ready: Readonly<Record<string, unknown>>): readonly string[] {
  return ready.addresses as readonly string[]
}

async function run(args: readonly string[], input = ''): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const child = spawn(PROGRAM[0], [PROGRAM[1], ...args])
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { code, stdout, stderr }
}
