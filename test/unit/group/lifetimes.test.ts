// Lifetimes that pass between a proposal, its commit and its arrival (RFC 9420 §7.2, §7.3).
import { describe, expect, it } from 'vitest'
import * as mls from '../../../src/mls.ts'
import { rejectionCode } from '../../support/errors.ts'
import { agreement, followed, keyPackageOf, nowMs, pair } from './group-fixtures.ts'

const monthsLater = nowMs + 90 * 86_400_000
const patient: mls.GroupPolicy = { checkLifetimesWhenReceived: false }

describe('a member who was away for longer than key packages live', () => {
  it('follows what it missed, if its policy lets it', async () => {
    const [alice, bob] = await pair()
    const proposed = await mls.propose(alice, mls.addProposal((await keyPackageOf('carol')).keyPackage), { nowMs })
    const committed = await mls.commit(proposed.state, { nowMs })
    const late = { nowMs: monthsLater }
    expect(await rejectionCode(mls.processMessage(bob, proposed.message, late))).toBe('LEAF_LIFETIME')
    const heard = await mls.processMessage(bob, proposed.message, { ...late, policy: patient })
    const caughtUp = await mls.processMessage(heard.state, committed.message, { ...late, policy: patient })
    expect(caughtUp).toMatchObject({ kind: 'commit', added: [2] })
    expect(agreement([caughtUp.state, committed.state])).toBe(1)
  })

  it('does so for key packages in the commit itself, too', async () => {
    const [alice, bob] = await pair()
    const proposals = [mls.addProposal((await keyPackageOf('carol')).keyPackage)]
    const { message } = await mls.commit(alice, { nowMs, proposals })
    expect(await rejectionCode(mls.processMessage(bob, message, { nowMs: monthsLater }))).toBe('LEAF_LIFETIME')
    await mls.processMessage(bob, message, { nowMs: monthsLater, policy: patient })
  })

  it('still commits no key package that has expired', async () => {
    const [alice] = await pair()
    const proposals = [mls.addProposal((await keyPackageOf('carol')).keyPackage)]
    const committing = mls.commit(alice, { nowMs: monthsLater, policy: patient, proposals })
    expect(await rejectionCode(committing)).toBe('LEAF_LIFETIME')
  })

  it('still accepts no lifetime that is too long', async () => {
    const [alice, bob] = await pair()
    const carol = await keyPackageOf('carol', { lifetime: mls.lifetimeOfDays(nowMs, 1000) })
    const lenient = { maxLifetimeSeconds: 2n ** 64n }
    const proposals = [mls.addProposal(carol.keyPackage)]
    const { message } = await mls.commit(alice, { nowMs, policy: lenient, proposals })
    expect(await rejectionCode(mls.processMessage(bob, message, { nowMs, policy: patient }))).toBe('LEAF_LIFETIME')
  })
})

describe('a pending Add', () => {
  it('is left out of a commit once its key package has expired', async () => {
    const [alice, bob] = await pair()
    const proposed = await mls.propose(alice, mls.addProposal((await keyPackageOf('carol')).keyPackage), { nowMs })
    const late = await mls.commit(await followed(bob, proposed.message), { nowMs: monthsLater })
    expect(mls.groupMembers(late.state)).toHaveLength(2)
    expect(agreement([late.state, await followed(proposed.state, late.message)])).toBe(1)
  })
})
