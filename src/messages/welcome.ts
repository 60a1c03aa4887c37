// Welcomes: what members who were just added receive (RFC 9420 §12.4.3.1).

import type { Decoder } from '../codec/reader.ts'
import type { Encoder } from '../codec/writer.ts'
import type { HpkeCiphertext } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { decodeHpkeCiphertext, encodeHpkeCiphertext } from './commit.ts'
import { decodePreSharedKeyId, encodePreSharedKeyId, type PreSharedKeyId } from './pre-shared-key.ts'

/** One new member's part of a Welcome. */
export interface EncryptedGroupSecrets {
  /** The new member's `KeyPackageRef`. */
  readonly newMember: Uint8Array
  readonly encryptedGroupSecrets: HpkeCiphertext
}

/** What lets new members join. RFC 9420 §12.4.3.1. */
export interface Welcome {
  readonly cipherSuite: number
  readonly secrets: readonly EncryptedGroupSecrets[]
  readonly encryptedGroupInfo: Uint8Array
}

export interface GroupSecrets {
  readonly joinerSecret: Secret
  readonly pathSecret: Secret | undefined
  readonly psks: readonly PreSharedKeyId[]
}

export const encodeWelcome: Encoder<Welcome> = (writer, welcome) => {
  writer.uint16(welcome.cipherSuite)
  writer.vector(welcome.secrets, (inner, secret) => {
    inner.opaque(secret.newMember)
    encodeHpkeCiphertext(inner, secret.encryptedGroupSecrets)
  })
  writer.opaque(welcome.encryptedGroupInfo)
}

export const decodeWelcome: Decoder<Welcome> = (reader) => ({
  cipherSuite: reader.uint16(),
  secrets: reader.vector((inner) => ({
    newMember: inner.opaque(),
    encryptedGroupSecrets: decodeHpkeCiphertext(inner),
  })),
  encryptedGroupInfo: reader.opaque(),
})

export const encodeGroupSecrets: Encoder<GroupSecrets> = (writer, secrets) => {
  writer.opaque(secrets.joinerSecret.bytes)
  writer.optional(secrets.pathSecret, (inner, pathSecret) => inner.opaque(pathSecret.bytes))
  writer.vector(secrets.psks, encodePreSharedKeyId)
}

export const decodeGroupSecrets: Decoder<GroupSecrets> = (reader) => ({
  joinerSecret: new Secret(reader.opaque()),
  pathSecret: reader.optional((inner) => new Secret(inner.opaque())),
  psks: reader.vector(decodePreSharedKeyId),
})
