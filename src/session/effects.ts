// What a session asks its driver to do. The driver carries it out in this order: write, then publish, then tell the app; a
// crash in between loses nothing, since what is to be published is on disk first.

import type { CoterieError } from '../errors.ts'
import type { InboxAddress } from '../wire/inbox.ts'
import type { Whereabouts } from './admission-records.ts'
import type { Permissions } from './group-profile.ts'
import type { Intent } from './intents.ts'
import type { StoredMessage } from './message-record.ts'

/** A change to the session's records. */
export type RecordChange =
  | { readonly op: 'put'; readonly name: string; readonly value: Uint8Array }
  | { readonly op: 'delete'; readonly name: string }
  /** To the end of the message log. */
  | { readonly op: 'log'; readonly place: number; readonly value: Uint8Array }

/** A frame for the group's topic. One that is too large for topics is only kept for those who ask for it. */
export interface OutboundFrame {
  readonly topic: string
  readonly bytes: Uint8Array
  /** The ids of own messages in it: `markPublished` is to be told when it has gone to somebody. */
  readonly messages: readonly Uint8Array[]
}

/** A Welcome for a device's inbox. */
export interface OutboundWelcome {
  readonly inbox: InboxAddress
  readonly welcome: Uint8Array
  /** Whether it has been left there before. */
  readonly isAgain: boolean
}

/** To whoever asked in vain to be let in by an invite. */
export interface OutboundAnswer {
  readonly inbox: InboxAddress
  /** From `encodeAnswer`. */
  readonly body: Uint8Array
}

/** What was left in one inbox. */
export interface Mail {
  /** The seed of the private key of the inbox's topic, 32 bytes: enough to pass frames on, not to read them. */
  readonly topicSeed: Uint8Array
  readonly frames: readonly Uint8Array[]
}

/** A frame to be fetched by its id from whoever hears the topic. */
export interface WantedFrame {
  readonly topic: string
  /** 32 bytes. */
  readonly id: Uint8Array
  readonly length: number
}

/** A frame in the archive. */
export interface ArchivedName {
  readonly topic: string
  /** In hexadecimal. */
  readonly id: string
}

/** A member as others see it. */
export interface SessionMember {
  /** `did:key:…` */
  readonly identity: string
  readonly name: string
  readonly leafIndex: number
  readonly admin: boolean
}

/** How far an own message has come. */
export interface Delivery {
  /** `queued`: on disk; `published`: at least one peer has it; `delivered`: all members for whom it was have it. */
  readonly state: 'queued' | 'published' | 'delivered'
  /** How many members have acknowledged it, of how many for whom it was and who are still there. */
  readonly by: number
  readonly of: number
  /** The identities of those who have not. */
  readonly missing: readonly string[]
}

/** What the app is told. */
export type SessionEvent =
  | GroupNews
  | { readonly type: 'message'; readonly message: StoredMessage }
  | { readonly type: 'delivery'; readonly messageId: Uint8Array; readonly delivery: Delivery }
  /** What was wished has become impossible. */
  | { readonly type: 'intent-failed'; readonly intent: Intent; readonly error: CoterieError }
  | { readonly type: 'rejected'; readonly error: CoterieError }

/** What the app is told as it is. */
export type GroupNews =
  /** A new epoch: identities that came and went. */
  | {
      readonly type: 'epoch'
      readonly epoch: bigint
      readonly added: readonly string[]
      readonly removed: readonly string[]
    }
  | { readonly type: 'renamed'; readonly name: string }
  | { readonly type: 'described'; readonly description: string }
  /** Others may do what from now on. */
  | { readonly type: 'permissions'; readonly permissions: Permissions }
  /** This device is no longer a member. */
  | { readonly type: 'removed' }
  /**
   * Several commits began an epoch, and the group has agreed on one. `from` is where this device stood; `moved`: the one that was
   * agreed on is not the one that it was on.
   */
  | { readonly type: 'fork-resolved'; readonly from: bigint; readonly to: bigint; readonly moved: boolean }
  /** The group has gone where this device cannot follow; it has asked to be added again. */
  | { readonly type: 'detached' }
  /** This device was added again. */
  | { readonly type: 'readded'; readonly epoch: bigint }
  /** A member has not acknowledged messages for long: since then, in milliseconds since the Unix epoch. */
  | { readonly type: 'unreachable'; readonly identity: string; readonly sinceMs: number }
  /**
   * So many messages of a member are known to exist and have not come, though they were asked for: it may still send them again. 0:
   * they have come.
   */
  | { readonly type: 'gap'; readonly identity: string; readonly missing: number }
  /** A device has said two different things where it may say one. */
  | { readonly type: 'equivocation'; readonly identity: string; readonly device: string }

export interface Effects {
  readonly writes: readonly RecordChange[]
  readonly frames: readonly OutboundFrame[]
  readonly welcomes: readonly OutboundWelcome[]
  readonly answers: readonly OutboundAnswer[]
  /** To connect to, so that what is left in their inboxes gets there. */
  readonly reach: readonly Whereabouts[]
  /** What others have left in inboxes, to be held here as well. */
  readonly mail: readonly Mail[]
  /** Frames to be read in the archive once more and given to `receiveAgain`: there may be keys for them now. */
  readonly again: readonly ArchivedName[]
  readonly wanted: readonly WantedFrame[]
  readonly events: readonly SessionEvent[]
  /** Topics on which something is missing that peers may have: time to reconcile with them. */
  readonly sync: readonly string[]
  /** When `poll` is to be called, in milliseconds since the Unix epoch; undefined where nothing is waiting. */
  readonly wakeAtMs: number | undefined
  /** To be called when the writes are on disk: wipes what they replaced. */
  readonly afterWrite: () => void
}
