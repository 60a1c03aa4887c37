// What a group's frames contain (spec/frame.md).

import { concat } from '../bytes.ts'
import { fail } from '../errors.ts'

export const PayloadKind = { commit: 1, message: 2 } as const
export type PayloadKind = (typeof PayloadKind)[keyof typeof PayloadKind]

export function encodePayload(kind: PayloadKind, body: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(kind), body)
}

/** @throws CoterieError `FRAME_MALFORMED` (peer) */
export function decodePayload(payload: Uint8Array): { readonly kind: PayloadKind; readonly body: Uint8Array } {
  const [first] = payload
  for (const kind of Object.values(PayloadKind)) if (kind === first) return { kind, body: payload.slice(1) }
  return fail('FRAME_MALFORMED', 'a frame with an unknown kind of payload')
}
