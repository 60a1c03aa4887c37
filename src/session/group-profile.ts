// What a group is called and who may do what in it: a GroupContext extension (spec/group-policy.md).

import { fromUtf8, utf8 } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import { Secret } from '../crypto/secret.ts'
import { CoterieError, fail } from '../errors.ts'
import { readDeviceCredential } from '../identity/device-credential.ts'
import { didKey } from '../identity/did-key.ts'
import { type Extension, findExtension } from '../messages/extension.ts'
import type { LeafNode } from '../messages/leaf-node.ts'
import { RENDEZVOUS_BYTES } from '../wire/topic.ts'
import { checkInvites, decodeGroupInvite, encodeGroupInvite, type GroupInvite } from './group-invites.ts'

/** The extension's type, from the range for private use (RFC 9420 §17.3). Members list it in their capabilities. */
export const GROUP_PROFILE_EXTENSION = 0xf0c1

/** Who may do something: any member, or those who are admins. */
export type Permission = 'members' | 'admins'

/** Who may do what: add members, remove them, change name and description, make admins. Admins alone change this. */
export interface Permissions {
  readonly add: Permission
  readonly remove: Permission
  readonly rename: Permission
  readonly promote: Permission
}

export interface GroupProfile {
  readonly name: string
  readonly description: string
  /** `did:key` names. */
  readonly admins: readonly string[]
  readonly permissions: Permissions
  /** 32 bytes, from which the group's topic follows. Known to members only. */
  readonly rendezvousSecret: Secret
  /** At most 32. */
  readonly invites: readonly GroupInvite[]
}

export const DEFAULT_PERMISSIONS: Permissions = {
  add: 'members',
  remove: 'admins',
  rename: 'members',
  promote: 'admins',
}

export function groupProfileExtension(profile: GroupProfile): Extension {
  return { extensionType: GROUP_PROFILE_EXTENSION, data: encode(encodeProfile, profile) }
}

/** @throws CoterieError `GROUP_PROFILE_MALFORMED` (peer), also where there is none */
export function readGroupProfile(extensions: readonly Extension[]): GroupProfile {
  const data = findExtension(extensions, GROUP_PROFILE_EXTENSION)
  if (data === undefined) fail('GROUP_PROFILE_MALFORMED', 'a group without a profile')
  try {
    return decode(decodeProfile, data)
  } catch (cause) {
    if (!CoterieError.is(cause) || cause.code === 'GROUP_PROFILE_MALFORMED') throw cause
    return fail('GROUP_PROFILE_MALFORMED', "a group's profile that cannot be read", { cause })
  }
}

/** The invites of a profile alone. Their secrets are shared: not to be wiped. @throws CoterieError `GROUP_PROFILE_MALFORMED` (peer) */
export function readGroupInvites(extensions: readonly Extension[]): readonly GroupInvite[] {
  const known = invitesOf.get(extensions)
  if (known !== undefined) return known
  const { invites } = readGroupProfile(extensions)
  invitesOf.set(extensions, invites)
  return invites
}

/** They are looked at with every message, and lists of extensions never change. */
const invitesOf = /* @__PURE__ */ new WeakMap<readonly Extension[], readonly GroupInvite[]>()

/** What is left out of a change stays as it is. */
export function changedPermissions(before: Permissions, change: Partial<Permissions>): Permissions {
  const { add = before.add, remove = before.remove, rename = before.rename, promote = before.promote } = change
  return { add, remove, rename, promote }
}

/** The identity of a member, whose certificate was verified when the leaf came in. */
export function identityOf(leafNode: LeafNode): string {
  const known = identities.get(leafNode)
  if (known !== undefined) return known
  const identity = didKey(readDeviceCredential(leafNode.credential).identityKey)
  identities.set(leafNode, identity)
  return identity
}

/** Leaves are looked at with every message, and never change. */
const identities = /* @__PURE__ */ new WeakMap<LeafNode, string>()

const encodeProfile: Encoder<GroupProfile> = (writer, profile) => {
  // Who has no invites writes what the first version could read.
  writer.uint8(profile.invites.length > 0 ? VERSION_WITH_INVITES : VERSION)
  writer.opaque(checkedText(profile.name, MAX_NAME_BYTES))
  writer.opaque(checkedText(profile.description, MAX_DESCRIPTION_BYTES))
  writer.vector(profile.admins, (inner, admin) => inner.opaque(utf8(admin)))
  for (const name of PERMISSIONS) writer.uint8(LEVELS.indexOf(profile.permissions[name]))
  writer.fixed(profile.rendezvousSecret.bytes)
  if (profile.invites.length > 0) writer.vector(profile.invites, encodeGroupInvite)
}

const decodeProfile: Decoder<GroupProfile> = (reader) => {
  const version = reader.uint8()
  if (version !== VERSION && version !== VERSION_WITH_INVITES) {
    fail('GROUP_PROFILE_MALFORMED', `unknown version ${version} of a group's profile`)
  }
  const text = (max: number): string => {
    const bytes = reader.opaque()
    if (bytes.length > max) fail('GROUP_PROFILE_MALFORMED', `a text of ${bytes.length} bytes in a group's profile`)
    return fromUtf8(bytes)
  }
  const level = (): Permission =>
    LEVELS[reader.uint8()] ?? fail('GROUP_PROFILE_MALFORMED', "an unknown permission in a group's profile")
  const profile = {
    name: text(MAX_NAME_BYTES),
    description: text(MAX_DESCRIPTION_BYTES),
    admins: reader.vector((inner) => fromUtf8(inner.opaque())),
    permissions: { add: level(), remove: level(), rename: level(), promote: level() },
    rendezvousSecret: new Secret(reader.fixed(RENDEZVOUS_BYTES)),
  }
  if (version === VERSION) return { ...profile, invites: [] }
  const invites = reader.vector(decodeGroupInvite)
  checkInvites(invites)
  return { ...profile, invites }
}

function checkedText(text: string, max: number): Uint8Array {
  const bytes = utf8(text)
  if (bytes.length > max) fail('ARGUMENT_INVALID', `a text of ${bytes.length} bytes; at most ${max} fit here`)
  return bytes
}

/** In the order in which they are encoded. */
export const PERMISSIONS: readonly (keyof Permissions)[] = ['add', 'remove', 'rename', 'promote']
/** By their numbers. */
export const LEVELS: readonly Permission[] = ['members', 'admins']
const VERSION = 1
const VERSION_WITH_INVITES = 2
const MAX_NAME_BYTES = 256
const MAX_DESCRIPTION_BYTES = 4_096
