// Storing and restoring a state: behaviour is preserved at every step of random schedules, what is written bit by bit is
// what would be written at once, and what was consumed is gone from the store.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import * as mls from '../../../src/mls.ts'
import { rejectionCode } from '../../support/errors.ts'
import { seededRandom } from '../../support/random.ts'
import { secretsIn } from '../../support/state-walk.ts'
import {
  agreement,
  client,
  commitIn,
  followed,
  groupOf,
  keyPackageOf,
  nowMs,
  pair,
  readBy,
  send,
  suite,
} from './group-fixtures.ts'
import { Store } from './snapshot-fixtures.ts'

/** Members who store each state that they come to, and at any time go on from what they stored. */
class StoringGroup {
  readonly #random: (bound: number) => number
  readonly members = new Map<number, { state: mls.GroupState; store: Store }>()
  readonly #late: Uint8Array[] = []
  #number = 0

  constructor(seed: number, states: readonly mls.GroupState[]) {
    this.#random = seededRandom(seed)
    for (const state of states) this.#adopt(state)
  }

  async step(): Promise<void> {
    const from = this.#pick()
    switch (this.#random(9)) {
      case 0:
      case 1:
        return this.#sendText(from)
      case 2:
        return this.#hear(from, await mls.proposeUpdate(this.#at(from), { nowMs, wireFormat: this.#wireFormat() }))
      case 3: {
        const proposal = mls.removeProposal(this.#pick())
        return this.#hear(from, await mls.propose(this.#at(from), proposal, { nowMs }))
      }
      case 4:
        return this.#joinFromOutside()
      case 5:
        return this.#commit(from, [mls.addProposal((await this.#newcomer()).keyPackage)])
      case 6: {
        const psk = mls.resumptionPskId(suite, mls.groupId(this.#at(from)), mls.epoch(this.#at(from)))
        return this.#commit(from, [mls.preSharedKeyProposal(psk)])
      }
      default:
        return this.#commit(from, [])
    }
  }

  /** The members agree, and read what was sent late if they still can. */
  async check(): Promise<void> {
    const states = [...this.members.values()].map(({ state }) => state)
    expect(agreement(states)).toBe(1)
    for (const message of this.#late.splice(0)) {
      for (const leaf of this.members.keys()) {
        await this.#receive(leaf, message).catch((error: unknown) => {
          if (!mls.CoterieError.is(error)) throw error
          const fine = ['GROUP_EPOCH_PAST', 'GROUP_EPOCH_AHEAD', 'GROUP_OWN_MESSAGE', 'FRAMING_GENERATION_USED']
          // Who joined after the message was sent has never had its keys.
          expect(fine).toContain(error.code)
        })
      }
    }
  }

  #at(leaf: number): mls.GroupState {
    return (this.members.get(leaf) as { state: mls.GroupState }).state
  }

  #pick(): number {
    return [...this.members.keys()][this.#random(this.members.size)] as number
  }

