// Application messages: none of them but a sender's first in an epoch, when it is looked up, touches a node of the ratchet
// tree, and after that each costs the same number of hashes however large the group is.
import { beforeAll, describe, expect, it } from 'vitest'
import * as mls from '../../src/mls.ts'
import { BUILDING_MS, syntheticGroup } from '../support/synthetic-tree.ts'
import { type Cost, CostMeter, costLine, within } from './cost.ts'

const nowMs = Date.UTC(2027, 0, 1)
const SIZES = [1024, 65_536] as const
const STEADY_HASHES = 5

interface Measured {
  readonly encrypt: readonly Cost[]
  readonly decrypt: readonly Cost[]
  /** One of the messages kept back, and one of an epoch that is over. */
  readonly late: Cost
  readonly past: Cost
}

async function measure(leaves: number): Promise<Measured> {
  const sender = new CostMeter()
  const receiver = new CostMeter()
  const { states } = await syntheticGroup(sender.suite, { leaves, real: [0, leaves - 1] })
  let alice = sender.watch(states[0] as mls.GroupState)
  let bob = receiver.watch({ ...(states[1] as mls.GroupState), suite: receiver.suite })
  sender.reset()
  const encrypt: Cost[] = []
  const decrypt: Cost[] = []
  const send = async (): Promise<Uint8Array> => {
    const sent = await mls.encryptMessage(alice, new Uint8Array(100))
    alice = sent.state
    encrypt.push(sender.costOf(alice))
    return sent.message
  }
  const receive = async (message: Uint8Array): Promise<Cost> => {
    receiver.reset()
    bob = (await mls.processMessage(bob, message, { nowMs })).state
    return receiver.costOf(bob)
  }
  for (let i = 0; i < 4; i++) decrypt.push(await receive(await send()))
  const kept = await send()
  const forPast = await send()
  await receive(await send())
  const late = await receive(kept)
  const { message } = await mls.commit(alice, { nowMs })
  bob = (await mls.processMessage(bob, message, { nowMs })).state
  const watched = receiver.watch(bob)
  bob = watched
  return { encrypt, decrypt, late, past: await receive(forPast) }
}

describe('the cost of application messages', () => {
  const measured = new Map<number, Measured>()
  beforeAll(async () => {
    for (const leaves of SIZES) {
      const costs = await measure(leaves)
      measured.set(leaves, costs)
      const [first, second] = costs.decrypt
      if (first === undefined || second === undefined) throw new Error('nothing was received')
      console.log(costLine(leaves, "encrypt, an epoch's first", costs.encrypt[0] ?? first))
      console.log(costLine(leaves, 'encrypt', costs.encrypt[1] ?? second))
      console.log(costLine(leaves, "decrypt, a sender's first", first))
      console.log(costLine(leaves, 'decrypt', second))
    }
  }, BUILDING_MS)
  const at = (leaves: number): Measured => {
    const costs = measured.get(leaves)
    if (costs === undefined) throw new Error('nothing was measured')
    return costs
  }

  it.each(SIZES)('encrypting touches no node of the tree at n = %i', (leaves) => {
    expect(at(leaves).encrypt.map(({ nodes }) => nodes)).toEqual(new Array(7).fill(0))
  })

  it.each(SIZES)('decrypting touches none but for a first message, at n = %i', (leaves) => {
    const [first, ...rest] = at(leaves).decrypt
    expect(first?.nodes).toBeGreaterThan(0)
    expect(first?.nodes).toBeLessThanOrEqual(within({ perLevel: 2, constant: 1 }, leaves))
    expect(rest.map(({ nodes }) => nodes)).toEqual([0, 0, 0])
  })

  it.each(SIZES)('late messages, and those of an epoch that is over, touch none at n = %i', (leaves) => {
    const { late, past } = at(leaves)
    expect([late.nodes, past.nodes]).toEqual([0, 0])
  })

  it.each(SIZES)('first messages derive a path of the secret tree at n = %i', (leaves) => {
    const { encrypt, decrypt } = at(leaves)
    for (const first of [encrypt[0], decrypt[0]]) {
      expect(first?.hashes).toBeLessThanOrEqual(within({ perLevel: 2, constant: 2 + STEADY_HASHES }, leaves))
    }
  })

  it('all others take the same few hashes and one signature, whatever the size', () => {
    for (const leaves of SIZES) {
      const { encrypt, decrypt } = at(leaves)
      for (const cost of [...encrypt.slice(1), ...decrypt.slice(1)]) {
        expect(cost).toEqual({ nodes: 0, hashes: STEADY_HASHES, hpke: 0, signatures: 1 })
      }
      // A key that was kept needs no ratchet: the sender data alone is derived.
      expect(at(leaves).late).toEqual({ nodes: 0, hashes: 2, hpke: 0, signatures: 1 })
    }
  })
})
