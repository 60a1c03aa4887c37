// What a simulated device finds in its inbox: a Welcome, or where a large one is.

import { toHex } from '../../bytes.ts'
import type { CipherSuite } from '../../crypto/labels.ts'
import { CoterieError } from '../../errors.ts'
import type { OwnKeyPackage } from '../../group/key-packages.ts'
import { openWelcome, type Welcomed } from '../../session/welcomed.ts'
import { openFrame, readFrame } from '../../wire/frame.ts'
import { decodePointer, InboxKind, openFromInbox } from '../../wire/inbox.ts'
import type { DeviceIdentity } from './device-identity.ts'

export type InboxContent =
  | { readonly kind: 'group'; readonly welcomed: Welcomed }
  /** The id of a frame, in hexadecimal. */
  | { readonly kind: 'pointer'; readonly id: string }
  | { readonly kind: 'useless' }

/** Whose inbox it is. */
interface InboxOwner {
  readonly suite: CipherSuite
  readonly wire: CipherSuite
  readonly own: DeviceIdentity
}

/** @param reentries - key packages with which the device has asked to be added again */
export async function readInbox(
  { wire, suite, own }: InboxOwner,
  reentries: readonly OwnKeyPackage[],
  bytes: Uint8Array,
  nowMs: number,
): Promise<InboxContent> {
  const { channel, keyPair, address } = own.inbox
  try {
    const frame = await readFrame(wire, channel.topic.name, bytes)
    const { kind, body } = await openFromInbox(wire, keyPair, address, openFrame(wire, channel.frameKey, frame))
    if (kind === InboxKind.pointer) return { kind: 'pointer', id: toHex(decodePointer(body).id) }
    if (kind !== InboxKind.welcome) return { kind: 'useless' }
    const welcomed = await openWelcome({ suite, wire }, body, [own.keyPackage, ...reentries], nowMs)
    return { kind: 'group', welcomed }
  } catch (error) {
    if (!CoterieError.is(error) || error.origin !== 'peer') throw error
    return { kind: 'useless' }
  }
}
