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

  test('messages are told when they are sent and when they have arrived; members are made admins, and leave', async () => {
    const alice = await start('alice')
    const bob = await start('bob', addressesOf(alice.ready))
    const { group } = await alice.chat.ask({ cmd: 'create', name: 'Book club', description: 'every Thursday' })
    await alice.chat.ask({ cmd: 'add', group, card: bob.ready.card })
    await bob.chat.next(({ event, ...rest }) => event === 'group' && rest.group === group)
    const { id } = await alice.chat.ask({ cmd: 'send', group, text: 'one' })
    const heard = await bob.chat.next(({ event, ...rest }) => event === 'message' && rest.id === id)
    expect(heard).toMatchObject({ group, sender: alice.ready.identity, name: 'alice', text: 'one' })
    expect(new Date(String(heard.sentAt)).toISOString()).toBe(heard.sentAt)
    await alice.chat.next(({ event, ...rest }) => event === 'sent' && rest.id === id && rest.state === 'delivered')
    const states = alice.chat.events.filter(({ event, ...rest }) => event === 'sent' && rest.id === id)
    expect(states[0]).toMatchObject({ group, state: expect.stringMatching(/^(queued|published)$/), by: 0, of: 1 })
    expect(states[0]?.missing).toEqual([{ identity: bob.ready.identity, name: 'bob' }])
    const steps = states.map(({ state, by }) => `${state} ${by}`)
    expect(new Set(steps).size).toBe(steps.length)
    const again = await alice.chat.ask({ cmd: 'send', group, text: 'two', key: 'k', replyTo: id })
    expect((await alice.chat.ask({ cmd: 'send', group, text: 'three', key: 'k' })).id).toBe(again.id)
    await bob.chat.next(({ event, ...rest }) => event === 'message' && rest.replyTo === id)
    await expect(alice.chat.ask({ cmd: 'leave', group })).rejects.toThrow(/GROUP_LAST_ADMIN/)
    await alice.chat.ask({ cmd: 'promote', group, member: bob.ready.identity })
    await bob.chat.next(
      ({ event, members }) => event === 'members' && JSON.stringify(members).split('true').length === 3,
    )
    await alice.chat.ask({ cmd: 'leave', group })
    await alice.chat.next(({ event, ...rest }) => event === 'removed' && rest.group === group)
    const { members } = await bob.chat.ask({ cmd: 'members', group })
    expect(members).toEqual([{ identity: bob.ready.identity, name: 'bob', admin: true }])
    await bob.chat.ask({ cmd: 'rename', group, name: 'Film club' })
    expect(await bob.chat.ask({ cmd: 'groups' })).toMatchObject({
      groups: [{ group, name: 'Film club', member: true }],
    })
    expect(await alice.chat.ask({ cmd: 'groups' })).toMatchObject({ groups: [{ group, member: false }] })
    await bob.chat.ask({ cmd: 'inspect', group })
    await expect(bob.chat.ask({ cmd: 'dial', addr: 'nowhere' })).rejects.toThrow(/ARGUMENT_INVALID/)
    await expect(bob.chat.ask({ cmd: 'card', colour: 'red' })).rejects.toThrow(/ARGUMENT_INVALID/)
    await bob.chat.ask({ cmd: 'quit' })
    expect(await bob.chat.close()).toBe(0)
  })

  test('how far a message has come, and who is missing, is known after power failures, and told once each', async () => {
    const alice = await start('alice')
    const bob = await start('bob', addressesOf(alice.ready))
    const { group } = await alice.chat.ask({ cmd: 'create', name: 'Book club' })
    await alice.chat.ask({ cmd: 'add', group, card: bob.ready.card })
    await bob.chat.next(({ event, ...rest }) => event === 'group' && rest.group === group)
    await Promise.all([alice.chat.kill(), bob.chat.kill()])
    const alone = await start('alice')
    const { id } = await alone.chat.ask({ cmd: 'send', group, text: 'Who is there?' })
    const missing = [{ identity: bob.ready.identity, name: 'bob' }]
    const queued = { id, state: 'queued', by: 0, of: 1, missing }
    expect(await alone.chat.ask({ cmd: 'history', group })).toMatchObject({ messages: [queued] })
    expect(alone.chat.events.filter(({ event }) => event === 'sent')).toEqual([{ event: 'sent', group, ...queued }])
    await alone.chat.kill()
    const again = await start('alice')
    expect(await again.chat.ask({ cmd: 'history', group })).toMatchObject({ messages: [queued] })
    const back = await start('bob', addressesOf(again.ready))
    await again.chat.next(({ event, ...rest }) => event === 'sent' && rest.state === 'delivered')
    const told = again.chat.events.filter(({ event }) => event === 'sent').map((event) => JSON.stringify(event))
    expect(new Set(told).size).toBe(told.length)
    await again.chat.kill()
    const last = await start('alice')
    const { messages } = await last.chat.ask({ cmd: 'history', group })
    expect(messages).toMatchObject([{ id, state: 'delivered', by: 1, of: 1, missing: [] }])
    const theirs = await back.chat.ask({ cmd: 'history', group })
    expect(theirs.messages).toEqual([expect.not.objectContaining({ state: expect.anything() })])
  })

  test('what a group is about, and who may do what in it, are changed and told', async () => {
    const alice = await start('alice')
    const bob = await start('bob', addressesOf(alice.ready))
    const { group } = await alice.chat.ask({ cmd: 'create', name: 'Book club' })
    await alice.chat.ask({ cmd: 'add', group, card: bob.ready.card })
    await bob.chat.next(({ event, ...rest }) => event === 'group' && rest.group === group)
    await bob.chat.ask({ cmd: 'describe', group, description: 'every Thursday' })
    await alice.chat.next(({ event, ...rest }) => event === 'group' && rest.description === 'every Thursday')
    const before = { add: 'members', remove: 'admins', rename: 'members', promote: 'admins' }
    expect(await bob.chat.ask({ cmd: 'permissions', group })).toMatchObject(before)
    const after = { ...before, add: 'admins', rename: 'admins' }
    expect(await alice.chat.ask({ cmd: 'permissions', group, add: 'admins', rename: 'admins' })).toMatchObject(after)
    const told = await bob.chat.next(({ event, ...rest }) => event === 'permissions' && rest.group === group)
    expect(told).toMatchObject(after)
    await expect(bob.chat.ask({ cmd: 'describe', group, description: '' })).rejects.toThrow(/GROUP_NOT_PERMITTED/)
    await expect(bob.chat.ask({ cmd: 'permissions', group, add: 'members' })).rejects.toThrow(/GROUP_NOT_PERMITTED/)
    await expect(alice.chat.ask({ cmd: 'permissions', group, add: 'nobody' })).rejects.toThrow(/ARGUMENT_INVALID/)
    await expect(alice.chat.ask({ cmd: 'describe', group })).rejects.toThrow(/ARGUMENT_INVALID/)
  })

  test('people who have dialled each other talk', async () => {
    const [alice, bob] = [await start('alice'), await start('bob')]
    await bob.chat.ask({ cmd: 'dial', addr: addressesOf(alice.ready)[0] })
    const { group } = await alice.chat.ask({ cmd: 'create', name: 'Book club' })
    await alice.chat.ask({ cmd: 'add', group, card: bob.ready.card })
    await bob.chat.next(({ event, ...rest }) => event === 'group' && rest.group === group)
    await bob.chat.ask({ cmd: 'send', group, text: 'Hello' })
    await alice.chat.next(({ event, ...rest }) => event === 'message' && rest.text === 'Hello')
  })

  test('with --ask invitations wait, also over a restart, until they are accepted or declined', async () => {
    const alice = await start('alice')
    const asking = (peers: readonly string[]): ReturnType<typeof start> => start('bob', peers, ['--ask'])
    const bob = await asking(addressesOf(alice.ready))
    const groups = await Promise.all(['one', 'two'].map((name) => alice.chat.ask({ cmd: 'create', name })))
    for (const { group } of groups) await alice.chat.ask({ cmd: 'add', group, card: bob.ready.card })
    for (const name of ['one', 'two']) {
      const told = await bob.chat.next(({ event, ...rest }) => event === 'request' && rest.name === name)
      expect(told).toMatchObject({ size: 1, invitedBy: { identity: alice.ready.identity, name: 'alice' } })
    }
    expect(await bob.chat.ask({ cmd: 'groups' })).toMatchObject({ groups: [] })
    await bob.chat.kill()
    const back = await asking(addressesOf(alice.ready))
    const { requests } = await back.chat.ask({ cmd: 'requests' })
    const byName = new Map(
      (requests as { request: string; name: string }[]).map(({ request, name }) => [name, request]),
    )
    await back.chat.ask({ cmd: 'decline', request: byName.get('one') })
    await expect(back.chat.ask({ cmd: 'accept', request: byName.get('one') })).rejects.toThrow(/REQUEST_UNKNOWN/)
    const accepted = await back.chat.ask({ cmd: 'accept', request: byName.get('two') })
    expect(accepted).toMatchObject({ name: 'two', group: groups[1]?.group })
    await back.chat.next(({ event, ...rest }) => event === 'group' && rest.group === accepted.group)
    await back.chat.ask({ cmd: 'send', group: accepted.group, text: 'Hello' })
    await alice.chat.next(({ event, ...rest }) => event === 'message' && rest.text === 'Hello')
    expect(await back.chat.ask({ cmd: 'requests' })).toMatchObject({ requests: [] })
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
      '/describe every Thursday',
      '/permissions',
      '/permissions add admins',
      '/permissions',
      '/permissions add',
      '/permissions fly admins',
      '/describe',
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
    expect(stdout).toContain('Every member may add, rename. Only admins may remove, promote.')
    expect(stdout).toContain('Every member may rename. Only admins may add, remove, promote.')
    expect(stdout.split('Like this: /permissions').length).toBe(3)
    expect(stdout).toContain('Like this: /describe TEXT')
    const after = await run(['chat', '--json', '--data', join(folder, 'a'), ...LOOPBACK], '{"cmd":"groups"}\n')
    expect(after.stdout).toContain('"description":"every Thursday"')
  })

  test('all that a person can do, typed into a pipe', async () => {
    const commands = [
      '/help',
      '/groups',
      '/requests',
      '/accept 1',
      '/switch 1',
      '/members',
      '/create Book club',
      '/card',
    ]
    const more = [
      '/switch one',
      '/remove Zoe',
      '/promote Alice',
      '/leave',
      '/history',
      '/history 5',
      '/inspect',
      '/add',
    ]
    const { code, stdout, stderr } = await run(
      ['chat', '--data', join(folder, 'a'), '--name', 'Alice', ...LOOPBACK],
      [...commands, 'Hello there', ...more].join('\n'),
    )
    expect(code).toBe(0)
    expect(stderr).toBe('')
    for (const text of [
      'Anything else is said to the group.',
      'You are in no group yet',
      'No invitation waits for you.',
      'There is no such invitation',
      'There is no such group',
      'Like this: /switch NUMBER',
      'Nobody here is called Zoe',
      'You are no longer in this group',
      'Alice: Hello there',
      '"epochs"',
      'Like this: /add CARD',
    ]) {
      expect(stdout).toContain(text)
    }
  })

  test('a person learns that nobody is there to hear', async () => {
    const bob = await run(['chat', '--data', join(folder, 'b'), '--name', 'Bob', ...LOOPBACK])
    const [card = ''] = /coterie:card\/[\w-]+/.exec(bob.stdout) ?? []
    const input = `/create Book club\nTo myself\n/add ${card}\nHello?\n/history\n`
    const { stdout } = await run(['chat', '--data', join(folder, 'a'), '--name', 'Alice', ...LOOPBACK], input)
    expect(stdout).toContain('Bob is in the group.')
    expect(stdout.split('Nobody is connected').length).toBe(2)
    expect(stdout).toMatch(/Alice: To myself\n.*Alice: Hello\? \(waits here: nobody has it yet\)\n/)
  })

  test('a person who comes back sees what was said', async () => {
    const args = ['chat', '--data', join(folder, 'a'), '--name', 'Alice', ...LOOPBACK]
    await run(args, '/create Book club\nHello there\n')
    const { stdout } = await run(args, '')
    expect(stdout).toMatch(/— Book club —\n.*Alice: Hello there/)
  })
})

test('coterie demo plays through', async () => {
  const { code, stdout } = await run(['demo'])
  expect(stdout).toContain('All of it held.')
  expect(code).toBe(0)
})

async function start(
  name: string,
  peers: readonly string[] = [],
  more: readonly string[] = [],
): ReturnType<typeof ScriptedChat.start> {
  const options: ScriptedChatOptions = { program: PROGRAM, data: join(folder, name), name, peers, options: more }
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
