// What a session asks its driver to do. The driver carries it out in this order: write, then publish, then tell the app; a
// crash in between loses nothing, since what is to be published is on disk first.

import type { InboxAddress } from '../wire/inbox.ts'
import type { StoredMessage } from './message-record.ts'

/** A change to the session's records. */
export type RecordChange =
  | { readonly op: 'put'; readonly name: string; readonly value: Uint8Array }
  | { readonly op: 'delete'; readonly name: string }
  /** To the end of the message log. */
  | { readonly op: 'log'; readonly place: number; readonly value: Uint8Array }

/** A frame for the group's topic. */
export interface OutboundFrame {
  readonly topic: string
  readonly bytes: Uint8Array
}

/** A Welcome for a device's inbox. */
export interface OutboundWelcome {
  readonly inbox: InboxAddress
  readonly welcome: Uint8Array
}

/** A member as others see it. */
export interface SessionMember {
  /** `did:key:…` */
  readonly identity: string
  readonly name: string
  readonly leafIndex: number
  readonly admin: boolean
}

/** What the app is told. */
export type SessionEvent =
  | { readonly type: 'message'; readonly message: StoredMessage }
  | {
      readonly type: 'epoch'
      readonly epoch: bigint
      readonly added: readonly string[]
      readonly removed: readonly string[]
    }
  | { readonly type: 'renamed'; readonly name: string }
  /** This device is no longer a member. */
  | { readonly type: 'removed' }
  /** A branch that this device was on gave way to another. */
  | { readonly type: 'fork-resolved'; readonly from: bigint; readonly to: bigint }
  | { readonly type: 'rejected'; readonly error: Error }

export interface Effects {
  readonly writes: readonly RecordChange[]
  readonly frames: readonly OutboundFrame[]
  readonly welcomes: readonly OutboundWelcome[]
  readonly events: readonly SessionEvent[]
  /** When `poll` is to be called, in milliseconds since the Unix epoch; undefined where nothing is waiting. */
  readonly wakeAtMs: number | undefined
  /** To be called when the writes are on disk: wipes what they replaced. */
  readonly afterWrite: () => void
}
