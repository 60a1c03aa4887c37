// What members may make of a group's invites, and whom they may add by them: every commit that goes further is refused by
// whoever receives it, with real MLS throughout.

import { beforeAll, expect, test } from 'vitest'
import { Secret } from '../../src/crypto/secret.ts'
import { CoterieError } from '../../src/errors.ts'
import { commit } from '../../src/group/commit.ts'
import { createKeyPackage, lifetimeOfDays } from '../../src/group/key-packages.ts'
import { processMessage } from '../../src/group/process-message.ts'
import type { GroupState } from '../../src/group/state.ts'
import { ProposalType } from '../../src/messages/code-points.ts'
import type { KeyPackage } from '../../src/messages/key-package.ts'
import { admissionMark, type GroupInvite } from '../../src/session/group-invites.ts'
import {
  DEFAULT_PERMISSIONS,
  type GroupProfile,
  groupProfileExtension,
  type Permission,
  readGroupProfile,
} from '../../src/session/group-profile.ts'
import { encodeCommitNote } from '../../src/session/requests.ts'
import { sessionPolicy } from '../../src/session/session-policy.ts'
import type { Actor } from '../attacks/actor.ts'
import { Hand } from '../attacks/hand.ts'
import { Stage } from '../attacks/stage.ts'

let stage: Stage
/** Ann is the only admin; cid judges what the other two commit. */
let [ann, bob, cid, dee, eve]: Actor[] = []
/** Fresh ones of those who come by invites. */
let fresh: readonly [KeyPackage, KeyPackage]
/** By who may add. */
const arranged = new Map<Permission, ReadonlyMap<string, GroupState>>()

beforeAll(async () => {
  const names = ['ann', 'bob', 'cid']
  stage = await Stage.open({ seed: 'invites', members: names, others: ['dee', 'eve'], admins: 1 })
  ;[ann, bob, cid, dee, eve] = stage.cast('ann', 'bob', 'cid', 'dee', 'eve')
  fresh = (await Promise.all([dee, eve].map((actor) => keyPackageOf(here(actor))))) as [KeyPackage, KeyPackage]
  for (const add of ['members', 'admins'] as const) arranged.set(add, await arrange(add))
})

const OPEN = 1
const APPROVE = 2
const REVOKED = 3
const USED = 4
const OF_BOB = 5

test.each<[what: string, add: Permission, by: 'ann' | 'bob', change: Change, adds: readonly number[]]>([
  ['an admin makes an invite', 'admins', 'ann', (to) => to.make(9, 'ann'), []],
  ['a member makes an invite where members may add', 'members', 'bob', (to) => to.make(9, 'bob'), []],
  ['an admin lets somebody in', 'admins', 'ann', (to) => to.admit(OPEN, 0), [0]],
  ['a member lets somebody in where only admins may add', 'admins', 'bob', (to) => to.admit(OPEN, 0), [0]],
  ['a member lets two in at once', 'admins', 'bob', (to) => to.admit(OPEN, 0, 1), [0, 1]],
  [
    'a member lets two in by two invites',
    'admins',
    'bob',
    (to) => [...to.admit(OPEN, 0), ...to.admit(OF_BOB, 1)],
    [0, 1],
  ],
  ['an admin lets in whom it has approved', 'admins', 'ann', (to) => to.admit(APPROVE, 0), [0]],
  ['an admin adds by a card beside an invite', 'admins', 'ann', (to) => to.admit(OPEN, 0), [0, 1]],
  ['a member adds by a card where members may add', 'members', 'bob', () => [], [0]],
  ['an admin revokes an invite of a member', 'admins', 'ann', (to) => to.set(OF_BOB, { revoked: true }), []],
  ['a member revokes its own', 'admins', 'bob', (to) => to.set(OF_BOB, { revoked: true }), []],
  ['a member drops a used-up one of somebody else', 'admins', 'bob', (to) => to.drop(USED), []],
  ['a member drops a revoked one of somebody else', 'admins', 'bob', (to) => to.drop(REVOKED), []],
  ['a member drops its own', 'admins', 'bob', (to) => to.drop(OF_BOB), []],
  ['an admin drops any', 'admins', 'ann', (to) => to.drop(OF_BOB, OPEN), []],
])('permitted: %s', async (_, add, by, change, adds) => {
  expect(await attempt(add, by, change, adds)).toBe('taken')
})