  #wireFormat(): 'private' | 'public' {
    return this.#random(2) === 0 ? 'private' : 'public'
  }

  #adopt(state: mls.GroupState): void {
    const member = { state, store: new Store() }
    member.store.save(state)
    this.members.set(state.own.leafIndex, member)
  }

  #save(leaf: number, state: mls.GroupState): void {
    const member = this.members.get(leaf)
    if (member === undefined) throw new Error('not a member')
    member.store.save(state)
    member.state = this.#random(2) === 0 ? member.store.restore(suite) : state
  }

  async #receive(leaf: number, message: Uint8Array): Promise<void> {
    this.#save(leaf, await followed(this.#at(leaf), message))
  }

  async #sendText(from: number): Promise<void> {
    const sent = await mls.encryptMessage(mls.discardProposals(this.#at(from)), utf8('text'))
    this.#save(from, { ...sent.state, proposals: this.#at(from).proposals })
    if (this.#random(3) === 0) this.#late.push(sent.message)
    else for (const leaf of this.members.keys()) if (leaf !== from) await this.#receive(leaf, sent.message)
  }

  async #hear(from: number, sent: mls.SentProposal): Promise<void> {
    this.#save(from, sent.state)
    for (const leaf of this.members.keys()) if (leaf !== from) await this.#receive(leaf, sent.message)
  }

  async #commit(from: number, proposals: readonly mls.Proposal[]): Promise<void> {
    const options = { nowMs, proposals, wireFormat: this.#wireFormat() }
    const { state, message, welcome } = await mls.commit(this.#at(from), options)
    for (const leaf of [...this.members.keys()]) {
      if (leaf !== from) await this.#receive(leaf, message)
      if (this.#at(leaf).status === 'removed') this.members.delete(leaf)
    }
    this.#save(from, state)
    if (welcome !== undefined) {
      for (const own of this.#waiting.splice(0)) this.#adopt(await mls.joinGroup(suite, welcome, [own], { nowMs }))
    }
  }

  readonly #waiting: mls.OwnKeyPackage[] = []
  async #newcomer(): Promise<mls.OwnKeyPackage> {
    const own = await keyPackageOf(`newcomer ${this.#number++}`)
    this.#waiting.push(own)
    return own
  }

  async #joinFromOutside(): Promise<void> {
    const info = await mls.createGroupInfo(this.#at(this.#pick()))
    const options = { ...(await client(`outsider ${this.#number++}`)), nowMs }
    const { state, message } = await mls.joinExternal(suite, info, options)
    for (const leaf of this.members.keys()) await this.#receive(leaf, message)
    this.#adopt(state)
  }
}

describe('restoring what was stored', () => {
  it.each([1, 2, 3])('preserves behaviour at every step of a random schedule (seed %i)', async (seed) => {
    const group = new StoringGroup(
      seed,
      await groupOf(['a', 'b', 'c'], { limits: { pastEpochs: 2, resumptionPsks: 2 } }),
    )
    for (let step = 0; step < 24; step++) {
      await group.step()
      if (step % 4 === 3) await group.check()
    }
    await group.check()
  })

  it('works for frozen groups and removed members', async () => {
    const reinit = mls.reinitProposal({ groupId: utf8('next'), cipherSuite: 1 })
    for (const proposals of [[reinit], [mls.removeProposal(1)]]) {
      const { states } = await commitIn(await pair(), 0, { proposals })
      const store = new Store()
      store.save(states[1] as mls.GroupState)
      const restored = store.restore(suite)
      expect(restored.status).toBe(states[1]?.status)
      expect(restored.reinit).toEqual(states[1]?.reinit)
    }
  })
})

describe('writing what changed', () => {
  it('also where the store holds a sibling, a parent, or a state of long ago', async () => {
    const [alice, bob] = await pair({ limits: { pastEpochs: 2 } })
    const family: mls.GroupState[] = [alice]
    for (let i = 0; i < 3; i++) {
      const left = await mls.commit(family.at(-1) as mls.GroupState, { nowMs })
      const right = await mls.commit(left.parent, { nowMs, proposals: [mls.groupContextExtensionsProposal([])] })
      const dave = await keyPackageOf('dave')
      const grown = await mls.commit(left.parent, { nowMs, proposals: [mls.addProposal(dave.keyPackage)] })
      const update = await mls.proposeUpdate(left.state, { nowMs })
      family.push(left.parent, right.state, grown.state, update.state, mls.discardProposals(update.state), left.state)
    }
    family.push(await followed(alice, (await mls.commit(bob, { nowMs, proposals: [mls.removeProposal(0)] })).message))
    const random = seededRandom(5)
    const store = new Store()
    for (let i = 0; i < 60; i++) {
      store.save(family[random(family.length)] as mls.GroupState)
      if (random(5) === 0) store.restore(suite)
    }
  })

  it('of the same state is nothing', async () => {
    const [alice] = await pair()
    expect(mls.stateRecords(alice, alice)).toEqual({ put: new Map(), delete: [] })
    const restored = mls.restoreState(suite, mls.stateRecords(alice).put)
    expect(mls.stateRecords(restored, restored)).toEqual({ put: new Map(), delete: [] })
  })
})

describe('forward secrecy in the store', () => {
  it('what led to the key of a message that was read or sent is not there any more', async () => {
    const [alice, bob] = await pair()
    const stores = [new Store(), new Store()] as const
    stores[0].save(alice)
    stores[1].save(bob)
    const first = await send(alice, 'first')
    const second = await send(first.state, 'second')
    const states = [second.state, await followed(await followed(bob, first.message), second.message)] as const
    for (const [i, store] of stores.entries()) {
      const before = i === 0 ? [alice, first.state] : [bob, await followed(bob, first.message)]
      const next = states[i] as mls.GroupState
      const kept = new Set(secretsIn(next).map(({ bytes }) => bytes.join()))
      const gone = before.flatMap(secretsIn).filter(({ bytes }) => !kept.has(bytes.join()))
      // At least the encryption secret and two states of the ratchet.
      expect(gone.length).toBeGreaterThanOrEqual(2)
      expect(gone.some(({ bytes }) => store.holds(bytes))).toBe(true)
      store.save(next)
      for (const { bytes } of gone) expect(store.holds(bytes)).toBe(false)
      expect(await rejectionCode(followed(store.restore(suite), second.message))).toMatch(/USED|OWN_MESSAGE/)
    }
  })

  it('skipped keys go when their messages come, and with their epoch', async () => {
    const [alice, bob] = await pair({ limits: { pastEpochs: 1 } })
    const skipped = await send(alice, 'skipped')
    const other = await send(skipped.state, 'other')
    const read = await send(other.state, 'read')
    const store = new Store()
    let state = await followed(bob, read.message)
    store.save(state)
    const material = (generation: number) => {
      const record = store.records.get(`ratchet/1/skipped/0/a/${generation}`)
      return record?.slice(0, 28)
    }
    const [zero, one] = [material(0), material(1)]
    if (zero === undefined || one === undefined) throw new Error('no skipped keys are stored')
    state = await followed(state, skipped.message)
    store.save(state)
    expect([store.holds(zero), store.holds(one)]).toEqual([false, true])
    let states = [read.state, state]
    for (let i = 0; i < 2; i++) {
      ;({ states } = await commitIn(states, 0))
      store.save(states[1] as mls.GroupState)
      if (i === 0) expect(await readBy(store.restore(suite), other.message)).toBe('other')
    }
    expect(store.holds(one)).toBe(false)
    expect([...store.records.keys()].filter((name) => name.includes('/1/'))).toEqual([])
  })

  it('secrets of an epoch that is over are not there any more', async () => {
    const [alice, bob] = await pair({ limits: { pastEpochs: 0, resumptionPsks: 0 } })
    const store = new Store()
    store.save(bob)
    const { states } = await commitIn([alice, bob], 0)
    const next = states[1] as mls.GroupState
    const kept = new Set(secretsIn(next).map(({ bytes }) => bytes.join()))
    const gone = secretsIn(bob).filter(({ bytes }) => !kept.has(bytes.join()))
    expect(gone.length).toBeGreaterThan(7)
    store.save(next)
    for (const { bytes } of gone) expect(store.holds(bytes)).toBe(false)
  })

  it('keys that a commit replaces are not there any more', async () => {
    const [alice] = await pair()
    const store = new Store()
    store.save(alice)
    const { state } = await mls.commit(alice, { nowMs })
    store.save(state)
    for (const { privateKey } of alice.own.privateKeys.values()) expect(store.holds(privateKey.bytes)).toBe(false)
    for (const { privateKey } of state.own.privateKeys.values()) expect(store.holds(privateKey.bytes)).toBe(true)
  })
})
