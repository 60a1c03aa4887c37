// When a newcomer hears that it is in: not before the commit that added it has settled.
import { expect, test } from 'vitest'
import { nodeProvider } from '../../src/crypto/providers/node/provider.ts'
import { createWorld, foundGroup } from '../../src/testing/simulation/world.ts'

const MEMBERS = 4

test.each([1, 2, 3, 4, 5, 6])(
  'a newcomer whose commit races enters the branch that wins, and no other: seed %i',
  async (seed) => {
    const world = await createWorld({
      provider: nodeProvider,
      seed: `welcome ${seed}`,
      devices: MEMBERS + 1,
      settings: {},
    })
    const { clock, devices, ledger, random } = world
    await foundGroup(world, MEMBERS)
    const [inviter, rival] = random.shuffled(devices.slice(0, MEMBERS))
    const newcomer = devices[MEMBERS]
    if (inviter === undefined || rival === undefined || newcomer === undefined) throw new Error('too few devices')
    const { keyPackage, inbox } = newcomer.own
    await inviter.submit({
      kind: 'add',
      newcomers: [{ keyPackage: keyPackage.keyPackage, inbox: inbox.address }],
    })
    await rival.submit({ kind: 'rename', name: 'meanwhile' })
    let entered = ''
    for (let step = 0; step < STEPS; step++) {
      await clock.runUntil(clock.nowMs + STEP_MS)
      if (entered === '') entered = newcomer.head
    }
    expect(new Set(devices.map(({ head }) => head)).size).toBe(1)
    expect(ledger.history(newcomer.head)).toContain(entered)
    expect(ledger.counts).toMatchObject({ detached: 0, readds: 0 })
  },
)

const STEP_MS = 20
const STEPS = 1_000
