// Who this client is: its identity, its device, its inbox and the key package on its contact card. Made at the first
// opening of a store, and kept in it.

import { toHex } from '../bytes.ts'
import { decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { keyPackageRecord, restoreKeyPackage } from '../group/key-package-record.ts'
import { createKeyPackage, type LeafOptions, lifetimeOfDays, type OwnKeyPackage } from '../group/key-packages.ts'
import { certifyDevice } from '../identity/device-credential.ts'
import { didKey } from '../identity/did-key.ts'
import type { BasicCredential } from '../messages/credential.ts'
import { GROUP_PROFILE_EXTENSION } from '../session/group-profile.ts'
import { REENTRY_EXTENSION } from '../session/requests.ts'
import type { Store } from '../storage/store.ts'
import { type InboxAddress, type InboxChannel, inboxChannel } from '../wire/inbox.ts'

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
  readonly keyPackage: OwnKeyPackage
  /** That one, and those that were on the card before and have not expired: somebody may still use them. */
  readonly keyPackages: readonly OwnKeyPackage[]
}

/** Loads the client's identity from its store, or makes one. */
export async function ownIdentity(
  suite: CipherSuite,
  wire: CipherSuite,
  store: Store,
  name: string,
  nowMs: number,
): Promise<OwnIdentity> {
  const stored = await storedSecrets(suite, wire, store)
  const kept = stored ?? (await createSecrets(suite, wire, name))
  // Before anything is on disk: this refuses a name that cannot be one.
  const credential = await certifyDevice(wire.signature, kept.identityKeys, kept.name, kept.device.publicKey)
  // Before the key package: one that is on disk without the device that it is of would be a stranger's.
  if (stored === undefined) await store.write((batch) => batch.put(BUCKET, RECORD, encodeSecrets(kept)))
  const keyPackages = await currentKeyPackages(suite, store, leafOptions(kept.device, credential), nowMs)
  const address = { seed: kept.inboxSeed, publicKey: kept.inboxKeys.publicKey }
  return {
    identity: didKey(kept.identityKeys.publicKey),
    name: kept.name,
    device: kept.device,
    credential,
    inbox: { keyPair: kept.inboxKeys, address, channel: await inboxChannel(wire, address) },
    peerSeed: kept.peerSeed,
    keyPackage: keyPackages[0],
    keyPackages,
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

/** The key package on the card first: a new one when less than half of its lifetime is left. Those that expired go. */
async function currentKeyPackages(
  suite: CipherSuite,
  store: Store,
  leaf: LeafOptions,
  nowMs: number,
): Promise<[OwnKeyPackage, ...OwnKeyPackage[]]> {
  const expired: string[] = []
  const usable: OwnKeyPackage[] = []
  for await (const [name, record] of store.entries(KEY_PACKAGES)) {
    const own = restoreKeyPackage(suite, record)
    if (daysLeft(own, nowMs) < 0) expired.push(name)
    else usable.push(own)
  }
  const [first, ...others] = usable.sort((a, b) => daysLeft(b, nowMs) - daysLeft(a, nowMs))
  const current = first !== undefined && daysLeft(first, nowMs) > LIFETIME_DAYS / 2 ? first : undefined
  const made = current ?? (await createKeyPackage(suite, { ...leaf, lifetime: lifetimeOfDays(nowMs, LIFETIME_DAYS) }))
  if (current === undefined || expired.length > 0) {
    await store.write((batch) => {
      for (const name of expired) batch.delete(KEY_PACKAGES, name)
      if (current === undefined) batch.put(KEY_PACKAGES, toHex(made.reference), keyPackageRecord(made))
    })
  }
  return current === undefined ? [made, ...usable] : [current, ...others]
}

function daysLeft({ keyPackage }: OwnKeyPackage, nowMs: number): number {
  const { origin } = keyPackage.leafNode
  return 'lifetime' in origin ? (Number(origin.lifetime.notAfter) - nowMs / 1000) / 86_400 : -1
}

const BUCKET = 'identity'
const RECORD = 'secrets'
/** The bucket of key packages, by reference. */
const KEY_PACKAGES = 'key-packages'
const SEED_BYTES = 32
const LIFETIME_DAYS = 90