test.each<[what: string, add: Permission, by: 'ann' | 'bob', change: Change, adds: readonly number[]]>([
  ['a member makes an invite where only admins may add', 'admins', 'bob', (to) => to.make(9, 'bob'), []],
  ['an invite in the name of somebody else', 'members', 'bob', (to) => to.make(9, 'ann'), []],
  [
    'a new invite that says it let somebody in',
    'members',
    'bob',
    (to) => to.make(9, 'bob', { admitted: ['00'.repeat(8)] }),
    [],
  ],
  ['a new invite that is revoked', 'members', 'bob', (to) => to.make(9, 'bob', { revoked: true }), []],
  ['a member adds without an invite where only admins may', 'admins', 'bob', () => [], [0]],
  ['a member adds one more than it lets in', 'admins', 'bob', (to) => to.admit(OPEN, 0), [0, 1]],
  ['one use for somebody who is not added', 'admins', 'ann', (to) => to.admit(OPEN, 0), []],
  ['one use for somebody else than who is added', 'admins', 'ann', (to) => to.admit(OPEN, 1), [0]],
  ['the same newcomer by two invites', 'admins', 'ann', (to) => [...to.admit(OPEN, 0), ...to.admit(OF_BOB, 0)], [0]],
  ['the same newcomer twice by one invite', 'admins', 'ann', (to) => to.admit(OPEN, 0, 0), [0]],
  ['by an invite that was revoked', 'admins', 'ann', (to) => to.admit(REVOKED, 0), [0]],
  ['by an invite that is used up', 'admins', 'ann', (to) => to.admit(USED, 0), [0]],
  [
    'three by an invite for two',
    'admins',
    'ann',
    (to) => to.set(OPEN, { admitted: ['00', '11', '22'].map((one) => one.repeat(8)) }),
    [],
  ],
  ['without approval by an admin', 'admins', 'bob', (to) => to.admit(APPROVE, 0), [0]],
  ['without approval, where members may add', 'members', 'bob', (to) => to.admit(APPROVE, 0), [0]],
  ['more uses than were said', 'admins', 'ann', (to) => to.set(OPEN, { uses: 3 }), []],
  ['fewer uses than were said', 'admins', 'ann', (to) => to.set(OPEN, { uses: 1 }), []],
  ['a use that is forgotten', 'admins', 'ann', (to) => to.set(USED, { admitted: [] }), []],
  ['a use that becomes somebody else’s', 'admins', 'ann', (to) => to.set(USED, { admitted: ['22'.repeat(8)] }), []],
  ['a revoked one that comes back', 'admins', 'ann', (to) => to.set(REVOKED, { revoked: false }), []],
  ['approval that is no longer needed', 'admins', 'ann', (to) => to.set(APPROVE, { approve: false }), []],
  ['a longer life', 'admins', 'ann', (to) => to.set(OPEN, { expiresAt: 9_999_999_999n }), []],
  ['another key', 'admins', 'ann', (to) => to.set(OPEN, { privateKey: secret(77) }), []],
  ['another creator', 'admins', 'ann', (to) => to.set(OPEN, { createdBy: 'did:key:z6MkNobody' }), []],
  ['a member revokes somebody else’s', 'members', 'bob', (to) => to.set(OPEN, { revoked: true }), []],
  ['a member drops somebody else’s that is still good', 'members', 'bob', (to) => to.drop(OPEN), []],
])('refused: %s', async (_, add, by, change, adds) => {
  expect(await attempt(add, by, change, adds)).toMatch(/^GROUP_(NOT_PERMITTED|PROFILE_MALFORMED)$/)
})

type Change = (to: Changes) => readonly Step[]
type Step = (invites: readonly GroupInvite[]) => readonly GroupInvite[]

/** How the list of invites can be changed; invites are known by the byte that fills their seeds. */
class Changes {
  make(fill: number, by: 'ann' | 'bob', change: Partial<GroupInvite> = {}): Step[] {
    return [(invites) => [...invites, { ...invite(fill, here(by === 'ann' ? ann : bob).own.identity), ...change }]]
  }

  set(fill: number, change: Partial<GroupInvite>): Step[] {
    return [(invites) => invites.map((one) => (isOf(fill, one) ? { ...one, ...change } : one))]
  }

  drop(...fills: readonly number[]): Step[] {
    return [(invites) => invites.filter((one) => !fills.some((fill) => isOf(fill, one)))]
  }

