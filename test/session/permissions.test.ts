// Who may do what changes by admins' commits alone: whoever receives another refuses it, with real MLS throughout.

import { beforeAll, expect, test } from 'vitest'
import { CoterieError } from '../../src/errors.ts'
import { commit } from '../../src/group/commit.ts'
import { processMessage } from '../../src/group/process-message.ts'
import { ProposalType } from '../../src/messages/code-points.ts'
import {
  DEFAULT_PERMISSIONS,
  type GroupProfile,
  groupProfileExtension,
  PERMISSIONS,
  type Permissions,
  readGroupProfile,
} from '../../src/session/group-profile.ts'
import { decodePendingIntent, encodePendingIntent } from '../../src/session/own-work.ts'
import { encodeCommitNote } from '../../src/session/requests.ts'
import { sessionPolicy } from '../../src/session/session-policy.ts'
import { Hand } from '../attacks/hand.ts'
import { Stage } from '../attacks/stage.ts'

const FREE: Permissions = { add: 'members', remove: 'members', rename: 'members', promote: 'members' }
const STRICT: Permissions = { add: 'admins', remove: 'admins', rename: 'admins', promote: 'admins' }

/** By the group's permissions. Ann is the only admin; cid judges what the others commit. */
const stages = new Map<Permissions, Stage>()

beforeAll(async () => {
  for (const permissions of [DEFAULT_PERMISSIONS, FREE, STRICT]) {
    const members = ['ann', 'bob', 'cid']
    stages.set(permissions, await Stage.open({ seed: 'permissions', members, admins: 1, permissions }))
  }
})

const RULES: readonly [what: string, permissions: Permissions][] = [
  ['by default', DEFAULT_PERMISSIONS],
  ['where members may do everything', FREE],
  ['where admins alone may do anything', STRICT],
]

test.each(RULES)('an admin changes who may do what: %s', async (_, permissions) => {
  for (const name of PERMISSIONS) {
    expect(
      await attempt(permissions, 'ann', (profile) => ({ ...profile, permissions: flipped(permissions, name) })),
    ).toBe('taken')
  }
})

test.each(RULES)('a member who is no admin does not: %s', async (_, permissions) => {
  for (const name of PERMISSIONS) {
    const change = (profile: GroupProfile): GroupProfile => ({ ...profile, permissions: flipped(permissions, name) })
    expect(await attempt(permissions, 'bob', change)).toBe('GROUP_NOT_PERMITTED')
  }
})

test('nor by making itself an admin in the same commit, where it may do that', async () => {
  const admins = (profile: GroupProfile): GroupProfile => ({ ...profile, admins: [...profile.admins, identityOfBob()] })
  expect(await attempt(FREE, 'bob', admins)).toBe('taken')
  const both = (profile: GroupProfile): GroupProfile => ({ ...admins(profile), permissions: STRICT })
  expect(await attempt(FREE, 'bob', both)).toBe('GROUP_NOT_PERMITTED')
})

test('a session tells of a change, keeps two at once, and refuses the wish of who is no admin', async () => {
  const stage = await Stage.open({ seed: 'wishes', members: ['ann', 'bob', 'cid'], admins: 2 })
  const [ann, bob, cid] = stage.cast('ann', 'bob', 'cid')
  await expect(stage.submit(cid, { kind: 'permit', permissions: { add: 'admins' } })).rejects.toMatchObject({
    code: 'GROUP_NOT_PERMITTED',
  })
  // Neither has heard of the other's commit when it makes its own.
  await stage.submit(ann, { kind: 'permit', permissions: { add: 'admins' } })
  await stage.submit(bob, { kind: 'permit', permissions: { rename: 'admins' } })
  await stage.run(60_000)
  for (const { here, told } of [ann, bob, cid].map((actor) => ({
    here: actor.here,
    told: actor.told('permissions'),
  }))) {
    expect(here.profile.permissions).toEqual({ ...STRICT })
    expect(told.at(-1)?.permissions).toEqual({ ...STRICT })
  }
  await expect(stage.submit(cid, { kind: 'rename', name: 'cid was here' })).rejects.toMatchObject({
    code: 'GROUP_NOT_PERMITTED',
  })
})

test('a wish on disk says what it said, and no more', () => {
  for (const permissions of [{}, { add: 'members' }, { remove: 'members', promote: 'admins' }, STRICT] as const) {
    const pending = { number: 7n, queued: true, intent: { kind: 'permit', permissions } } as const
    expect(decodePendingIntent(encodePendingIntent(pending))).toEqual(pending)
  }
  const bytes = encodePendingIntent({ number: 7n, queued: true, intent: { kind: 'permit', permissions: STRICT } })
  bytes.set([2], bytes.length - 1)
  expect(() => decodePendingIntent(bytes)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }))
})

/** @returns what cid makes of a commit that was made without any policy */
async function attempt(
  permissions: Permissions,
  by: 'ann' | 'bob',
  change: (profile: GroupProfile) => GroupProfile,
): Promise<string> {
  const stage = stages.get(permissions) ?? raise('there are three')
  const [committer, judge] = stage.cast(by, 'cid')
  const { state } = Hand.of(committer, stage.nowMs)
  const profile = change(readGroupProfile(state.groupContext.extensions))
  const { message } = await commit(state, {
    nowMs: stage.nowMs,
    proposals: [{ proposalType: ProposalType.groupContextExtensions, extensions: [groupProfileExtension(profile)] }],
    wireFormat: 'public',
    authenticatedData: encodeCommitNote({ statement: 9n, leaves: [] }),
  })
  try {
    const judging = { nowMs: stage.nowMs, policy: sessionPolicy(judge.wire) }
    await processMessage(Hand.of(judge, stage.nowMs).state, message, judging)
    return 'taken'
  } catch (error) {
    return CoterieError.is(error) ? error.code : String(error)
  }
}

function flipped(permissions: Permissions, name: keyof Permissions): Permissions {
  return { ...permissions, [name]: permissions[name] === 'admins' ? 'members' : 'admins' }
}

function identityOfBob(): string {
  const [bob] = stages.get(FREE)?.cast('bob') ?? []
  return bob?.own.identity ?? raise('bob is there')
}

function raise(what: string): never {
  throw new Error(what)
}
