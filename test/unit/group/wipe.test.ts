// Wiping a state: its secrets are gone from memory, and nothing that is still wanted breaks.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import * as mls from '../../../src/mls.ts'
import { codeOf, rejectionCode } from '../../support/errors.ts'
import { fingerprint, secretsIn } from '../../support/state-walk.ts'
import { agreement, commitIn, followed, nowMs, pair, readBy, send, suite, trio } from './group-fixtures.ts'

const livingSecrets = (state: mls.GroupState) => secretsIn(state).filter(({ wiped }) => !wiped)

describe('a wiped state', () => {
  it('holds no secret any more, and no memory that held one', async () => {
    const [alice] = await pair()
    const used = (await mls.proposeUpdate((await send(alice, 'x')).state, { nowMs })).state
    const memory = secretsIn(used).map(({ bytes }) => bytes)
    expect(memory.length).toBeGreaterThan(12)
    mls.wipeState(used, [])
    expect(livingSecrets(used)).toEqual([])
    for (const bytes of memory) expect(bytes.every((byte) => byte === 0)).toBe(true)
  })

  it('fails with CRYPTO_SECRET_WIPED, whatever is asked of it', async () => {
    const [alice, bob] = await pair()
    const messages = [
      (await send(bob, 'x')).message,
      (await mls.commit(bob, { nowMs })).message,
      (await mls.commit(bob, { nowMs, wireFormat: 'public' })).message,
    ]
    mls.wipeState(alice, [])
    const asynchronous = [
      send(alice, 'x'),
      mls.commit(alice, { nowMs }),
      mls.commit(alice, { nowMs, wireFormat: 'public' }),
      mls.proposeUpdate(alice, { nowMs }),
      mls.createGroupInfo(alice),
      ...messages.map((message) => followed(alice, message)),
    ]
    for (const call of asynchronous) expect(await rejectionCode(call)).toBe('CRYPTO_SECRET_WIPED')
    expect(codeOf(() => mls.exportSecret(alice, 'x', utf8(''), 16))).toBe('CRYPTO_SECRET_WIPED')
    expect(codeOf(() => mls.epochAuthenticator(alice))).toBe('CRYPTO_SECRET_WIPED')
    expect(codeOf(() => mls.stateRecords(alice))).toBe('CRYPTO_SECRET_WIPED')
  })

  it('still says what is public', async () => {
    const [alice] = await pair()
    mls.wipeState(alice, [])
    expect(mls.groupMembers(alice)).toHaveLength(2)
    expect(mls.epoch(alice)).toBe(1n)
    mls.exportRatchetTree(alice)
  })

  it('can be wiped again', async () => {
    const [alice] = await pair()
    mls.wipeState(alice, [])
    mls.wipeState(alice, [])
    expect(livingSecrets(alice)).toEqual([])
  })
})

