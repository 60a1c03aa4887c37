// Invitations that wait for an answer: what is known of the group before anything is joined.

import { fromUtf8, utf8 } from '../bytes.ts'
import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import { CoterieError, fail } from '../errors.ts'
import { AppList } from './app-list.ts'
import type { Group } from './group.ts'

/** What a group is, as the Welcome tells it; verified, but not joined. */
export interface GroupPreview {
  /** In hexadecimal. */
  readonly id: string
  readonly name: string
  readonly description: string
  readonly members: readonly { readonly identity: string; readonly name: string; readonly admin: boolean }[]
}

/** What is known of an invitation. */
export interface InvitationPreview {
  readonly group: GroupPreview
  /** The member who made the Welcome. */
  readonly invitedBy: { readonly identity: string; readonly name: string }
}

/** What a request is made of. */
export interface KeptRequest extends InvitationPreview {
  /** A hash of the Welcome in hexadecimal. */
  readonly id: string
  readonly receivedAtMs: number
  /** The peer by which it came; empty where that was not noted. */
  readonly from: string
  /** The epoch that the Welcome leads to. */
  readonly epoch: bigint
  readonly welcome: Uint8Array
}

/** An invitation to a group that has been neither accepted nor declined. */
export class JoinRequest implements InvitationPreview {
  readonly id: string
  readonly group: GroupPreview
  readonly invitedBy: { readonly identity: string; readonly name: string }
  /** By this device's clock. */
  readonly receivedAt: Date
  readonly #answer: RequestAnswer

  /** Made by the client. */
  constructor({ id, group, invitedBy, receivedAtMs }: KeptRequest, answer: RequestAnswer) {
    this.id = id
    this.group = group
    this.invitedBy = invitedBy
    this.receivedAt = new Date(receivedAtMs)
    this.#answer = answer
  }

  /** How many members the group has, this device not counted. */
  get size(): number {
    return this.group.members.length
  }

  /**
   * Joins the group. Resolves when that is on disk.
   * @throws CoterieError `REQUEST_UNKNOWN`, and what a Welcome that has become useless leads to
   */
  accept(): Promise<Group> {
    return this.#answer.accept(this.id)
  }

  /** Forgets the invitation. Nobody is told. @throws CoterieError `REQUEST_UNKNOWN` */
  decline(): Promise<void> {
    return this.#answer.decline(this.id)
  }
}

/** What carries out the answer to a request. */
export interface RequestAnswer {
  readonly accept: (id: string) => Promise<Group>
  readonly decline: (id: string) => Promise<void>
}

/** The invitations that wait for an answer: those that are there, and those that come. */
export class JoinRequests extends AppList<JoinRequest> {
  /** Made by the client. */
  constructor() {
    super({
      call: 'requests',
      keyOf: ({ id }) => id,
      unknown: ['REQUEST_UNKNOWN', 'there is no invitation with this id'],
    })
  }
}

export function encodeRequest({ group, invitedBy, receivedAtMs, from, epoch, welcome }: KeptRequest): Uint8Array {
  return encode((writer) => {
    writer.uint64(BigInt(receivedAtMs))
    writer.uint64(epoch)
    writer.opaque(utf8(JSON.stringify({ group, invitedBy } satisfies InvitationPreview)))
    writer.opaque(welcome)
    writer.opaque(utf8(from))
  }, undefined)
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
export function decodeRequest(id: string, bytes: Uint8Array): KeptRequest {
  try {
    return decode((reader) => {
      const receivedAtMs = Number(reader.uint64())
      const epoch = reader.uint64()
      const preview = JSON.parse(new TextDecoder().decode(reader.opaque())) as InvitationPreview
      const welcome = reader.opaque()
      // Older records end here.
      const from = reader.remaining > 0 ? fromUtf8(reader.opaque()) : ''
      return { id, receivedAtMs, from, epoch, ...preview, welcome }
    }, bytes)
  } catch (cause) {
    if (!CoterieError.is(cause) && !(cause instanceof SyntaxError)) throw cause
    return fail('STORE_CORRUPT', 'a stored invitation cannot be read', { cause })
  }
}
