// Credentials (RFC 9420 §5.3). Says what they contain, not whether they are to be believed.

import type { Decoder } from '../codec/reader.ts'
import { type Encoder, encodeOpaque } from '../codec/writer.ts'
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

export type Credential = BasicCredential | X509Credential | OtherCredential

/** A basic credential. */
export function basicCredential(identity: Uint8Array): BasicCredential {
  return { credentialType: CredentialType.basic, identity: identity.slice() }
}

export function isBasicCredential(credential: Credential): credential is BasicCredential {
  return credential.credentialType === CredentialType.basic
}

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
