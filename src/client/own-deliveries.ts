// What has become of this device's own messages, by what its session knows: also of those of an earlier process.

import { toHex } from '../bytes.ts'
import type { Delivery } from '../session/effects.ts'
import type { GroupSession } from '../session/group-session.ts'
import type { StoredMessage } from '../session/message-record.ts'

/** Who knows what has become of messages. */
export interface Deliveries {
  /** The identities of members who have acknowledged a message of this device; none for others' messages. */
  to(message: StoredMessage): readonly string[]
  /** How far a message of this device has come; undefined for others' messages. */
  of(message: StoredMessage): Delivery | undefined
}

/** @param device - this device's signature key */
export function ownDeliveries(session: GroupSession, device: () => Uint8Array): Deliveries {
  return {
    to: (message) => session.deliveredTo(message),
    of: (message) => {
      if (toHex(message.deviceKey) !== toHex(device())) return undefined
      const delivery = session.deliveryOf(message.id)
      if (delivery?.state !== 'delivered') return delivery
      // Once all have it the session no longer counts for whom it was: not for those who came later.
      const by = session.deliveredTo(message).length
      return { state: 'delivered', by, of: by, missing: [] }
    },
  }
}
