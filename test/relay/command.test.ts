// `coterie relay` as its operator meets it, and `coterie chat --relay`.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readBytes, readDuration, readEndpoint } from '../../src/cli/quantities.ts'
import { ScriptedChat } from '../../src/cli/scripted-chat.ts'
import { until } from '../../src/testing/until.ts'
import { stageForEach } from './people.ts'

const stage = stageForEach()
const PROGRAM = [process.execPath, fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))] as const

test('says where it is, is the same after a restart, and ends in order when it is asked to', async () => {
  const relay = await stage.relay('relay', ['--announce', '/dns4/relay.example/tcp/443/tls/ws'])
  expect(relay.ready.event).toBe('ready')
  expect(relay.ready.addresses).toEqual([
    expect.stringMatching(/^\/dns4\/relay\.example\/tcp\/443\/tls\/ws\/p2p\/12D3/),
  ])
  expect((await stat(join(stage.folder, 'relay.key'))).mode & 0o777).toBe(0o600)
  expect(await relay.stop('SIGTERM')).toBe(0)
  const again = await stage.relay('relay')
  expect(again.address.split('/').at(-1)).toBe(relay.address.split('/').at(-1))
  for (const line of again.log.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ event: expect.any(String) })
  expect(await again.stop('SIGINT')).toBe(0)
})

test('serves its health and its metrics, and nothing else', async () => {
  const relay = await stage.relay('relay')
  const at = `http://${relay.ready.metrics}`
  expect(await (await fetch(`${at}/health`)).text()).toBe('ok\n')
  expect((await fetch(`${at}/metrics`, { method: 'POST' })).status).toBe(405)
  expect((await fetch(`${at}/data`)).status).toBe(404)
  const bob = await stage.enter('bob', relay.address)
  await until('bob has left key packages', async () => (await relay.metric('one_time_key_packages')) === 20)
  expect(await relay.metric('topics')).toBe(1)
  expect(await relay.metric('peers')).toBe(1)
  expect(await relay.metric('pins_total')).toBeGreaterThanOrEqual(1)
  expect(await relay.metric('key_packages_deposited_total')).toBe(20)
  const page = await (await fetch(`${at}/metrics`)).text()
  expect(page).toContain('process_resident_memory_bytes')
  expect(page).not.toContain(bob.addresses[0]?.split('/').at(-1))
})

test('two scripts that are never there together talk through it', async () => {
  const relay = await stage.relay('relay')
  const chat = (name: string): ReturnType<typeof ScriptedChat.start> =>
    ScriptedChat.start({ program: PROGRAM, data: join(stage.folder, name), name, options: ['--relay', relay.address] })
  const first = await chat('bob')
  await until('bob is known', async () => (await relay.metric('one_time_key_packages')) === 20)
  expect(await first.chat.close()).toBe(0)
  const alice = await chat('alice')
  const { group } = await alice.chat.ask({ cmd: 'create', name: 'Book club' })
  await alice.chat.ask({ cmd: 'add', group, card: first.ready.card })
  await alice.chat.ask({ cmd: 'send', group, text: 'Chapter one tonight?' })
  await until('the Welcome is there', async () => (await stage.inInbox(relay.address, String(first.ready.card))) === 1)
  expect(await alice.chat.close()).toBe(0)
  const bob = await chat('bob')
  await bob.chat.next(({ event, ...rest }) => event === 'message' && rest.text === 'Chapter one tonight?')
  expect(await bob.chat.close()).toBe(0)
})

test('ends where its metrics cannot be served, and starts when they can', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const endpoint = `127.0.0.1:${(other.address() as AddressInfo).port}`
  const { log, exit } = await failing(['--listen', '/ip4/127.0.0.1/tcp/0', '--metrics', endpoint])
  expect(exit).toBe(1)
  expect(log).toMatch(new RegExp(`^metrics cannot be served at ${endpoint}: .*EADDRINUSE.*--metrics`, 'm'))
  other.close()
  const relay = await stage.relay('relay', ['--metrics', endpoint])
  expect(relay.ready.metrics).toBe(endpoint)
})

test.each([
  [['--listen', 'nonsense'], 'ARGUMENT_INVALID'],
  [['--listen', '/ip4/127.0.0.1/tcp/0', '--max-bytes', 'much'], "--max-bytes: 'much' is not an amount of bytes"],
  [['--listen', '/ip4/127.0.0.1/tcp/0', '--ttl', '7w'], 'the units are s, m, h, d (ARGUMENT_INVALID)'],
  [['--listen', '/ip4/127.0.0.1/tcp/0', '--max-frames', '0'], '--max-frames: 0 is not a number from 1 on'],
  [['--listen', '/ip4/127.0.0.1/tcp/0', '--metrics', '9464'], '--metrics: 9464 is not HOST:PORT (ARGUMENT_INVALID)'],
  [['--listen', '/ip4/192.0.2.1/tcp/0'], 'TRANSPORT_LISTEN_FAILED'],
])('says what is wrong with %j', async (args, code) => {
  const { log, exit } = await failing(args)
  expect(log).toContain(code)
  expect(exit).toBe(1)
})

test('reads amounts as people write them', () => {
  expect(['1', '2kB', '500MB', '10GiB'].map(readBytes)).toEqual([1, 2_000, 500_000_000, 10_737_418_240])
  expect(['90s', '30m', '12h', '7d'].map(readDuration)).toEqual([90_000, 1_800_000, 43_200_000, 604_800_000])
  expect(readEndpoint('127.0.0.1:9464')).toEqual({ host: '127.0.0.1', port: 9_464 })
  expect(readEndpoint('[::1]:0')).toEqual({ host: '::1', port: 0 })
  for (const bad of ['', '-1', '1.5GB', '5gb', '0', 'constructor']) expect(() => readBytes(bad)).toThrow()
  for (const bad of ['7', '7w', 'd', '99999999999999d']) expect(() => readDuration(bad)).toThrow()
  for (const bad of ['host', ':1', 'host:70000', '::1:80']) expect(() => readEndpoint(bad)).toThrow()
})

/** Runs a relay that cannot begin. */
async function failing(args: readonly string[]): Promise<{ log: string; exit: unknown }> {
  const child = spawn(PROGRAM[0], [PROGRAM[1], 'relay', '--data', join(stage.folder, 'relay'), ...args])
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const [exit] = await once(child, 'close')
  return { log, exit }
}
