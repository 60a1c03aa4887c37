// Invite links on the command line: real processes, real TCP on loopback, real disks.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ScriptedChat } from '../../src/cli/scripted-chat.ts'

const PROGRAM = [process.execPath, fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))] as const

let folder: string
const running: ScriptedChat[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coterie-cli-invites-'))
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((chat) => chat.close()))
  await rm(folder, { recursive: true })
})

test('scripts invite by a link, preview it and join by it; a revoked one is of no use', async () => {
  const alice = await start('alice')
  const bob = await start('bob')
  const { group } = await alice.ask({ cmd: 'create', name: 'Book club' })
  const { link, invite } = await alice.ask({ cmd: 'invite', group, uses: 2, expires: 3_600 })
  expect(link).toMatch(/^coterie:invite\//)
  expect(await bob.ask({ cmd: 'preview', link })).toMatchObject({
    name: 'Book club',
    invitedBy: { name: 'alice' },
    needsApproval: false,
  })
  expect(await bob.ask({ cmd: 'join', link })).toMatchObject({ name: 'Book club' })
  await bob.next(({ event, ...rest }) => event === 'joined' && rest.link === link && rest.group === group)
  await bob.ask({ cmd: 'send', group, text: 'Here I am' })
  await alice.next(({ event, ...rest }) => event === 'message' && rest.text === 'Here I am')
  expect(await alice.ask({ cmd: 'invites', group })).toMatchObject({ invites: [{ invite, uses: 1, revoked: false }] })
  await alice.ask({ cmd: 'revoke', group, invite })
  const carol = await start('carol')
  await carol.ask({ cmd: 'join', link })
  await carol.next(({ event, ...rest }) => event === 'join-failed' && rest.code === 'INVITE_REVOKED')
  await expect(bob.ask({ cmd: 'invite', group, uses: 'many' })).rejects.toThrow(/ARGUMENT_INVALID/)
  for (const expires of [-1, 0, 2_592_001]) {
    const asked = bob.ask({ cmd: 'invite', group, expires })
    await expect(asked).rejects.toThrow(/expires is a number of seconds from now on.*ARGUMENT_INVALID/)
  }
  await expect(bob.ask({ cmd: 'join', link: String(link).slice(0, -9) })).rejects.toThrow(/INVITE_MALFORMED/)
  await expect(bob.ask({ cmd: 'revoke', group, invite: 'none' })).rejects.toThrow(/INVITE_UNKNOWN/)
})

test('scripts approve and refuse; who asks can come back later or give it up', async () => {
  const alice = await start('alice')
  const { group } = await alice.ask({ cmd: 'create', name: 'Book club' })
  const { link } = await alice.ask({ cmd: 'invite', group, uses: 5, approve: true })
  const bob = await start('bob')
  await bob.ask({ cmd: 'join', link, note: 'from the library' })
  const applicant = await alice.next(({ event }) => event === 'applicant')
  expect(applicant).toMatchObject({ group, name: 'bob', note: 'from the library' })
  expect(await bob.ask({ cmd: 'joining' })).toMatchObject({ joining: [{ link, name: 'Book club' }] })
  expect(await alice.ask({ cmd: 'applicants', group })).toMatchObject({ applicants: [{ name: 'bob' }] })
  // Off while an admin decides.
  await bob.kill()
  await alice.ask({ cmd: 'approve', group, applicant: applicant.applicant })
  const back = await start('bob')
  await back.next(({ event, ...rest }) => event === 'group' && rest.group === group)

  const carol = await start('carol')
  await carol.ask({ cmd: 'join', link })
  const other = await alice.next(({ event, ...rest }) => event === 'applicant' && rest.name === 'carol')
  await alice.ask({ cmd: 'refuse', group, applicant: other.applicant })
  await carol.next(({ event, ...rest }) => event === 'join-failed' && rest.code === 'INVITE_REFUSED')
  await expect(alice.ask({ cmd: 'approve', group, applicant: other.applicant })).rejects.toThrow(/REQUEST_UNKNOWN/)
  await carol.ask({ cmd: 'join', link })
  await carol.ask({ cmd: 'cancel', link })
  await carol.next(({ event, ...rest }) => event === 'join-failed' && rest.code === 'INVITE_CANCELLED')
  await expect(carol.ask({ cmd: 'cancel', link })).rejects.toThrow(/INVITE_UNKNOWN/)
})

test('people show a QR code, see who invites, and decide who comes in', async () => {
  const alice = person('alice')
  alice.say('/create Book club', '/invite 2 24 approve')
  const [link] = await alice.until(/coterie:invite\/[\w-]+/)
  // Half blocks, two rows of the code in each line.
  expect(alice.shown()).toMatch(/[█▀▄ ]{40,}\n/)
  const early = person('bob')
  early.say(`/join ${link} It is me`)
  await early.until(/alice.*\n.*invites you to .*Book club.*An admin has to let you in/)
  early.say('/quit')
  expect(await early.code).toBe(0)
  expect(early.shown()).not.toContain('closed')
  const bob = person('bob')
  await bob.until(/You have asked to be let into Book club; no answer yet/)
  await alice.until(/bob.*\(It is me\) asks to be let into .*Book club/)
  alice.say('/applicants', '/invites')
  await alice.until(/1 .*bob.*\(It is me\)\n[\s\S]*1 2 people until .*, if an admin approves/)
  alice.say('/approve bob')
  await bob.until(/— Book club —/)
  alice.say('/revoke 1', '/invites', '/approve')
  await alice.until(/It is revoked[\s\S]*1 revoked\n[\s\S]*Nobody asks to be let in\./)
  alice.say('/quit')
  bob.say('/quit')
  expect(await Promise.all([alice.code, bob.code])).toEqual([0, 0])
})

async function start(name: string): Promise<ScriptedChat> {
  const { chat } = await ScriptedChat.start({ program: PROGRAM, data: join(folder, name), name })
  running.push(chat)
  return chat
}

interface Person {
  readonly code: Promise<unknown>
  say(...lines: readonly string[]): void
  shown(): string
  until(pattern: RegExp): Promise<RegExpExecArray>
}

/** Somebody at `coterie chat`, without a terminal. */
function person(name: string): Person {
  const args = ['chat', '--data', join(folder, name), '--name', name, '--listen', '/ip4/127.0.0.1/tcp/0']
  const chat = spawn(PROGRAM[0], [PROGRAM[1], ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  let text = ''
  chat.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  return {
    code: once(chat, 'close').then(([code]) => code),
    say: (...said) => {
      chat.stdin.write(`${said.join('\n')}\n`)
    },
    shown: () => text,
    until: async (pattern) => {
      const deadline = AbortSignal.timeout(30_000)
      for (let found = pattern.exec(text); ; found = pattern.exec(text)) {
        if (found !== null) return found
        await once(chat.stdout, 'data', { signal: deadline }).catch((cause: unknown) => {
          throw new Error(`${name} did not see ${pattern} in:\n${text}`, { cause })
        })
      }
    },
  }
}
