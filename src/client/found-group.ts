// A new group as its founder begins it.

import type { CipherSuite } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { createGroup } from '../group/create-group.ts'
import { lifetimeOfDays } from '../group/key-packages.ts'
import type { GroupState } from '../group/state.ts'
import { changedPermissions, DEFAULT_PERMISSIONS, groupProfileExtension } from '../session/group-profile.ts'
import { sessionPolicy } from '../session/session-policy.ts'
import { RENDEZVOUS_BYTES } from '../wire/topic.ts'
import type { NewGroup } from './groups.ts'
import { leafOptions, type OwnIdentity } from './own-identity.ts'

/** Who founds a group, with which suites. */
export interface Founder {
  readonly suite: CipherSuite
  readonly wire: CipherSuite
  readonly own: OwnIdentity
}

/** A group of one. @throws CoterieError `ARGUMENT_INVALID` (caller): too long a name or description */
export function foundGroup(
  { suite, wire, own }: Founder,
  { name, description = '', permissions = {} }: NewGroup,
  nowMs: number,
): Promise<GroupState> {
  const profile = {
    name,
    description,
    admins: [own.identity],
    permissions: changedPermissions(DEFAULT_PERMISSIONS, permissions),
    rendezvousSecret: new Secret(wire.randomBytes(RENDEZVOUS_BYTES)),
    invites: [],
  }
  return createGroup(suite, {
    ...leafOptions(own.device, own.credential),
    lifetime: lifetimeOfDays(nowMs, LIFETIME_DAYS),
    groupExtensions: [groupProfileExtension(profile)],
    // The session keeps past epochs itself, as whole states.
    limits: { pastEpochs: 0 },
    policy: sessionPolicy(wire),
  })
}

/** A founder's leaf is replaced by its first commit. */
const LIFETIME_DAYS = 90
