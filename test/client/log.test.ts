// What a client writes into the app's log: that it is open, whom it meets, what went wrong; never a secret, a text or a topic.

import { expect, test } from 'vitest'
import type { Group } from '../../src/client/group.ts'
import { until } from '../../src/testing/until.ts'
import { addressOf, castForEach, groupOf, heard } from './cast.ts'

const cast = castForEach()

test('a log gets the life of a client, and nothing of what is said', async () => {
  const lines: string[] = []
  const writer =
    (level: string) =>
    (message: string, details: object = {}): void => {
      lines.push(`${level} ${message} ${JSON.stringify(details)}`)
    }
  const logger = { debug: writer('debug'), info: writer('info'), warn: writer('warn') }
  const alice = await cast.enter('alice', { logger })
  expect(lines).toEqual([
    `info the client is open ${JSON.stringify({ identity: alice.identity, addresses: alice.addresses })}`,
  ])
  const bob = await cast.enter('bob')
  await bob.connect(addressOf(alice))
  const [club, inBob] = (await groupOf(alice, bob)) as [Group, Group]
  await club.send('Between us')
  await heard(inBob, 'Between us')
  await bob.close()
  await until('it is noticed', () => lines.some((line) => line.includes('disconnected')))
  await alice.close()
  expect(lines).toContain('debug a peer is connected {"peer":"bob"}')
  expect(lines).toContain('debug a peer is disconnected {"peer":"bob"}')
  expect(lines.at(-1)).toBe('info the client is closed {}')
  for (const secret of ['Between us', 'Book club', club.id, 'topic']) expect(lines.join()).not.toContain(secret)
})

test('a warning is told to listeners and to the log alike', async () => {
  const written: unknown[] = []
  const logger = { debug: () => undefined, info: () => undefined, warn: (...line: unknown[]) => written.push(line) }
  const relays = ['memory:nobody']
  const alice = await cast.enter('alice', { logger, relays })
  const told: unknown[] = []
  alice.onWarning(({ message, code }) => told.push([message, { code }]))
  await until('the relay is missed', () => written.length > 0)
  expect(written).toEqual(told)
  expect(written[0]).toEqual([expect.any(String), { code: 'TRANSPORT_UNREACHABLE' }])
})
