// Who a simulated device is: what a client makes when its store is new.

import { leafOptions } from '../../client/own-identity.ts'
import type { KeyPair } from '../../crypto/contract.ts'
import type { CipherSuite } from '../../crypto/labels.ts'
import { createKeyPackage, type LeafOptions, lifetimeOfDays, type OwnKeyPackage } from '../../group/key-packages.ts'
import { certifyDevice } from '../../identity/device-credential.ts'
import { didKey } from '../../identity/did-key.ts'
import { type InboxAddress, type InboxChannel, inboxChannel } from '../../wire/inbox.ts'

export interface DeviceIdentity {
  /** `did:key:…` */
  readonly identity: string
  readonly device: KeyPair
  readonly leaf: LeafOptions
  /** Used more than once, as the one on a contact card. */
  readonly keyPackage: OwnKeyPackage
  readonly inbox: { readonly keyPair: KeyPair; readonly address: InboxAddress; readonly channel: InboxChannel }
}

export async function deviceIdentity(
  suite: CipherSuite,
  wire: CipherSuite,
  name: string,
  nowMs: number,
): Promise<DeviceIdentity> {
  const identityKeys = await wire.signature.generateKeyPair()
  const device = await suite.signature.generateKeyPair()
  const credential = await certifyDevice(wire.signature, identityKeys, name, device.publicKey)
  const leaf = leafOptions(device, credential)
  const keyPair = await wire.kem.generateKeyPair()
  const address = { seed: wire.randomBytes(32), publicKey: keyPair.publicKey }
  return {
    identity: didKey(identityKeys.publicKey),
    device,
    leaf,
    keyPackage: await createKeyPackage(suite, { ...leaf, lifetime: lifetimeOfDays(nowMs, CARD_LIFETIME_DAYS) }),
    inbox: { keyPair, address, channel: await inboxChannel(wire, address) },
  }
}

const CARD_LIFETIME_DAYS = 90
