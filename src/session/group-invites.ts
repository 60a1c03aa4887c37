// The invites of a group, as its profile holds them: the same for all members, who check what commits make of them
// (spec/invite.md).

import { EMPTY, fromHex, fromUtf8, toHex, utf8 } from '../bytes.ts'
import type { Decoder } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import { encodeKeyPackage, type KeyPackage } from '../messages/key-package.ts'
import { SEED_BYTES } from '../wire/invite.ts'

/** A way into the group for whoever has its link. */
export interface GroupInvite {
  /** 32 bytes; whoever has the link has them too. */
  readonly topicSeed: Secret
  /** The HPKE private key that opens requests, 32 bytes. */
  readonly privateKey: Secret
  /** In seconds since the Unix epoch. */
  readonly expiresAt: bigint
  /** How many it lets in: 1 to 1,000. */
  readonly uses: number
  /** Whom it has let in: see `admissionMark`. So a request serves once, whoever comes upon it later. */
  readonly admitted: readonly string[]
  /** Whether an admin decides. */
  readonly approve: boolean
  readonly revoked: boolean
  /** `did:key:…` */
  readonly createdBy: string
}

/** What an invite is known by inside a session. Never shown: it is what the link holds. */
export function inviteKey({ topicSeed }: Pick<GroupInvite, 'topicSeed'>): string {
  return toHex(topicSeed.bytes)
}

/** What an invite remembers of somebody whom it let in: 8 bytes of a hash of the key package, in hexadecimal. */
export function admissionMark(wire: CipherSuite, keyPackage: KeyPackage): string {
  return toHex(wire.hash.digest(encode(encodeKeyPackage, keyPackage)).subarray(0, MARK_BYTES))
}

/** How many it can still let in. */
export function usesLeft({ uses, admitted }: GroupInvite): number {
  return uses - admitted.length
}

/** Whether it lets nobody in any more, whatever the time. It stays until it has expired, so that requests are answered. */
export function isOver(invite: GroupInvite): boolean {
  return invite.revoked || usesLeft(invite) === 0
}

export function isExpired({ expiresAt }: GroupInvite, nowMs: number): boolean {
  return nowMs >= Number(expiresAt) * 1_000
}

export const encodeGroupInvite: Encoder<GroupInvite> = (writer, invite) => {
  writer.fixed(invite.topicSeed.bytes)
  writer.fixed(invite.privateKey.bytes)
  writer.uint64(invite.expiresAt)
  writer.uint32(invite.uses)
  writer.uint8((invite.approve ? FLAG_APPROVE : 0) | (invite.revoked ? FLAG_REVOKED : 0))
  writer.opaque(utf8(invite.createdBy))
  writer.vector(invite.admitted, (inner, mark) => inner.fixed(fromHex(mark) ?? EMPTY))
}

export const decodeGroupInvite: Decoder<GroupInvite> = (reader) => {
  const topicSeed = new Secret(reader.fixed(SEED_BYTES))
  const privateKey = new Secret(reader.fixed(SEED_BYTES))
  const expiresAt = reader.uint64()
  const uses = reader.uint32()
  const flags = reader.uint8()
  if (uses === 0 || uses > MAX_USES) fail('GROUP_PROFILE_MALFORMED', `an invite for ${uses} people`)
  if (flags > (FLAG_APPROVE | FLAG_REVOKED)) fail('GROUP_PROFILE_MALFORMED', 'an invite with unknown flags')
  const [approve, revoked] = [(flags & FLAG_APPROVE) !== 0, (flags & FLAG_REVOKED) !== 0]
  const createdBy = fromUtf8(reader.opaque())
  const admitted = reader.vector((inner) => toHex(inner.fixed(MARK_BYTES)))
  if (admitted.length > uses) fail('GROUP_PROFILE_MALFORMED', 'an invite that was used too often')
  return { topicSeed, privateKey, expiresAt, uses, approve, revoked, createdBy, admitted }
}

/** @throws CoterieError `GROUP_PROFILE_MALFORMED` (peer): too many, or one twice */
export function checkInvites(invites: readonly GroupInvite[]): void {
  if (invites.length > MAX_INVITES) fail('GROUP_PROFILE_MALFORMED', `a group with ${invites.length} invites`)
  if (new Set(invites.map(inviteKey)).size < invites.length) {
    fail('GROUP_PROFILE_MALFORMED', 'a group with the same invite twice')
  }
}

/** How many invites a group has at most, used-up and revoked ones that have not expired included. */
export const MAX_INVITES = 32
/** How many people an invite lets in at most. */
export const MAX_USES = 1_000
const MARK_BYTES = 8
const FLAG_APPROVE = 1
const FLAG_REVOKED = 2
