// What a developer looks at: among other things, who of those that are connected hears a group.

import { expect, test } from 'vitest'
import { until } from '../../src/testing/until.ts'
import { castForEach, groupOf } from './cast.ts'

const cast = castForEach()

test('a report names the connected peers that hear the group, and nobody else', async () => {
  const [alice, bob] = await cast.enterAll('alice', 'bob', 'carol')
  const [club] = await groupOf(alice, bob)
  await until('bob hears it', () => club.inspect().peers.includes('bob'))
  expect(alice.peers).toContain('carol')
  expect(club.inspect()).toMatchObject({ peers: ['bob'], detached: false, intents: [] })
  cast.network.partition(['alice'], ['bob', 'carol'])
  await until('bob is lost', () => !club.inspect().peers.includes('bob'))
  await alice.close()
  expect(club.inspect().peers).toEqual([])
})
