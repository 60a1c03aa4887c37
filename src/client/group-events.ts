// What happens in a group, as the app is told, and as it is kept on disk to be told again.

import { toHex, utf8 } from '../bytes.ts'
import type { CoterieError } from '../errors.ts'
import type { Delivery, GroupNews, SessionEvent } from '../session/effects.ts'
import type { Intent } from '../session/intents.ts'
import type { Message } from './message.ts'

/** What happens in a group. `cursor` is where to resume from, behind the event: of this device alone. */
export type GroupEvent = { readonly cursor: number } & (
  | SimpleEvent
  | { readonly type: 'message'; readonly message: Message }
  /** The sender of the message with this id has changed its text: to this one, as it is now. */
  | { readonly type: 'edited'; readonly message: string; readonly text: string }
  /** So many events between the cursor that was asked for and this one are no longer kept. */
  | { readonly type: 'missed'; readonly count: number }
)

/** Events that are kept as they are. */
type SimpleEvent =
  | GroupNews
  /** How far the message with this id, which this device has sent, has come. */
  | { readonly type: 'delivery'; readonly message: string; readonly delivery: Delivery }
  /** What this device wanted of the group has become impossible. */
  | {
      readonly type: 'wish-failed'
      readonly wish: Intent['kind']
      readonly code: CoterieError['code']
      readonly reason: string
    }
  /** An emoji was put on the message with this id, or taken back from it. */
  | {
      readonly type: 'reaction'
      readonly message: string
      readonly identity: string
      readonly emoji: string
      readonly removed: boolean
    }

/** An event on disk. What messages say is kept in the message log. */
export type KeptEvent =
  | SimpleEvent
  | { readonly type: 'message'; readonly place: number }
  | { readonly type: 'edited'; readonly message: string }

/** What is kept of an event of the session that is not a message; undefined where the app is not told. */
export function keptEvent(event: Exclude<SessionEvent, { readonly type: 'message' }>): KeptEvent | undefined {
  switch (event.type) {
    case 'delivery':
      return { type: 'delivery', message: toHex(event.messageId), delivery: event.delivery }
    case 'intent-failed': {
      const { intent, error } = event
      return { type: 'wish-failed', wish: intent.kind, code: error.code, reason: error.message }
    }
    // The client warns of what was rejected.
    case 'rejected':
      return undefined
    default:
      return event
  }
}

export function encodeKeptEvent(event: KeptEvent): Uint8Array {
  return utf8(JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)))
}

export function decodeKeptEvent(bytes: Uint8Array): KeptEvent {
  return JSON.parse(new TextDecoder().decode(bytes), (key, value: unknown) =>
    EPOCHS.has(key) && typeof value === 'string' ? BigInt(value) : value,
  ) as KeptEvent
}

/** The fields that hold numbers of epochs. */
const EPOCHS: ReadonlySet<string> = new Set(['epoch', 'from', 'to'])
