// Who this client is: its identity, its device, its inbox and the key packages on its contact card. Made at the first
// opening of a store, and kept in it.

import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import type { LeafOptions } from '../group/key-packages.ts'
import { certifyDevice } from '../identity/device-credential.ts'
import { didKey } from '../identity/did-key.ts'
import type { BasicCredential } from '../messages/credential.ts'
import { GROUP_PROFILE_EXTENSION } from '../session/group-profile.ts'
import { REENTRY_EXTENSION } from '../session/requests.ts'
import type { Store } from '../storage/store.ts'
import { type InboxAddress, type InboxChannel, inboxChannel } from '../wire/inbox.ts'
import { CardKeyPackages } from './card-key-packages.ts'

/** What a client keeps of itself. */
export interface OwnIdentity {
  /** `did:key:…` */
  readonly identity: string
  readonly name: string
  readonly device: KeyPair
  readonly credential: BasicCredential
  readonly inbox: { readonly keyPair: KeyPair; readonly address: InboxAddress; readonly channel: InboxChannel }
  /** For the transport's own name. */
  readonly peerSeed: Uint8Array
  /** On the contact card; used more than once. */
  readonly keyPackages: CardKeyPackages
}

/** Loads the client's identity from its store, or makes one. */
export async function ownIdentity(
  suite: CipherSuite,
  wire: CipherSuite,
  store: Store,
  name: string,
  clock: () => number,
): Promise<OwnIdentity> {
  const stored = await storedSecrets(suite, wire, store)
  const kept = stored ?? (await createSecrets(suite, wire, name))
  // Before anything is on disk: this refuses a name that cannot be one.
  const credential = await certifyDevice(wire.signature, kept.identityKeys, kept.name, kept.device.publicKey)
  // Before the key package: one that is on disk without the device that it is of would be a stranger's.
  if (stored === undefined) await store.write((batch) => batch.put(BUCKET, RECORD, encodeSecrets(kept)))
  const leaf = leafOptions(kept.device, credential)
  const address = { seed: kept.inboxSeed, publicKey: kept.inboxKeys.publicKey }
  return {
    identity: didKey(kept.identityKeys.publicKey),
    name: kept.name,
    device: kept.device,
    credential,
    inbox: { keyPair: kept.inboxKeys, address, channel: await inboxChannel(wire, address) },
    peerSeed: kept.peerSeed,
    keyPackages: await CardKeyPackages.open({ suite, store, clock, leaf }),
  }
}

/** What the client's leaf says in every group. */
export function leafOptions(device: KeyPair, credential: BasicCredential): LeafOptions {
  return {
    credential,
    signatureKeyPair: device,
    capabilities: { extensions: [GROUP_PROFILE_EXTENSION, REENTRY_EXTENSION] },
  }
}

/** What a store keeps of its owner; undefined where it is new. */
export async function storedSecrets(
  suite: CipherSuite,
  wire: CipherSuite,
  store: Store,
): Promise<IdentitySecrets | undefined> {
  const stored = await store.get(BUCKET, RECORD)
  return stored && restoreSecrets(suite, wire, stored)
}

/** Everything that a client's identity is made of. */
export interface IdentitySecrets {
  readonly name: string
  readonly identityKeys: KeyPair
  readonly device: KeyPair
  readonly inboxSeed: Uint8Array
  readonly inboxKeys: KeyPair
  readonly peerSeed: Uint8Array
}

async function createSecrets(suite: CipherSuite, wire: CipherSuite, name: string): Promise<IdentitySecrets> {
  return {
    name,
    identityKeys: await wire.signature.generateKeyPair(),
    device: await suite.signature.generateKeyPair(),
    inboxSeed: wire.randomBytes(SEED_BYTES),
    inboxKeys: await wire.kem.generateKeyPair(),
    peerSeed: wire.randomBytes(SEED_BYTES),
  }
}

function encodeSecrets(secrets: IdentitySecrets): Uint8Array {
  return encode((writer) => {
    writer.opaque(new TextEncoder().encode(secrets.name))
    writer.opaque(secrets.identityKeys.privateKey.bytes)
    writer.opaque(secrets.device.privateKey.bytes)
    writer.opaque(secrets.inboxSeed)
    writer.opaque(secrets.inboxKeys.privateKey.bytes)
    writer.opaque(secrets.peerSeed)
  }, undefined)
}

async function restoreSecrets(suite: CipherSuite, wire: CipherSuite, bytes: Uint8Array): Promise<IdentitySecrets> {
  const [name, identity, device, inboxSeed, inbox, peerSeed] = decode(
    (reader) =>
      [
        new TextDecoder().decode(reader.opaque()),
        reader.opaque(),
        reader.opaque(),
        reader.opaque(),
        reader.opaque(),
        reader.opaque(),
      ] as const,
    bytes,
  )
  return {
    name,
    identityKeys: await wire.signature.importPrivateKey(identity),
    device: await suite.signature.importPrivateKey(device),
    inboxSeed,
    inboxKeys: await wire.kem.importPrivateKey(inbox),
    peerSeed,
  }
}

const BUCKET = 'identity'
const RECORD = 'secrets'
const SEED_BYTES = 32
