// What a state keeps of epochs that are over (RFC 9420 §8.6, §15.3): message keys with that epoch's tree, resumption PSKs.
import { describe, expect, it } from 'vitest'
import * as mls from '../../../src/mls.ts'
import { rejectionCode, rejectionOf } from '../../support/errors.ts'
import { commitIn, followed, nowMs, pair, readBy, send, trio } from './group-fixtures.ts'

describe('messages of past epochs', () => {
  it('are read as long as their epoch is kept, and not longer', async () => {
    let states: mls.GroupState[] = await pair({ limits: { pastEpochs: 2 } })
    const sent: Uint8Array[] = []
    for (let i = 0; i < 4; i++) {
      sent.push((await send(states[0] as mls.GroupState, `in epoch ${i + 1}`)).message)
      ;({ states } = await commitIn(states, 1))
    }
    const [, bob] = states as [mls.GroupState, mls.GroupState]
    expect(bob.pastEpochs.map(({ groupContext }) => groupContext.epoch)).toEqual([4n, 3n])
    expect(await readBy(bob, sent[3] as Uint8Array)).toBe('in epoch 4')
    expect(await readBy(bob, sent[2] as Uint8Array)).toBe('in epoch 3')
    for (const tooOld of [sent[1], sent[0]]) {
      const error = await rejectionOf(followed(bob, tooOld as Uint8Array))
      expect(error).toMatchObject({ code: 'GROUP_EPOCH_PAST', retryable: false })
    }
  })

  it('are not kept at all where the limit is 0', async () => {
    const states = await pair({ limits: { pastEpochs: 0 } })
    const late = await send(states[0], 'late')
    const { states: next } = await commitIn(states, 1)
    expect(await rejectionCode(followed(next[1] as mls.GroupState, late.message))).toBe('GROUP_EPOCH_PAST')
  })

  it('show the sender as it was then', async () => {
    const [alice, bob, carol] = await trio()
    const late = await send(alice, 'from alice')
    const { states } = await commitIn([alice, bob, carol], 1, { proposals: [mls.removeProposal(0)] })
    const processed = await mls.processMessage(states[2] as mls.GroupState, late.message, { nowMs })
    expect(processed).toMatchObject({ kind: 'application', epoch: 1n, sender: { leafIndex: 0 } })
    if (processed.kind !== 'application') throw new Error('not application data')
    expect(processed.sender.leafNode).toEqual(mls.memberAt(carol, 0))
    expect(mls.memberAt(processed.state, 0)).toBeUndefined()
  })

  it('use up their keys there, and change nothing else', async () => {
    const states = await pair()
    const late = await send(states[0], 'once')
    const { states: next } = await commitIn(states, 1)
    const bob = next[1] as mls.GroupState
    const read = await followed(bob, late.message)
    expect(await rejectionCode(followed(read, late.message))).toBe('FRAMING_GENERATION_USED')
    expect(read.secretTree).toBe(bob.secretTree)
    expect(read.groupContext).toBe(bob.groupContext)
    expect(await readBy(bob, late.message)).toBe('once')
  })

  it('are told from handshakes, which are never taken late', async () => {
    const states = await pair()
    const late = await mls.commit(states[0], { nowMs })
    const { states: next } = await commitIn(states, 1)
    const error = await rejectionOf(followed(next[1] as mls.GroupState, late.message))
    expect(error).toMatchObject({ code: 'GROUP_EPOCH_PAST' })
  })

  it('of an epoch to come are to be tried again', async () => {
    const states = await pair()
    const { states: next } = await commitIn(states, 0)
    const early = await send(next[0] as mls.GroupState, 'early')
    const commit = await mls.commit(next[0] as mls.GroupState, { nowMs })
    for (const message of [early.message, commit.message]) {
      const error = await rejectionOf(followed(states[1], message))
      expect(error).toMatchObject({ code: 'GROUP_EPOCH_AHEAD', retryable: true })
    }
  })

  it('come out of order within the window, and not beyond it', async () => {
    const [alice, bob] = await pair({ limits: { maxForward: 5, maxSkipped: 3 } })
    let sender = alice
    const sent: Uint8Array[] = []
    for (let i = 0; i < 7; i++) {
      const one = await send(sender, `${i}`)
      sender = one.state
      sent.push(one.message)
    }
    const at = (i: number) => sent[i] as Uint8Array
    expect(await rejectionCode(followed(bob, at(6)))).toBe('FRAMING_GENERATION_TOO_FAR')
    const ahead = await followed(bob, at(5))
    for (const kept of [2, 3, 4]) expect(await readBy(ahead, at(kept))).toBe(`${kept}`)
    for (const gone of [0, 1, 5]) expect(await rejectionCode(followed(ahead, at(gone)))).toBe('FRAMING_GENERATION_USED')
  })
})

describe('resumption PSKs', () => {
  it('of as many epochs as the limit says are found without being asked for', async () => {
    let states: mls.GroupState[] = await pair({ limits: { resumptionPsks: 2 } })
    for (let i = 0; i < 4; i++) ({ states } = await commitIn(states, i % 2))
    const [alice, bob] = states as [mls.GroupState, mls.GroupState]
    expect(alice.resumptionPsks.map(({ epoch }) => epoch)).toEqual([5n, 4n, 3n])
    const using = (epoch: bigint) =>
      mls.commit(alice, {
        nowMs,
        proposals: [mls.preSharedKeyProposal(mls.resumptionPskId(alice.suite, mls.groupId(alice), epoch))],
      })
    for (const epoch of [5n, 4n, 3n]) {
      const { state, message } = await using(epoch)
      expect(mls.epochAuthenticator(await followed(bob, message))).toEqual(mls.epochAuthenticator(state))
    }
    expect(await rejectionOf(using(2n))).toMatchObject({ code: 'PSK_UNKNOWN', retryable: true })
  })

  it('that a receiver no longer keeps come from its lookup', async () => {
    const [alice, bob] = await pair({ limits: { resumptionPsks: 1 } })
    let states: mls.GroupState[] = [alice, bob]
    for (let i = 0; i < 3; i++) ({ states } = await commitIn(states, 0))
    const old = mls.resumptionPskId(alice.suite, mls.groupId(alice), 1n)
    const [sender, receiver] = states as [mls.GroupState, mls.GroupState]
    const lookup = mls.knownPsks({ groups: [alice] })
    const asked: mls.PreSharedKeyId[] = []
    const psks: mls.PskLookup = (id) => {
      asked.push(id)
      return lookup(id)
    }
    const proposals = [mls.preSharedKeyProposal(old)]
    const { state, message } = await mls.commit(sender, { nowMs, proposals, psks })
    const next = await mls.processMessage(receiver, message, { nowMs, psks })
    expect(mls.epochAuthenticator(next.state)).toEqual(mls.epochAuthenticator(state))
    expect(asked).toEqual([old, old])
    expect(await rejectionCode(followed(receiver, message))).toBe('PSK_UNKNOWN')
  })
})
