// Whether a certificate is for the signature key of a leaf node (RFC 9420 §5.3), for the signature schemes of RFC 9420 §17.1.

import { concat, equalBytes, fromHex } from '../bytes.ts'
import { fail } from '../errors.ts'
import type { CertificateInfo } from './certificate.ts'

/**
 * RFC 9420 §5.3: the public key in the end-entity certificate MUST be identical to the `signature_key`.
 * @param signatureKey - as in leaf nodes: raw for EdDSA, an uncompressed point for ECDSA
 * @throws CoterieError `X509_KEY_MISMATCH` (peer)
 */
export function checkSubjectKey(certificate: CertificateInfo, signatureKey: Uint8Array): void {
  const algorithm = ALGORITHMS.get(signatureKey.length)
  const prefix = algorithm === undefined ? undefined : fromHex(algorithm)
  if (prefix === undefined || !equalBytes(certificate.subjectPublicKeyInfo, concat(prefix, signatureKey))) {
    fail('X509_KEY_MISMATCH', "the certificate is not for the leaf node's signature key")
  }
}

/**
 * By the length of a signature key, which tells its scheme: the DER of `subjectPublicKeyInfo` up to the key itself
 * (RFC 8410 §4, RFC 5480 §2).
 */
const ALGORITHMS: ReadonlyMap<number, string> = new Map([
  // Ed25519
  [32, '302a300506032b6570032100'],
  // Ed448
  [57, '3043300506032b6571033a00'],
  // P-256
  [65, '3059301306072a8648ce3d020106082a8648ce3d030107034200'],
  // P-384
  [97, '3076301006072a8648ce3d020106052b81040022036200'],
  // P-521
  [133, '30819b301006072a8648ce3d020106052b8104002303818600'],
])
