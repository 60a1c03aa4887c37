// What a simulated device finds in its inbox: a Welcome, or where a large one is.

import { toHex } from '../../bytes.ts'
import type { CipherSuite } from '../../crypto/labels.ts'
import { CoterieError } from '../../errors.ts'
import { joinGroup } from '../../group/join-welcome.ts'
import type { OwnKeyPackage } from '../../group/key-packages.ts'
import { ownKeyPair } from '../../group/own-copy.ts'
import type { GroupState } from '../../group/state.ts'
import { sessionPolicy } from '../../session/session-policy.ts'
import { openFrame, readFrame } from '../../wire/frame.ts'
import { decodePointer, InboxKind, openFromInbox } from '../../wire/inbox.ts'
import type { DeviceIdentity } from './device-identity.ts'

export type InboxContent =
  | { readonly kind: 'group'; readonly group: GroupState }
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
    const keyPackages = [own.keyPackage, ...reentries].map(lent)
    const policy = sessionPolicy(wire)
    return {
      kind: 'group',
      group: await joinGroup(suite, body, keyPackages, { nowMs, policy, limits: { pastEpochs: 0 } }),
    }
  } catch (error) {
    if (!CoterieError.is(error) || error.origin !== 'peer') throw error
    return { kind: 'useless' }
  }
}

/** With private keys of its own: the state takes them over, and the card's key package is used more than once. */
function lent(own: OwnKeyPackage): OwnKeyPackage {
  const { initKeyPair, encryptionKeyPair, signatureKeyPair } = own.secrets
  const secrets = {
    initKeyPair: ownKeyPair(initKeyPair),
    encryptionKeyPair: ownKeyPair(encryptionKeyPair),
    signatureKeyPair: ownKeyPair(signatureKeyPair),
  }
  return { ...own, secrets }
}
