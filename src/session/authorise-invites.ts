// What a commit may make of a group's invites, and whom it may add by them (spec/invite.md): a pure function of the invites
// before and after, and of whom the commit adds. Whether one has expired is no part of it: receivers have other clocks.

import { equalBytes } from '../bytes.ts'
import { fail } from '../errors.ts'
import { type GroupInvite, inviteKey, isOver } from './group-invites.ts'

/** Who commits what. */
export interface InviteJudgement {
  /** The committer's. */
  readonly identity: string
  readonly admin: boolean
  /** Whether the committer may add whom it likes. */
  readonly mayAdd: boolean
  /** The marks of those whom the commit adds and who were not in the group. */
  readonly added: readonly string[]
}

/** @throws CoterieError `GROUP_NOT_PERMITTED` (peer) */
export function authoriseInvites(
  before: readonly GroupInvite[],
  after: readonly GroupInvite[],
  judgement: InviteJudgement,
): void {
  const { identity, admin, mayAdd, added } = judgement
  const known = new Map(before.map((invite) => [inviteKey(invite), invite] as const))
  const admitted: string[] = []
  for (const invite of after) {
    const was = known.get(inviteKey(invite))
    known.delete(inviteKey(invite))
    if (was === undefined) {
      if (!mayAdd) fail('GROUP_NOT_PERMITTED', 'only admins may make invites')
      if (invite.createdBy !== identity) fail('GROUP_NOT_PERMITTED', 'an invite in the name of somebody else')
      if (invite.revoked || invite.admitted.length > 0) {
        fail('GROUP_NOT_PERMITTED', 'a new invite that has been used or revoked')
      }
    } else admitted.push(...newlyAdmitted(was, invite, judgement))
  }
  for (const gone of known.values()) {
    if (!isOver(gone) && !mayRevoke(gone, identity, admin)) {
      fail('GROUP_NOT_PERMITTED', 'an invite that lets people in is dropped by its creator or an admin')
    }
  }
  const distinct = new Set(admitted)
  if (distinct.size < admitted.length || admitted.some((mark) => !added.includes(mark))) {
    fail('GROUP_NOT_PERMITTED', 'a use of an invite that lets nobody in')
  }
  if (!mayAdd && added.some((mark) => !distinct.has(mark))) {
    fail('GROUP_NOT_PERMITTED', 'only admins may add members without an invite')
  }
}

/** Whether somebody may end an invite. */
export function mayRevoke({ createdBy }: GroupInvite, identity: string, admin: boolean): boolean {
  return admin || createdBy === identity
}

/** @returns the marks of those whom the commit lets in by an invite */
function newlyAdmitted(was: GroupInvite, is: GroupInvite, { identity, admin }: InviteJudgement): readonly string[] {
  const same =
    equalBytes(was.privateKey.bytes, is.privateKey.bytes) &&
    was.expiresAt === is.expiresAt &&
    was.uses === is.uses &&
    was.approve === is.approve &&
    was.createdBy === is.createdBy
  if (!same) fail('GROUP_NOT_PERMITTED', 'an invite does not change but for its uses')
  if (was.revoked && !is.revoked) fail('GROUP_NOT_PERMITTED', 'what was revoked stays revoked')
  if (!was.revoked && is.revoked && !mayRevoke(was, identity, admin)) {
    fail('GROUP_NOT_PERMITTED', 'an invite is revoked by its creator or an admin')
  }
  if (was.admitted.some((mark, at) => is.admitted[at] !== mark)) {
    fail('GROUP_NOT_PERMITTED', 'an invite forgets nobody whom it has let in')
  }
  const admitted = is.admitted.slice(was.admitted.length)
  if (admitted.length > 0 && was.revoked) fail('GROUP_NOT_PERMITTED', 'nobody comes in by an invite that was revoked')
  if (admitted.length > 0 && was.approve && !admin) {
    fail('GROUP_NOT_PERMITTED', 'an admin has to approve who comes in by this invite')
  }
  return admitted
}
