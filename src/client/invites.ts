// The invites of a group as the app sees them: made, shown as links, revoked.

import type { CipherSuite } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { fail } from '../errors.ts'
import { type GroupInvite, MAX_USES, usesLeft } from '../session/group-invites.ts'
import { inviteChannel, SEED_BYTES } from '../wire/invite.ts'
import { writeInviteLink } from '../wire/invite-link.ts'
import { BOOLEAN, COUNT, checkOptions } from './check-options.ts'
import type { OwnIdentity } from './own-identity.ts'

/** Whom an invite lets in. */
export interface InviteOptions {
  /** When it ends, or in how many milliseconds; at most 30 days from now on. Default a week. */
  readonly expires?: Date | number
  /** How many it lets in, 1 to 1,000. Default 1. */
  readonly uses?: number
  /** Whether an admin decides about each. Default false. */
  readonly approve?: boolean
}

/** A way into a group for whoever has its link. */
export class Invite {
  /** In hexadecimal. */
  readonly id: string
  /** A `coterie:` URL that fits in a QR code. It says who gives it away: this member. */
  readonly link: string
  /** How many it can still let in. */
  readonly uses: number
  readonly expiresAt: Date
  /** Whether an admin decides about each. */
  readonly approve: boolean
  /** Whether it was revoked. */
  readonly revoked: boolean
  /** The identity of the member who made it. */
  readonly createdBy: string
  readonly #revoke: () => Promise<void>

  /** Made by the group. */
  constructor(id: string, link: string, invite: GroupInvite, revoke: () => Promise<void>) {
    this.id = id
    this.link = link
    this.uses = usesLeft(invite)
    this.expiresAt = new Date(Number(invite.expiresAt) * 1_000)
    this.approve = invite.approve
    this.revoked = invite.revoked
    this.createdBy = invite.createdBy
    this.#revoke = revoke
  }

  /** From now on it lets nobody in. Its creator and admins may. @throws CoterieError `GROUP_NOT_PERMITTED`, `GROUP_REMOVED` */
  revoke(): Promise<void> {
    return this.#revoke()
  }
}

/** What a link is made from. */
export interface LinkSources {
  readonly wire: CipherSuite
  readonly own: OwnIdentity
  /** Where this client can be reached. */
  readonly addresses: readonly string[]
  readonly relays: readonly string[]
}

/** A new invite of this client's. @throws CoterieError `ARGUMENT_INVALID` (caller) */
export function newInvite(wire: CipherSuite, createdBy: string, options: InviteOptions, nowMs: number): GroupInvite {
  checkOptions('invite', options, {
    expires: {
      what: 'a Date, or a number of milliseconds from now on',
      holds: (value) => value instanceof Date || COUNT.holds(value),
    },
    uses: {
      what: `a whole number from 1 to ${MAX_USES}`,
      holds: (value) => COUNT.holds(value) && Number(value) <= MAX_USES,
    },
    approve: BOOLEAN,
  })
  const { expires = DEFAULT_MS, uses = 1, approve = false } = options
  const expiresAtMs = typeof expires === 'number' ? nowMs + expires : expires.getTime()
  if (!(expiresAtMs > nowMs && expiresAtMs <= nowMs + LONGEST_MS)) {
    fail('ARGUMENT_INVALID', 'an invite ends within 30 days from now')
  }
  return {
    topicSeed: new Secret(wire.randomBytes(SEED_BYTES)),
    privateKey: new Secret(wire.randomBytes(SEED_BYTES)),
    expiresAt: BigInt(Math.ceil(expiresAtMs / 1_000)),
    ...{ uses, approve, createdBy },
    revoked: false,
    admitted: [],
  }
}

/** An invite as its id and a link to it. */
export async function inviteLink(
  { wire, own, addresses, relays }: LinkSources,
  invite: GroupInvite,
  groupName: string,
): Promise<{ id: string; link: string }> {
  const { topicSeed, privateKey, expiresAt, approve } = invite
  const { publicKey } = await wire.kem.importPrivateKey(privateKey.bytes)
  const { topic } = await inviteChannel(wire, topicSeed.bytes)
  const elsewhere = addresses.filter((address) => !LOOPBACK.test(address))
  const link = await writeInviteLink(wire, own.device, {
    ...{ topicSeed: topicSeed.bytes, publicKey, expiresAt, approve, groupName },
    credential: own.credential,
    addresses: (elsewhere.length > 0 ? elsewhere : addresses).slice(0, MAX_ADDRESSES),
    relays: relays.slice(0, MAX_RELAYS),
  })
  return { id: topic.name, link }
}

const DEFAULT_MS = 7 * 86_400_000
const LONGEST_MS = 30 * 86_400_000
/** A link has to fit in a QR code that a terminal can show. */
const MAX_ADDRESSES = 2
const MAX_RELAYS = 2
/** Of use on this machine alone. */
const LOOPBACK = /^\/(ip4\/127\.|ip6\/::1\/)/
