// Storing costs bytes and looks: O(1) after a message, O(log n) after a commit, whatever the size of the group. The store
// is one that holds the state before; names and values both count.
import { beforeAll, describe, expect, it } from 'vitest'
import * as mls from '../../src/mls.ts'
import { BUILDING_MS, syntheticGroup } from '../support/synthetic-tree.ts'
import { CostMeter, within } from './cost.ts'

const nowMs = Date.UTC(2027, 0, 1)
const SIZES = [64, 1024, 65_536] as const
const STEPS = [
  'message sent, the first',
  'message sent',
  'message received, a first',
  'message received',
  'late message received',
  'proposal received',
  'commit sent',
  'commit received',
  'add received',
  'remove received',
] as const
type Step = (typeof STEPS)[number]

interface Written {
  readonly bytes: number
  readonly records: number
  readonly deleted: number
  /** Tree nodes looked at to find out what to write. */
  readonly nodes: number
  readonly hashes: number
}

/** Bytes: per level of the tree, and beside it. */
const BOUNDS: Readonly<Record<Step, readonly [perLevel: number, constant: number]>> = {
  'message sent, the first': [62, 130],
  'message sent': [0, 80],
  'message received, a first': [62, 130],
  'message received': [0, 80],
  'late message received': [0, 0],
  'proposal received': [0, 900],
  'commit sent': [350, 1300],
  'commit received': [270, 1300],
  'add received': [480, 1400],
  'remove received': [410, 1250],
}

/** What has to be written to get from one state to the next, which becomes the one that is stored. */
class Journal {
  readonly #meter: CostMeter
  readonly written: Partial<Record<Step, Written>> = {}
  #stored: mls.GroupState

  constructor(meter: CostMeter, state: mls.GroupState) {
    this.#meter = meter
    this.#stored = state
  }

  get state(): mls.GroupState {
    return this.#stored
  }

