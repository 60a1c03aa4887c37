// Groups that are over and members that are gone (RFC 9420 §11.2, §12.4.2): what they refuse, and what still works.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import * as mls from '../../../src/mls.ts'
import { codeOf, rejectionCode } from '../../support/errors.ts'
import { client, commitIn, followed, keyPackageOf, nowMs, pair, readBy, send, trio } from './group-fixtures.ts'

async function allOperations(state: mls.GroupState): Promise<string[]> {
  const { keyPackage } = await keyPackageOf('dave')
  return Promise.all(
    [
      mls.commit(state, { nowMs }),
      mls.propose(state, mls.addProposal(keyPackage), { nowMs }),
      mls.proposeUpdate(state, { nowMs }),
      mls.encryptMessage(state, utf8('x')),
      mls.createGroupInfo(state),
      mls.branchGroup(state, { ...(await client('alice')), nowMs, keyPackages: [] }),
    ].map((call) => rejectionCode(call)),
  )
}

describe('a removed member', () => {
  async function removal() {
    const [alice, bob, carol] = await trio()
    const late = await send(alice, 'in the last epoch')
    const { states, result } = await commitIn([alice, bob, carol], 0, { proposals: [mls.removeProposal(1)] })
    return { before: bob, removed: states[1] as mls.GroupState, alice: states[0] as mls.GroupState, late, result }
  }

  it('stays in its last epoch, and learns who removed it', async () => {
    const { before, removed, result } = await removal()
    expect(removed.status).toBe('removed')
    expect(mls.epoch(removed)).toBe(mls.epoch(before))
    const processed = await mls.processMessage(before, result.message, { nowMs })
    expect(processed).toMatchObject({ kind: 'commit', removed: [1], committer: { leafIndex: 0 } })
  })

  it('refuses to do anything', async () => {
    const { removed, late, result } = await removal()
    expect(new Set(await allOperations(removed))).toEqual(new Set(['GROUP_REMOVED']))
    expect(codeOf(() => mls.exportSecret(removed, 'x', utf8(''), 16))).toBe('GROUP_REMOVED')
    for (const message of [late.message, result.message]) {
      expect(await rejectionCode(followed(removed, message))).toBe('GROUP_REMOVED')
    }
  })

  it('still reads what was sent in epochs before its last', async () => {
    const [alice, bob, carol] = await trio()
    const late = await send(alice, 'before')
    const { states } = await commitIn([alice, bob, carol], 0)
    const { states: next } = await commitIn(states, 0, { proposals: [mls.removeProposal(1)] })
    expect(await readBy(next[1] as mls.GroupState, late.message)).toBe('before')
  })

  it('does not know the next epoch', async () => {
    const { removed, alice } = await removal()
    const { message } = await send(alice, 'without you')
    expect(await rejectionCode(followed(removed, message))).toBe('GROUP_EPOCH_AHEAD')
  })
})

describe('a frozen group', () => {
  async function frozen() {
    const [alice, bob] = await pair()
    const early = await send(bob, 'before the end')
    const reinit = mls.reinitProposal({ groupId: utf8('next'), cipherSuite: 1 })
    const { states, result } = await commitIn([alice, bob], 0, { proposals: [reinit] })
    return { states: states as [mls.GroupState, mls.GroupState], early, result, reinit }
  }

  it('knows the ReInit that froze it', async () => {
    const { states, reinit } = await frozen()
    for (const state of states) {
      expect(state.status).toBe('frozen')
      expect(state.reinit).toEqual(reinit)
      expect(mls.epoch(state)).toBe(2n)
    }
  })

  it('refuses to go on', async () => {
    const { states } = await frozen()
    expect(new Set(await allOperations(states[0]))).toEqual(new Set(['GROUP_FROZEN']))
  })

  it('refuses what others send in it, and reads what came before', async () => {
    const { states, early } = await frozen()
    const thawed = { ...states[1], status: 'active' } as const
    const messages = [
      (await mls.encryptMessage(thawed, utf8('x'))).message,
      (await mls.commit(thawed, { nowMs })).message,
      (await mls.proposeUpdate(thawed, { nowMs, wireFormat: 'public' })).message,
    ]
    for (const message of messages) expect(await rejectionCode(followed(states[0], message))).toBe('GROUP_FROZEN')
    expect(await readBy(states[0], early.message)).toBe('before the end')
  })

  it('still exports, and authenticates', async () => {
    const { states } = await frozen()
    const [one, two] = states.map((state) => mls.exportSecret(state, 'x', utf8('c'), 16).bytes)
    expect(one).toEqual(two)
  })
})

describe("one's own messages", () => {
  it('are refused: their effect is in the state that sending returned', async () => {
    const [alice] = await pair()
    const messages = [
      (await mls.encryptMessage(alice, utf8('x'))).message,
      (await mls.commit(alice, { nowMs })).message,
      (await mls.commit(alice, { nowMs, wireFormat: 'public' })).message,
      (await mls.proposeUpdate(alice, { nowMs })).message,
    ]
    for (const message of messages) expect(await rejectionCode(followed(alice, message))).toBe('GROUP_OWN_MESSAGE')
  })
})

describe('messages that are not for members', () => {
  it('are refused', async () => {
    const [alice] = await pair()
    const dave = await keyPackageOf('dave')
    const { welcome } = await mls.commit(alice, { nowMs, proposals: [mls.addProposal(dave.keyPackage)] })
    for (const message of [welcome as Uint8Array, await mls.createGroupInfo(alice), dave.message]) {
      expect(await rejectionCode(followed(alice, message))).toBe('FRAMING_WIRE_FORMAT')
    }
  })

  it('of another group too', async () => {
    const [[alice], [stranger]] = await Promise.all([pair(), pair()])
    const messages = [await send(stranger, 'x'), await mls.commit(stranger, { nowMs, wireFormat: 'public' })]
    for (const { message } of messages) expect(await rejectionCode(followed(alice, message))).toBe('GROUP_ID_MISMATCH')
  })
})
