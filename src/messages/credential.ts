// Credentials (RFC 9420 §5.3). Says what they contain, not whether they are to be believed.

import { copyBytes } from '../bytes.ts'
import type { Decoder } from '../codec/reader.ts'
import { type Encoder, encodeOpaque } from '../codec/writer.ts'
import { fail } from '../errors.ts'
import { CredentialType } from './code-points.ts'

/** A bare assertion of an identity, in whatever form the application gives it. */
export interface BasicCredential {
  readonly credentialType: typeof CredentialType.basic
  readonly identity: Uint8Array
}

/** A chain of DER certificates, the holder's first. */
export interface X509Credential {
  readonly credentialType: typeof CredentialType.x509
  readonly certificates: readonly Uint8Array[]
}

/** A type without a meaning here: its `opaque<V>` content is carried as it is. */
export interface OtherCredential {
  readonly credentialType: number
  readonly content: Uint8Array
}

/** What says who a member is. */
export type Credential = BasicCredential | X509Credential | OtherCredential

/** A basic credential: whatever bytes the application takes for an identity. */
export function basicCredential(identity: Uint8Array): BasicCredential {
  return { credentialType: CredentialType.basic, identity: copyBytes(identity) }
}

/** Tells basic credentials from the others. */
export function isBasicCredential(credential: Credential): credential is BasicCredential {
  return credential.credentialType === CredentialType.basic
}

/** The identity in a basic credential; undefined where the credential is of another type. */
export function basicIdentity(credential: Credential): Uint8Array | undefined {
  return isBasicCredential(credential) ? copyBytes(credential.identity) : undefined
}

/**
 * A credential of DER certificates: the holder's first, then each issuer's, the trust anchor left out.
 * @throws CoterieError `ARGUMENT_INVALID` (caller) where there is none
 */
export function x509Credential(certificates: readonly Uint8Array[]): X509Credential {
  if (certificates.length === 0)
    fail('ARGUMENT_INVALID', 'an X.509 credential has at least the certificate of its holder')
  return { credentialType: CredentialType.x509, certificates: certificates.map(copyBytes) }
}

/** Tells X.509 credentials from the others. */
export function isX509Credential(credential: Credential): credential is X509Credential {
  return credential.credentialType === CredentialType.x509
}

export const encodeCredential: Encoder<Credential> = (writer, credential) => {
  writer.uint16(credential.credentialType)
  if (isBasicCredential(credential)) writer.opaque(credential.identity)
  else if (isX509Credential(credential)) writer.vector(credential.certificates, encodeOpaque)
  else writer.opaque((credential as OtherCredential).content)
}

export const decodeCredential: Decoder<Credential> = (reader) => {
  const credentialType = reader.uint16()
  if (credentialType === CredentialType.basic) return { credentialType, identity: reader.opaque() }
  if (credentialType === CredentialType.x509) {
    return { credentialType, certificates: reader.vector((inner) => inner.opaque()) }
  }
  return { credentialType, content: reader.opaque() }
}
