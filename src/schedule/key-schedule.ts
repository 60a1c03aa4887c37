// The key schedule: how the secrets of an epoch follow from those of the one before (RFC 9420 §8, §8.3, §12.4.3.1).
// Knows nothing of trees, messages or groups.

import { EMPTY, utf8 } from '../bytes.ts'
import type { KeyPair } from '../crypto/contract.ts'
import { hkdfExtract } from '../crypto/hkdf.ts'
import { hpkeExportRecipient, hpkeExportSender } from '../crypto/hpke.ts'
import { type CipherSuite, deriveSecret, expandWithLabel } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { encodedGroupContext, type GroupContext } from '../messages/group-context.ts'

/** What an epoch is made of, Nh bytes each. RFC 9420 §8, table 4; `initSecret` is for the epoch after it. */
export interface EpochSecrets {
  readonly senderDataSecret: Secret
  readonly encryptionSecret: Secret
  readonly exporterSecret: Secret
  readonly epochAuthenticator: Secret
  readonly externalSecret: Secret
  readonly confirmationKey: Secret
  readonly membershipKey: Secret
  readonly resumptionPsk: Secret
  readonly initSecret: Secret
}

/** What encrypts the GroupInfo of a Welcome. */
export interface WelcomeKey {
  /** Nk bytes. */
  readonly key: Uint8Array
  /** Nn bytes. */
  readonly nonce: Uint8Array
}

/** How a joiner tells the group the `init_secret` of an external commit. RFC 9420 §8.3. */
export interface ExternalInit {
  readonly initSecret: Secret
  /** For the ExternalInit proposal. */
  readonly kemOutput: Uint8Array
}

/**
 * `joiner_secret`. RFC 9420 §8.
 * @param initSecret - of the epoch before, or of the external init
 * @param groupContext - of the epoch that begins
 */
export function deriveJoinerSecret(
  suite: CipherSuite,
  initSecret: Secret,
  commitSecret: Secret,
  groupContext: GroupContext,
): Secret {
  const extracted = extract(suite, initSecret, commitSecret)
  return expandOverContext(suite, extracted, 'joiner', groupContext)
}

/** The secrets of the epoch that `groupContext` describes. RFC 9420 §8. */
export function deriveEpochSecrets(
  suite: CipherSuite,
  joinerSecret: Secret,
  pskSecret: Secret,
  groupContext: GroupContext,
): EpochSecrets {
  const memberSecret = extract(suite, joinerSecret, pskSecret)
  const epochSecret = expandOverContext(suite, memberSecret, 'epoch', groupContext)
  const secrets = epochSecretsFromEpochSecret(suite, epochSecret)
  epochSecret.wipe()
  return secrets
}

/** The secrets of an epoch whose `epoch_secret` is known: at group creation it is random. RFC 9420 §8, §11. */
export function epochSecretsFromEpochSecret(suite: CipherSuite, epochSecret: Secret): EpochSecrets {
  return {
    senderDataSecret: deriveSecret(suite, epochSecret, 'sender data'),
    encryptionSecret: deriveSecret(suite, epochSecret, 'encryption'),
    exporterSecret: deriveSecret(suite, epochSecret, 'exporter'),
    epochAuthenticator: deriveSecret(suite, epochSecret, 'authentication'),
    externalSecret: deriveSecret(suite, epochSecret, 'external'),
    confirmationKey: deriveSecret(suite, epochSecret, 'confirm'),
    membershipKey: deriveSecret(suite, epochSecret, 'membership'),
    resumptionPsk: deriveSecret(suite, epochSecret, 'resumption'),
    initSecret: deriveSecret(suite, epochSecret, 'init'),
  }
}

/** `welcome_secret`. RFC 9420 §8. */
export function deriveWelcomeSecret(suite: CipherSuite, joinerSecret: Secret, pskSecret: Secret): Secret {
  const memberSecret = extract(suite, joinerSecret, pskSecret)
  const welcomeSecret = deriveSecret(suite, memberSecret, 'welcome')
  memberSecret.wipe()
  return welcomeSecret
}

/** The key and nonce of a Welcome's `encrypted_group_info`. RFC 9420 §12.4.3.1. */
export function welcomeKeyAndNonce(suite: CipherSuite, joinerSecret: Secret, pskSecret: Secret): WelcomeKey {
  const welcomeSecret = deriveWelcomeSecret(suite, joinerSecret, pskSecret)
  const key = expandWithLabel(suite, welcomeSecret.bytes, 'key', EMPTY, suite.aead.keyLength)
  const nonce = expandWithLabel(suite, welcomeSecret.bytes, 'nonce', EMPTY, suite.aead.nonceLength)
  welcomeSecret.wipe()
  return { key, nonce }
}

/** The `0` of the key schedule: Nh zero bytes. RFC 9420 §8. */
export function zeroSecret(suite: CipherSuite): Secret {
  return new Secret(new Uint8Array(suite.hash.length))
}

/** `external_priv`, `external_pub`: the key pair that all members hold. RFC 9420 §8. */
export function externalKeyPair(suite: CipherSuite, externalSecret: Secret): Promise<KeyPair> {
  return suite.kem.deriveKeyPair(externalSecret.bytes)
}

/**
 * Chooses the `init_secret` of an external commit. RFC 9420 §8.3.
 * @throws CoterieError `CRYPTO_BAD_KEY` (peer) where `externalPub` is not a public key
 */
export async function externalInitSend(suite: CipherSuite, externalPub: Uint8Array): Promise<ExternalInit> {
  const { enc, secret } = await hpkeExportSender(suite, externalPub, EMPTY, EXTERNAL_INIT, suite.hash.length)
  return { initSecret: secret, kemOutput: enc }
}

/**
 * Learns the `init_secret` of an external commit. RFC 9420 §8.3.
 * @param externalSecret - of the epoch that the commit ends
 * @throws CoterieError `CRYPTO_OPEN_FAILED` (peer) where `kemOutput` does not decapsulate
 */
export async function externalInitReceive(
  suite: CipherSuite,
  externalSecret: Secret,
  kemOutput: Uint8Array,
): Promise<Secret> {
  const recipient = await externalKeyPair(suite, externalSecret)
  try {
    return await hpkeExportRecipient(suite, kemOutput, recipient, EMPTY, EXTERNAL_INIT, suite.hash.length)
  } finally {
    recipient.privateKey.wipe()
  }
}

/** `KDF.Extract` with the salt from the top of the diagram and the keying material from its left. RFC 9420 §8. */
function extract(suite: CipherSuite, salt: Secret, inputKeyingMaterial: Secret): Secret {
  return new Secret(hkdfExtract(suite.hash, salt.bytes, inputKeyingMaterial.bytes))
}

/** Expands and wipes an intermediate secret that nothing else needs. */
function expandOverContext(suite: CipherSuite, secret: Secret, label: string, groupContext: GroupContext): Secret {
  const expanded = expandWithLabel(suite, secret.bytes, label, encodedGroupContext(groupContext), suite.hash.length)
  secret.wipe()
  return new Secret(expanded)
}

const EXTERNAL_INIT: Uint8Array = /* @__PURE__ */ utf8('MLS 1.0 external init secret')
