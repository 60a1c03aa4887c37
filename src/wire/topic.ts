// Topics: where the members of a group, or the correspondents of a device, meet (spec/topic.md). A topic is an Ed25519 key
// pair; its public key is its name, and every frame on it is signed with its private key.

import { fromHex, toHex, utf8 } from '../bytes.ts'
import type { KeyPair } from '../crypto/contract.ts'
import { hkdfExpand } from '../crypto/hkdf.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'

/** A topic that this client may write to. */
export interface TopicKeys {
  /** The public key in hexadecimal. */
  readonly name: string
  readonly keyPair: KeyPair
}

/** What a group's rendezvous secret gives: the same on all branches and in all epochs until it is replaced. */
export interface Rendezvous {
  readonly topic: TopicKeys
  /** 32 bytes: opens what concerns all branches. */
  readonly controlKey: Secret
}

/** The bytes of a rendezvous secret. */
export const RENDEZVOUS_BYTES = 32

/** The topic whose private key is this seed of 32 bytes. */
export async function topicFromSeed(suite: CipherSuite, seed: Uint8Array): Promise<TopicKeys> {
  const keyPair = await suite.signature.importPrivateKey(seed)
  return { name: toHex(keyPair.publicKey), keyPair }
}

/** Topic and control key of a group. */
export async function rendezvousFrom(suite: CipherSuite, rendezvousSecret: Secret): Promise<Rendezvous> {
  const derive = (label: string): Uint8Array => hkdfExpand(suite.hash, rendezvousSecret.bytes, utf8(label), 32)
  const topic = await topicFromSeed(suite, derive('coterie topic 1'))
  return { topic, controlKey: new Secret(derive('coterie control 1')) }
}

/** The public key in a topic's name; undefined where it is not one. */
export function topicPublicKey(name: string): Uint8Array | undefined {
  const publicKey = fromHex(name)
  return publicKey?.length === TOPIC_KEY_BYTES && toHex(publicKey) === name ? publicKey : undefined
}

/** The bytes of a topic's public key. */
export const TOPIC_KEY_BYTES = 32
