// Whatever members and outsiders do, in whatever order: everybody who is in the group agrees on it after each commit.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { createGroup } from '../../src/mls.ts'
import { ACTIONS, type Action, type ActionKind, perform } from './schedule-actions.ts'
import { extensionsBy, newClient, type World } from './schedule-world.ts'
import { printSeed, runs } from './settings.ts'

printSeed('property/schedule')

const WEIGHTS: Readonly<Partial<Record<ActionKind, number>>> = { add: 6, commitPending: 5, sendData: 4, deliverSome: 5 }

const number = fc.nat({ max: 0xffff })
const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.oneof(
    ...Object.keys(ACTIONS).map((kind) => ({
      weight: WEIGHTS[kind as ActionKind] ?? 2,
      arbitrary: fc.constant(kind as ActionKind),
    })),
  ),
  a: number,
  b: number,
  c: number,
})

async function emptyWorld(suite: CipherSuite): Promise<World> {
  const world: World = {
    suite,
    externalSender: await suite.signature.generateKeyPair(),
    members: new Map(),
    clients: new Map(),
    proposals: [],
    proposed: new Map(),
    inFlight: [],
    nextName: 0,
    log: [],
    done: new Map(),
  }
  const founder = await newClient(world)
  const client = world.clients.get(founder)
  if (client === undefined) throw new Error('there is no founder')
  world.members.set(founder, await createGroup(suite, { ...client, groupExtensions: extensionsBy(world, 1) }))
  return world
}

describe('random schedules', () => {
  test('keep all members in agreement', { timeout: 3_600_000 }, async () => {
    const suite = nodeProvider.suite(1)
    if (suite === undefined) throw new Error('suite 1 is missing')
    const done = new Map<string, number>()
    let largest = 0
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 40, size: 'max' }), async (actions) => {
        const world = await emptyWorld(suite)
        for (const each of actions) {
          await perform(world, each).catch((cause) => {
            throw new Error(`after ${world.log.join('; ')}`, { cause })
          })
          largest = Math.max(largest, world.members.size)
        }
        for (const [kind, count] of world.done) done.set(kind, (done.get(kind) ?? 0) + count)
      }),
      runs(25),
    )
    console.log(`up to ${largest} members; ${[...done].map(([kind, count]) => `${kind} ${count}`).join(', ')}`)
    expect(largest).toBeGreaterThan(5)
    // Nearly everything happened somewhere.
    expect(Object.keys(ACTIONS).filter((kind) => !done.has(kind)).length).toBeLessThan(3)
  })
})