  store(step: Step | undefined, state: mls.GroupState): void {
    this.#meter.reset()
    const { put, delete: deleted } = mls.stateRecords(state, this.#stored)
    const bytes = [...put].reduce((sum, [name, value]) => sum + name.length + value.length, 0)
    const { nodes, hashes } = this.#meter.costOf(this.#stored)
    if (step !== undefined) this.written[step] = { bytes, records: put.size, deleted: deleted.length, nodes, hashes }
    this.#stored = state
  }

  /** Watches the tree of the stored state from now on. */
  watch(): void {
    this.#stored = this.#meter.watch(this.#stored)
  }
}

async function measure(leaves: number): Promise<Record<Step, Written>> {
  const meters = [new CostMeter(), new CostMeter()] as const
  const options = { leaves, real: [0, leaves / 2 + 1], blank: [leaves - 2] }
  const { states } = await syntheticGroup(meters[0].suite, options)
  const [alice, bob] = states as [mls.GroupState, mls.GroupState]
  const sender = new Journal(meters[0], meters[0].watch(alice))
  const receiver = new Journal(meters[1], meters[1].watch({ ...bob, suite: meters[1].suite }))

  const receive = async (step: Step | undefined, message: Uint8Array) =>
    receiver.store(step, (await mls.processMessage(receiver.state, message, { nowMs })).state)
  const send = async (step: Step | undefined) => {
    const sent = await mls.encryptMessage(sender.state, new Uint8Array(1000))
    sender.store(step, sent.state)
    return sent.message
  }
  const commit = async (received: Step | undefined, proposals: mls.Proposal[] = [], sent?: Step) => {
    const result = await mls.commit(sender.state, { nowMs, proposals, groupInfo: { ratchetTree: false } })
    sender.store(sent, result.state)
    await receive(received, result.message)
  }

  await commit(undefined)
  sender.watch()
  receiver.watch()
  await receive('message received, a first', await send('message sent, the first'))
  await receive('message received', await send('message sent'))
  const late = await send(undefined)
  await receive(undefined, await send(undefined))
  await receive('late message received', late)
  const update = await mls.proposeUpdate(sender.state, { nowMs })
  const before = receiver.state
  await receive('proposal received', update.message)
  receiver.store(undefined, before)
  // Several epochs, so that the oldest of those that are kept goes each time.
  for (let i = 0; i < 4; i++) await commit(undefined)
  receiver.watch()
  sender.watch()
  await commit('commit received', [], 'commit sent')
  const { keyPackage } = await mls.createKeyPackage(meters[0].suite, {
    credential: mls.basicCredential(new Uint8Array(16)),
    signatureKeyPair: await meters[0].suite.signature.generateKeyPair(),
    lifetime: mls.lifetimeOfDays(nowMs, 30),
  })
  await commit('add received', [mls.addProposal(keyPackage)])
  await commit('remove received', [mls.removeProposal(leaves - 1)])
  return { ...sender.written, ...receiver.written } as Record<Step, Written>
}

describe('what is written', () => {
  const measured = new Map<number, Record<Step, Written>>()
  beforeAll(async () => {
    for (const leaves of SIZES) {
      const written = await measure(leaves)
      measured.set(leaves, written)
      for (const step of STEPS) {
        const { bytes, records, deleted, nodes, hashes } = written[step]
        const line = `${bytes} bytes in ${records} records, ${deleted} deleted, ${nodes} nodes, ${hashes} hashes`
        console.log(`${String(leaves).padStart(6)} leaves  ${step.padEnd(26)} ${line}`)
      }
    }
  }, BUILDING_MS)
  const at = (leaves: number, step: Step): Written => {
    const written = measured.get(leaves)?.[step]
    if (written === undefined) throw new Error('nothing was written')
    return written
  }

  it('at n = 1,024: under 1 kB for a first message, under 200 bytes for the next, under 8 kB for a commit', () => {
    for (const step of STEPS) {
      const { bytes } = at(1024, step)
      if (step.includes('first') || step === 'proposal received') expect(bytes, step).toBeLessThan(1000)
      else if (step.includes('message')) expect(bytes, step).toBeLessThan(200)
      else expect(bytes, step).toBeLessThan(8000)
    }
  })

  describe.each(STEPS)('after: %s', (step) => {
    it.each(SIZES)('is bounded by c·log2(n) + d bytes at n = %i', (leaves) => {
      const [perLevel, constant] = BOUNDS[step]
      const { bytes } = at(leaves, step)
      expect(bytes).toBeLessThanOrEqual(within({ perLevel, constant }, leaves))
    })

    it('grows with the logarithm, or not at all', () => {
      const [perLevel] = BOUNDS[step]
      for (const [small, large] of [
        [64, 1024],
        [1024, 65_536],
      ] as const) {
        const growth = at(large, step).bytes - at(small, step).bytes
        // A name with a larger number in it takes some digits more.
        expect(growth).toBeLessThanOrEqual(perLevel * Math.log2(large / small) + 12)
      }
    })
  })

  it('after a message is found out without looking at the tree, and hashed once for each record', () => {
    for (const leaves of SIZES) {
      for (const step of ['message sent', 'message received', 'late message received'] as const) {
        expect(at(leaves, step).nodes, step).toBe(0)
        expect(at(leaves, step).hashes, step).toBe(at(leaves, step).records)
        // What is late takes its key out of the store and leaves nothing behind.
        expect(at(leaves, step).deleted, step).toBe(step === 'late message received' ? 1 : 0)
      }
    }
  })

  it('after a commit is found out by looking at O(log n) nodes', () => {
    for (const leaves of SIZES) {
      for (const step of ['commit sent', 'commit received'] as const) {
        expect(at(leaves, step).nodes, step).toBeLessThanOrEqual(within({ perLevel: 16, constant: 16 }, leaves))
        expect(at(leaves, step).hashes, step).toBeLessThanOrEqual(within({ perLevel: 4, constant: 40 }, leaves))
      }
    }
  })
})
