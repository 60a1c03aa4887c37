// Opens a Welcome in steps, for vectors that look inside (RFC 9420 §12.4.3.1).
import { EMPTY, equalBytes } from '../../src/bytes.ts'
import { decode } from '../../src/codec/reader.ts'
import type { KeyPair } from '../../src/crypto/contract.ts'
import { type CipherSuite, decryptWithLabel } from '../../src/crypto/labels.ts'
import type { Secret } from '../../src/crypto/secret.ts'
import { decodeGroupInfo, type GroupInfo } from '../../src/messages/group-info.ts'
import { type KeyPackage, keyPackageRef } from '../../src/messages/key-package.ts'
import { decodeGroupSecrets, type GroupSecrets, type Welcome } from '../../src/messages/welcome.ts'
import { welcomeKeyAndNonce } from '../../src/schedule/key-schedule.ts'

/** Decrypts what a Welcome has for the owner of a key package. */
export async function openGroupSecrets(
  suite: CipherSuite,
  { secrets, encryptedGroupInfo }: Welcome,
  keyPackage: KeyPackage,
  initKeyPair: KeyPair,
): Promise<GroupSecrets> {
  const reference = keyPackageRef(suite, keyPackage)
  const entry = secrets.find(({ newMember }) => equalBytes(newMember, reference))
  if (entry === undefined) throw new Error('the Welcome is not for the key package')
  const { encryptedGroupSecrets } = entry
  return decode(
    decodeGroupSecrets,
    await decryptWithLabel(suite, initKeyPair, 'Welcome', encryptedGroupInfo, encryptedGroupSecrets),
  )
}

/** Decrypts the GroupInfo that a Welcome has for everybody. */
export function openGroupInfo(
  suite: CipherSuite,
  welcome: Welcome,
  joinerSecret: Secret,
  pskSecret: Secret,
): GroupInfo {
  const { key, nonce } = welcomeKeyAndNonce(suite, joinerSecret, pskSecret)
  return decode(decodeGroupInfo, suite.aead.open(key, nonce, EMPTY, welcome.encryptedGroupInfo))
}
