// The format of passive-client files, and the key package of the client that each scenario is about.
import { toHex } from '../../src/bytes.ts'
import { decode } from '../../src/codec/reader.ts'
import type { KeyPair } from '../../src/crypto/contract.ts'
import { CoterieError } from '../../src/errors.ts'
import { decodeKeyPackage, type KeyPackage, keyPackageRef } from '../../src/messages/key-package.ts'
import { type CipherSuite, decodeMlsMessage, WireFormat } from '../../src/mls.ts'
import { hex, list, object, optional, type Shape, uint } from './json-shape.ts'
import { bytes, expectBytes } from './vector-cases.ts'

/** Bytes are in hexadecimal. */
export interface Scenario {
  readonly cipher_suite: number
  readonly external_psks: readonly { readonly psk_id: string; readonly psk: string }[] | undefined
  readonly key_package: string
  readonly signature_priv: string
  readonly encryption_priv: string
  readonly init_priv: string
  readonly welcome: string
  /** Undefined where the tree is in the Welcome. */
  readonly ratchet_tree: string | undefined
  readonly initial_epoch_authenticator: string
  readonly epochs: readonly {
    readonly proposals: readonly string[]
    readonly commit: string
    /** May only be undefined where the commit removes the client. */
    readonly epoch_authenticator: string | undefined
  }[]
}

export const readScenario: Shape<Scenario> = object({
  cipher_suite: uint,
  external_psks: optional(list(object({ psk_id: hex, psk: hex }))),
  key_package: hex,
  signature_priv: hex,
  encryption_priv: hex,
  init_priv: hex,
  welcome: hex,
  ratchet_tree: optional(hex),
  initial_epoch_authenticator: hex,
  epochs: list(object({ proposals: list(hex), commit: hex, epoch_authenticator: optional(hex) })),
})

/** A key package with its private keys. */
export interface OwnKeys {
  readonly keyPackage: KeyPackage
  readonly reference: Uint8Array
  readonly secrets: {
    readonly initKeyPair: KeyPair
    readonly encryptionKeyPair: KeyPair
    readonly signatureKeyPair: KeyPair
  }
}

/** Reads the key package and its private keys, which must belong to it. */
export async function importKeys(suite: CipherSuite, scenario: Scenario): Promise<OwnKeys> {
  const keyPackage = readKeyPackage(bytes(scenario.key_package))
  const { initKey, leafNode } = keyPackage
  const initKeyPair = await suite.kem.importPrivateKey(bytes(scenario.init_priv))
  const encryptionKeyPair = await suite.kem.importPrivateKey(bytes(scenario.encryption_priv))
  const signaturePrivateKey = bareKey(scenario.signature_priv, toHex(leafNode.signatureKey))
  const signatureKeyPair = await suite.signature.importPrivateKey(bytes(signaturePrivateKey))
  expectBytes('the init key', initKeyPair.publicKey, toHex(initKey))
  expectBytes('the encryption key', encryptionKeyPair.publicKey, toHex(leafNode.encryptionKey))
  expectBytes('the signature key', signatureKeyPair.publicKey, toHex(leafNode.signatureKey))
  const secrets = { initKeyPair, encryptionKeyPair, signatureKeyPair }
  return { keyPackage, reference: keyPackageRef(suite, keyPackage), secrets }
}

/** Files have the key package as a message, though the format says that it stands alone. */
function readKeyPackage(encoded: Uint8Array): KeyPackage {
  try {
    const message = decodeMlsMessage(encoded)
    if (message.wireFormat === WireFormat.keyPackage) return message.keyPackage
  } catch (error) {
    if (!CoterieError.is(error)) throw error
  }
  return decode(decodeKeyPackage, encoded)
}

/** Private keys as this library imports them: some write EdDSA's with the public key behind the seed, or as PKCS #8. */
function bareKey(privateKey: string, publicKey: string): string {
  const [, seed] = /^30..020100300506032b657[01]04..04..(.+)$/i.exec(privateKey) ?? []
  if (seed !== undefined) return seed
  const both = privateKey.length > publicKey.length && privateKey.toLowerCase().endsWith(publicKey)
  return both ? privateKey.slice(0, -publicKey.length) : privateKey
}
