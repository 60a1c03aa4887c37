// The signature on a certificate, by the runtime's Web Cryptography (RFC 5280 §4.1.1.3).

import type { HashedAlgorithm, X509Certificate } from '@peculiar/x509'
import { fail } from '../errors.ts'

type VerifyingKey = Awaited<ReturnType<X509Certificate['publicKey']['export']>>

/**
 * Whether the issuer's key signed the certificate, with an algorithm that is still to be relied on.
 * @throws CoterieError `X509_ALGORITHM` (environment): the runtime cannot verify with this kind of key; `X509_MALFORMED` (peer): the
 * issuer's key is not on its curve
 */
export async function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): Promise<boolean> {
  const { signatureAlgorithm } = certificate
  if (!fits(signatureAlgorithm, issuer) || !isStrong(signatureAlgorithm, issuer)) return false
  const publicKey = await importKey(signatureAlgorithm, issuer)
  try {
    return await certificate.verify({ publicKey, signatureOnly: true })
  } catch {
    // A signature in a form that its algorithm does not have.
    return false
  }
}

/** Whether a key of the issuer's kind can make a signature of this kind. */
function fits(signatureAlgorithm: object, issuer: X509Certificate): boolean {
  const [name, keyName] = [nameOf(signatureAlgorithm), nameOf(issuer.publicKey.algorithm)]
  return name === keyName || (name.startsWith('RSA') && keyName.startsWith('RSA'))
}

/** RFC 9155: no SHA-1. NIST SP 800-131A: no RSA below 2,048 bits. */
function isStrong({ hash }: HashedAlgorithm, issuer: X509Certificate): boolean {
  const algorithm: object = issuer.publicKey.algorithm
  const bits = 'modulusLength' in algorithm ? Number(algorithm.modulusLength) : Number.POSITIVE_INFINITY
  return (hash === undefined || nameOf(hash) !== 'SHA-1') && bits >= MIN_RSA_BITS
}

/** The library's types say it with the DOM's, which are not at hand everywhere. */
function nameOf(algorithm: object): string {
  return 'name' in algorithm ? String(algorithm.name) : ''
}

/** Here and not in the library's `verify`, which takes a key that cannot be imported for a signature that is not valid. */
async function importKey(signatureAlgorithm: HashedAlgorithm, issuer: X509Certificate): Promise<VerifyingKey> {
  try {
    return await issuer.publicKey.export({ ...issuer.publicKey.algorithm, ...signatureAlgorithm }, ['verify'])
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'DataError') {
      return fail('X509_MALFORMED', "an issuer's public key is none", { cause })
    }
    return fail('X509_ALGORITHM', 'this runtime cannot verify signatures of a certificate in the chain', { cause })
  }
}

const MIN_RSA_BITS = 2048
