// A state is a value: whatever is done with it, it stays what it was and can be used again, and the same input gives the
// same result.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import * as mls from '../../../src/mls.ts'
import { rejectionCode } from '../../support/errors.ts'
import { deepFreeze, fingerprint } from '../../support/state-walk.ts'
import { agreement, client, followed, keyPackageOf, nowMs, readBy, send, suite, trio } from './group-fixtures.ts'

/** A group with a history: past epochs, messages under way, a pending proposal of each kind. */
async function livedIn(): Promise<{ states: [mls.GroupState, mls.GroupState, mls.GroupState]; late: Uint8Array }> {
  let [alice, bob, carol] = await trio()
  const first = await send(alice, 'first')
  alice = (await send(first.state, 'second')).state
  bob = await followed(bob, first.message)
  const late = await send(bob, 'late')
  const commit = await mls.commit(carol, { nowMs })
  ;[alice, bob, carol] = [
    await followed(alice, commit.message),
    await followed(late.state, commit.message),
    commit.state,
  ]
  const update = await mls.proposeUpdate(bob, { nowMs })
  bob = update.state
  return {
    states: [await followed(alice, update.message), bob, await followed(carol, update.message)],
    late: late.message,
  }
}

/** Does everything that can be done with a state, and fails where something does not work. */
async function useUp(
  states: readonly [mls.GroupState, mls.GroupState, mls.GroupState],
  late: Uint8Array,
): Promise<void> {
  const [alice, bob, carol] = states
  const dave = await keyPackageOf('dave')
  const commit = await mls.commit(alice, { nowMs, proposals: [mls.addProposal(dave.keyPackage)] })
  const others = await Promise.all([bob, carol].map((state) => followed(state, commit.message)))
  const joined = await mls.joinGroup(suite, commit.welcome as Uint8Array, [dave], { nowMs })
  expect(agreement([commit.state, ...others, joined])).toBe(1)
  const removal = await mls.commit(carol, { nowMs, proposals: [mls.removeProposal(0)], references: [] })
  expect((await followed(alice, removal.message)).status).toBe('removed')
  const proposal = await mls.propose(carol, mls.removeProposal(1), { nowMs })
  expect((await followed(alice, proposal.message)).proposals.size).toBe(2)
  const sent = await send(mls.discardProposals(carol), 'now')
  expect(await readBy(alice, sent.message)).toBe('now')
  expect(await readBy(alice, late)).toBe('late')
  const external = await mls.joinExternal(suite, await mls.createGroupInfo(bob), { ...(await client('erin')), nowMs })
  expect(mls.epoch(await followed(alice, external.message))).toBe(3n)
  const branch = await mls.branchGroup(alice, { ...(await client('alice')), nowMs, keyPackages: [] })
  expect(mls.epoch(branch.state)).toBe(1n)
  expect(mls.restoreState(suite, mls.stateRecords(alice).put).status).toBe('active')
  mls.exportSecret(alice, 'label', utf8('context'), 32)
  mls.exportRatchetTree(alice)
  expect(await rejectionCode(followed(alice, new Uint8Array(20)))).toBe('FRAMING_VERSION')
}

describe('a state', () => {
  it('is what it was, to the last byte, after everything that was done with it', async () => {
    const { states, late } = await livedIn()
    const before = states.map(fingerprint)
    await useUp(states, late)
    expect(states.map(fingerprint)).toEqual(before)
  })

  it('can be used in the same way again, and at the same time', async () => {
    const { states, late } = await livedIn()
    await useUp(states, late)
    await Promise.all([useUp(states, late), useUp(states, late)])
  })

  it('may be frozen through and through', async () => {
    const { states, late } = await livedIn()
    states.map(deepFreeze)
    expect(() => Object.assign(states[0].groupContext, { epoch: 9n })).toThrow(TypeError)
    await useUp(states, late)
  })

  it('leads to siblings that do not know of each other', async () => {
    const { states } = await livedIn()
    const [alice, bob, carol] = states
    const left = await mls.commit(alice, { nowMs })
    const right = await mls.commit(carol, { nowMs })
    const [bobLeft, bobRight] = [await followed(bob, left.message), await followed(bob, right.message)]
    expect(agreement([left.state, bobLeft, await followed(carol, left.message)])).toBe(1)
    expect(agreement([right.state, bobRight, await followed(alice, right.message)])).toBe(1)
    expect(agreement([left.state, right.state])).toBe(2)
    // Each goes on for itself.
    const next = await mls.commit(bobLeft, { nowMs })
    expect(agreement([next.state, await followed(left.state, next.message)])).toBe(1)
    expect(await rejectionCode(followed(right.state, next.message))).not.toBe('')
  })

  it('that committed can go on from the parent when the commit is not accepted', async () => {
    const [alice, bob] = await trio()
    const mine = await mls.commit(alice, { nowMs })
    const theirs = await mls.commit(bob, { nowMs })
    const next = await followed(mine.parent, theirs.message)
    expect(agreement([theirs.state, next])).toBe(1)
    // The parent does not have the key any more that the message was encrypted with, so it is not used twice.
    const again = await mls.commit(mine.parent, { nowMs })
    const generation = (state: mls.GroupState) =>
      [...mls.stateRecords(state).put.keys()].filter((n) => /^ratchet\/1\/.*\/0\/h/.test(n))
    expect(generation(mine.parent)).toEqual(['ratchet/1/ratchet/0/h'])
    expect(agreement([again.state, await followed(bob, again.message)])).toBe(1)
  })
})

describe('the same input', () => {
  it('processed twice gives the same state', async () => {
    const { states, late } = await livedIn()
    const [alice, bob, carol] = states
    const messages = [
      (await mls.commit(carol, { nowMs })).message,
      (await mls.commit(carol, { nowMs, wireFormat: 'public' })).message,
      (await mls.propose(bob, mls.removeProposal(2), { nowMs })).message,
      (await send(mls.discardProposals(carol), 'x')).message,
      late,
    ]
    for (const message of messages) {
      const [one, two] = await Promise.all([1, 2].map(() => mls.processMessage(alice, message, { nowMs })))
      if (one === undefined || two === undefined) throw new Error('nothing was processed')
      expect(fingerprint(one.state)).toBe(fingerprint(two.state))
      expect({ ...one, state: undefined }).toEqual({ ...two, state: undefined })
      const decoded = await mls.processMessage(alice, mls.decodeMlsMessage(message), { nowMs })
      expect(fingerprint(decoded.state)).toBe(fingerprint(one.state))
    }
  })

  it('joined with twice gives the same state', async () => {
    const [alice] = await trio()
    const dave = await keyPackageOf('dave')
    const { welcome } = await mls.commit(alice, { nowMs, proposals: [mls.addProposal(dave.keyPackage)] })
    const join = () => mls.joinGroup(suite, welcome as Uint8Array, [dave], { nowMs })
    const [one, two] = await Promise.all([join(), join()])
    if (one === undefined || two === undefined) throw new Error('nobody joined')
    expect(fingerprint(one)).toBe(fingerprint(two))
  })

  it('that fails, fails in the same way and changes nothing', async () => {
    const { states } = await livedIn()
    const [alice, , carol] = states
    const before = fingerprint(alice)
    const { message } = await mls.commit(carol, { nowMs })
    for (const at of [message.length - 1, message.length >> 1, 30]) {
      const broken = message.slice()
      broken[at] = (broken[at] as number) ^ 1
      const codes = await Promise.all([1, 2].map(() => rejectionCode(followed(alice, broken))))
      expect(new Set(codes).size).toBe(1)
    }
    expect(fingerprint(alice)).toBe(before)
  })
})
