// Relays have addresses on the network: one's own are checked, and what others have put on cards and links is left alone.

import { MemoryLevel } from 'memory-level'
import { expect, test } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import type { ClientOptions } from '../../src/client/options.ts'
import { until } from '../../src/testing/until.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { castForEach, deadline, heard } from './cast.ts'

const cast = castForEach()

test.each(['foo', ''])("'%s' is no relay", async (address) => {
  await expect(cast.enter('alice', { relays: ['memory:relay', address] })).rejects.toMatchObject({
    code: 'ARGUMENT_INVALID',
    origin: 'caller',
    message: expect.stringContaining(`relays: '${address}' is not an address`),
  })
})

test('what is no address on a card or a link is left alone, also after a restart', async () => {
  const storage = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
  const kept = { storage, key: new Uint8Array(32) }
  const alice = await cast.enter('alice', kept)
  const warnings = warningsOf(alice)
  const bob = await enterCareless('bob')
  const carol = await enterCareless('carol')
  for (const one of [bob, carol]) await one.connect(String(alice.addresses[0]))
  const club = await alice.groups.create({ name: 'Book club' })
  await club.add(await bob.card())
  await alice.contacts.ask(await carol.card())
  const inBob = await bob.groups.next(deadline())
  const theirs = await carol.groups.create({ name: 'Film club' })
  const films = await alice.groups.join((await theirs.invite()).link, { signal: deadline() })
  await films.send('Here I am')
  await heard(theirs, 'Here I am')
  expect(warnings).toEqual([])
  await alice.close()

  const again = await cast.enter('alice', kept)
  const later = warningsOf(again)
  await again.connect(String(bob.addresses[0]))
  await again.groups.get(club.id).send('And back')
  await heard(inBob, 'And back')
  expect(later).toEqual([])
})

test('what an earlier version has kept is left alone as well', async () => {
  const storage = new MemoryLevel<Uint8Array, Uint8Array>({ keyEncoding: 'view', valueEncoding: 'view' })
  const kept = { storage, key: new Uint8Array(32) }
  const bob = await enterCareless('bob', { relays: ['foo', 'memory:nobody'] })
  const careless = await enterCareless('alice', { ...kept, relays: [] })
  await careless.connect(String(bob.addresses[0]))
  const club = await careless.groups.create({ name: 'Book club' })
  await club.add(await bob.card())
  await careless.close()

  const alice = await cast.enter('alice', kept)
  const warnings = warningsOf(alice)
  await until('the relays are tried', () => warnings.length > 0)
  expect(warnings).toEqual([expect.stringMatching(/^TRANSPORT_UNREACHABLE/)])
})

/** Somebody whose client takes anything for an address, as those of another make may. */
function enterCareless(name: string, options: Partial<ClientOptions> = {}): Promise<Client> {
  const transport = (): Transport => {
    const inner = cast.network.transport(name)
    inner.isAddress = () => true
    return inner
  }
  return cast.enter(name, { transport, relays: ['foo'], ...options })
}

function warningsOf(client: Client): string[] {
  const warnings: string[] = []
  client.onWarning(({ code, message }) => warnings.push(`${code} ${message}`))
  return warnings
}