describe('what is kept', () => {
  it('works after each state before it was wiped', async () => {
    let states: mls.GroupState[] = await trio()
    for (let round = 0; round < 6; round++) {
      const before = states
      const late = await send(states[round % 3] as mls.GroupState, `late ${round}`)
      const current = states.map((state, i) => (i === round % 3 ? late.state : state))
      ;({ states } = await commitIn(current, (round + 1) % 3))
      const prints = states.map(fingerprint)
      // The states before: both those that the commit was made from, and those before the message.
      for (const [i, state] of before.entries()) mls.wipeState(state, [states[i] as mls.GroupState])
      for (const [i, state] of current.entries()) mls.wipeState(state, [states[i] as mls.GroupState])
      expect(states.map(fingerprint)).toEqual(prints)
      expect(agreement(states)).toBe(1)
      const reader = states[(round + 2) % 3] as mls.GroupState
      expect(await readBy(reader, late.message)).toBe(`late ${round}`)
    }
  })

  it('is every state that is named, siblings too', async () => {
    const [alice, bob] = await pair()
    const [left, right] = await Promise.all([mls.commit(bob, { nowMs }), mls.commit(bob, { nowMs })])
    const siblings = [await followed(alice, left.message), await followed(alice, right.message)]
    mls.wipeState(alice, siblings)
    for (const [i, { state }] of [left, right].entries()) {
      const sent = await send(state, 'x')
      expect(await readBy(siblings[i] as mls.GroupState, sent.message)).toBe('x')
    }
    expect(await rejectionCode(mls.commit(alice, { nowMs }))).toBe('CRYPTO_SECRET_WIPED')
  })

  it('is the parent of a commit that was not accepted', async () => {
    const [alice, bob] = await pair()
    const mine = await mls.commit(alice, { nowMs })
    const theirs = await mls.commit(bob, { nowMs })
    mls.wipeState(mine.state, [mine.parent])
    mls.wipeState(alice, [mine.parent])
    expect(agreement([theirs.state, await followed(mine.parent, theirs.message)])).toBe(1)
  })

  it('keeps the keys of an own Update until it is committed, and after', async () => {
    const [alice, bob] = await pair()
    const signatureKeyPair = await suite.signature.generateKeyPair()
    const update = await mls.proposeUpdate(bob, { nowMs }, { signatureKeyPair })
    const commit = await mls.commit(await followed(alice, update.message), { nowMs })
    mls.wipeState(bob, [update.state])
    const next = await followed(update.state, commit.message)
    mls.wipeState(update.state, [next])
    expect(signatureKeyPair.privateKey.wiped).toBe(false)
    const sent = await send(next, 'with new keys')
    expect(await readBy(commit.state, sent.message)).toBe('with new keys')
    expect(bob.own.signatureKeyPair.privateKey.wiped).toBe(true)
  })

  it('keeps the keys that a restored state shares', async () => {
    const [alice, bob] = await pair()
    const restored = mls.restoreState(suite, mls.stateRecords(alice).put)
    const { states } = await commitIn([restored, bob], 1)
    mls.wipeState(restored, [states[0] as mls.GroupState])
    expect(agreement(states)).toBe(1)
    const psk = mls.preSharedKeyProposal(mls.resumptionPskId(suite, mls.groupId(bob), 1n))
    const { state, message } = await mls.commit(states[1] as mls.GroupState, { nowMs, proposals: [psk] })
    expect(agreement([state, await followed(states[0] as mls.GroupState, message)])).toBe(1)
  })
})

describe('forward secrecy in memory', () => {
  it('a message key is in no state that follows its use, wiped or not', async () => {
    const [alice, bob] = await pair()
    const sent = await send(alice, 'x')
    const holders = (state: mls.GroupState) => new Set(secretsIn(state).map(({ bytes }) => bytes.join()))
    for (const [before, next] of [
      [alice, sent.state],
      [bob, await followed(bob, sent.message)],
    ] as const) {
      // The encryption secret led to the key; so did every secret between it and the ratchet, and the ratchet's first.
      const [root] = [...mls.stateRecords(before).put].filter(([name]) => name.startsWith('ratchet/1/node/'))
      expect(root).toBeDefined()
      const encryptionSecret = root?.[1].subarray(0, 32).join() ?? ''
      expect(holders(before).has(encryptionSecret)).toBe(true)
      expect(holders(next).has(encryptionSecret)).toBe(false)
    }
  })

  it('what a commit derives on the way is wiped, so that only states hold secrets', async () => {
    const wiped: Uint8Array[] = []
    const [alice] = await pair()
    const counting = {
      ...suite,
      randomBytes: (length: number) => {
        const bytes = suite.randomBytes(length)
        if (length === suite.hash.length) wiped.push(bytes)
        return bytes
      },
    }
    const { state } = await mls.commit({ ...alice, suite: counting }, { nowMs })
    // The first path secret is the only Nh random bytes that a commit takes.
    expect(wiped).toHaveLength(1)
    expect(wiped[0]?.every((byte) => byte === 0)).toBe(true)
    expect(livingSecrets(state).length).toBeGreaterThan(0)
  })
})