  /** @param newcomers - which of the fresh key packages */
  admit(fill: number, ...newcomers: readonly number[]): Step[] {
    const marks = newcomers.map((at) => admissionMark(here(ann).wire, packageAt(at)))
    const admit = (one: GroupInvite): GroupInvite => ({ ...one, admitted: [...one.admitted, ...marks] })
    return [(invites) => invites.map((one) => (isOf(fill, one) ? admit(one) : one))]
  }
}

/** @returns what cid makes of a commit that was made without any policy */
async function attempt(add: Permission, by: 'ann' | 'bob', change: Change, adds: readonly number[]): Promise<string> {
  const committer = stateOf(add, by)
  const profile = readGroupProfile(committer.groupContext.extensions)
  const invites = change(new Changes()).reduce((before, step) => step(before), profile.invites)
  const { message } = await commit(committer, {
    nowMs: stage.nowMs,
    proposals: [
      ...adds.map((at) => ({ proposalType: ProposalType.add, keyPackage: packageAt(at) })),
      ...profileChange({ ...profile, invites }),
    ],
    wireFormat: 'public',
    authenticatedData: encodeCommitNote({ statement: 9n, leaves: [] }),
  })
  try {
    await processMessage(stateOf(add, 'cid'), message, { nowMs: stage.nowMs, policy: sessionPolicy(here(cid).wire) })
    return 'taken'
  } catch (error) {
    return CoterieError.is(error) ? error.code : String(error)
  }
}

/** The states of all three in a group with invites of every kind. */
async function arrange(add: Permission): Promise<ReadonlyMap<string, GroupState>> {
  const before = [ann, bob, cid].map((actor) => Hand.of(here(actor), stage.nowMs).state)
  const [founder, ...others] = before as [GroupState, ...GroupState[]]
  const [byAnn, byBob] = [here(ann).own.identity, here(bob).own.identity]
  const invites: readonly GroupInvite[] = [
    { ...invite(OPEN, byAnn), uses: 2 },
    { ...invite(APPROVE, byAnn), approve: true },
    { ...invite(REVOKED, byAnn), revoked: true },
    { ...invite(USED, byAnn), admitted: ['11'.repeat(8)] },
    invite(OF_BOB, byBob),
  ]
  const profile = readGroupProfile(founder.groupContext.extensions)
  const made = await commit(founder, {
    nowMs: stage.nowMs,
    proposals: profileChange({ ...profile, permissions: { ...DEFAULT_PERMISSIONS, add }, invites }),
    wireFormat: 'public',
    authenticatedData: encodeCommitNote({ statement: 8n, leaves: [] }),
  })
  const states = new Map([['ann', made.state]])
  for (const [i, state] of others.entries()) {
    const processed = await processMessage(state, made.message, { nowMs: stage.nowMs })
    if (processed.kind !== 'commit') throw new Error('this is a commit')
    states.set(['bob', 'cid'][i] ?? '', processed.state)
  }
  return states
}

function invite(fill: number, createdBy: string): GroupInvite {
  return {
    ...{ topicSeed: secret(fill), privateKey: secret(fill + 100), expiresAt: 1_800_000_000n, uses: 1, createdBy },
    ...{ approve: false, revoked: false, admitted: [] },
  }
}

function profileChange(profile: GroupProfile) {
  return [{ proposalType: ProposalType.groupContextExtensions, extensions: [groupProfileExtension(profile)] }]
}

async function keyPackageOf({ suite, own }: Actor): Promise<KeyPackage> {
  const { keyPackage } = await createKeyPackage(suite, { ...own.leaf, lifetime: lifetimeOfDays(stage.nowMs, 30) })
  return keyPackage
}

function secret(fill: number): Secret {
  return new Secret(new Uint8Array(32).fill(fill))
}

function isOf(fill: number, { topicSeed }: GroupInvite): boolean {
  return topicSeed.bytes[0] === fill
}

function packageAt(at: number): KeyPackage {
  return fresh[at] ?? raise('there are two')
}

function stateOf(add: Permission, name: string): GroupState {
  return arranged.get(add)?.get(name) ?? raise('there are three')
}

function here(actor: Actor | undefined): Actor {
  return actor ?? raise('the stage is not set')
}

function raise(what: string): never {
  throw new Error(what)
}
