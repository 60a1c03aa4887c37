// A client's own key package with its private keys, as bytes for storage until a Welcome comes (RFC 9420 §10, §16.8).
// The format is this library's own, like that of snapshot.ts.

import { equalBytes } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { WireFormat } from '../messages/code-points.ts'
import { decodeKeyPackage, encodeKeyPackage, keyPackageRef } from '../messages/key-package.ts'
import { encodeMlsMessage } from '../messages/mls-message.ts'
import type { KeyPackageSecrets, OwnKeyPackage } from './key-packages.ts'
import { decodeStored, readKeyPair, SNAPSHOT_VERSION, writeKeyPair } from './snapshot-format.ts'

/** What to write to a store. It holds private keys: whoever stores it seals it, and deletes it once it was joined with. */
export function keyPackageRecord(own: Pick<OwnKeyPackage, 'keyPackage' | 'secrets'>): Uint8Array {
  return encode((writer) => {
    writer.uint16(SNAPSHOT_VERSION)
    encodeKeyPackage(writer, own.keyPackage)
    for (const name of KEY_PAIRS) writeKeyPair(writer, own.secrets[name])
  }, undefined)
}

/**
 * The key package that was stored.
 * @throws CoterieError `SNAPSHOT_INVALID`, `SNAPSHOT_VERSION` (environment), `CRYPTO_UNSUPPORTED_SUITE` where `suite` is another
 */
export function restoreKeyPackage(suite: CipherSuite, record: Uint8Array): OwnKeyPackage {
  const { keyPackage, secrets } = decodeStored((reader) => {
    const version = reader.uint16()
    if (version !== SNAPSHOT_VERSION) {
      fail('SNAPSHOT_VERSION', `this was stored in format ${version}, this library reads ${SNAPSHOT_VERSION}`)
    }
    return {
      keyPackage: decodeKeyPackage(reader),
      secrets: {
        initKeyPair: readKeyPair(reader),
        encryptionKeyPair: readKeyPair(reader),
        signatureKeyPair: readKeyPair(reader),
      },
    }
  }, record)
  if (keyPackage.cipherSuite !== suite.id) {
    fail('CRYPTO_UNSUPPORTED_SUITE', `this key package is of suite ${keyPackage.cipherSuite}, not ${suite.id}`)
  }
  checkBelongs(secrets.initKeyPair, keyPackage.initKey)
  checkBelongs(secrets.encryptionKeyPair, keyPackage.leafNode.encryptionKey)
  checkBelongs(secrets.signatureKeyPair, keyPackage.leafNode.signatureKey)
  return {
    keyPackage,
    secrets,
    message: encodeMlsMessage({ wireFormat: WireFormat.keyPackage, keyPackage }),
    reference: keyPackageRef(suite, keyPackage),
  }
}

function checkBelongs(keyPair: KeyPair, publicKey: Uint8Array): void {
  if (!equalBytes(keyPair.publicKey, publicKey)) fail('SNAPSHOT_INVALID', 'a stored key pair is of another key package')
}

/** In the order in which they are stored. */
const KEY_PAIRS = [
  'initKeyPair',
  'encryptionKeyPair',
  'signatureKeyPair',
] as const satisfies (keyof KeyPackageSecrets)[]
