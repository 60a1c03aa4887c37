// Validating a chain of certificates up to a trust anchor (RFC 5280 §6.1, RFC 9420 §5.3).
// Knows neither revocation nor name constraints: a certificate that insists on what is not understood is refused.

import { equalBytes } from '../bytes.ts'
import { fail } from '../errors.ts'
import {
  type CertificateInfo,
  DIGITAL_SIGNATURE,
  KEY_CERT_SIGN,
  type ParsedCertificate,
  parseCertificate,
  publicInfo,
} from './certificate.ts'
import { isSignedBy } from './signature.ts'

/** What a chain is judged by. */
export interface ChainOptions {
  /** DER of the certificates that are believed without further proof: roots, intermediates, or single holders. */
  readonly trustAnchors: readonly Uint8Array[]
  /** The time at which all certificates of the path must be valid, in milliseconds since the Unix epoch. */
  readonly nowMs: number
}

/**
 * Validates a chain: names, signatures, validity, basic constraints and key usages from the holder up to a trust anchor.
 * What follows the anchor in the chain is not looked at.
 * @param certificates - DER; the holder's first, each followed by its issuer's
 * @returns the holder's certificate
 * @throws CoterieError `X509_MALFORMED`, `X509_CHAIN`, `X509_EXTENSION`, `X509_UNTRUSTED`, `X509_VALIDITY` (peer); `X509_ALGORITHM`
 * (environment); `ARGUMENT_INVALID` (caller) where a trust anchor is not a certificate
 */
export async function verifyCertificateChain(
  certificates: readonly Uint8Array[],
  options: ChainOptions,
): Promise<CertificateInfo> {
  const anchors = parseAnchors(options.trustAnchors)
  return publicInfo(await validateChain(certificates, anchors, options.nowMs))
}

/** @throws CoterieError `ARGUMENT_INVALID` (caller) */
export function parseAnchors(trustAnchors: readonly Uint8Array[]): ParsedCertificate[] {
  return trustAnchors.map((der) => {
    try {
      return parseCertificate(der)
    } catch (cause) {
      return fail('ARGUMENT_INVALID', 'a trust anchor is not a DER certificate', { cause })
    }
  })
}

/** The same with trust anchors that have been read. */
export async function validateChain(
  certificates: readonly Uint8Array[],
  anchors: readonly ParsedCertificate[],
  nowMs: number,
): Promise<ParsedCertificate> {
  // A peer chooses the length: each certificate costs a signature.
  if (certificates.length > MAX_CHAIN) {
    fail('X509_CHAIN', `a chain of ${certificates.length} certificates is longer than ${MAX_CHAIN}`)
  }
  const [holder, ...issuers] = certificates.map(parseCertificate)
  if (holder === undefined) return fail('X509_CHAIN', 'a chain without certificates')
  checkOne(holder, nowMs)
  // RFC 5280 §4.2.1.3: the holder's key is for signatures.
  if (!allows(holder, DIGITAL_SIGNATURE)) fail('X509_CHAIN', "the holder's key is not for signatures")

  let last = holder
  let intermediates = 0
  for (const issuer of [...issuers, undefined]) {
    if (anchors.some(({ der }) => equalBytes(der, last.der))) return holder
    if (await isIssuedByAnchor(last, anchors, intermediates, nowMs)) return holder
    if (issuer === undefined) break
    checkOne(issuer, nowMs)
    checkMayIssue(issuer, last, intermediates)
    if (!(await isSignedBy(last.parsed, issuer.parsed))) {
      fail('X509_CHAIN', 'a certificate is not signed by the next one')
    }
    // RFC 5280 §4.2.1.9: certificates that an authority issues to itself do not count.
    if (!equalBytes(issuer.subjectDer, issuer.issuerDer)) intermediates++
    last = issuer
  }
  return fail('X509_UNTRUSTED', 'the chain leads to no trust anchor')
}

/** Whether an anchor issued the certificate. Several may have its issuer's name, before and after a change of keys. */
async function isIssuedByAnchor(
  certificate: ParsedCertificate,
  anchors: readonly ParsedCertificate[],
  intermediates: number,
  nowMs: number,
): Promise<boolean> {
  for (const anchor of anchors) {
    if (!equalBytes(anchor.subjectDer, certificate.issuerDer)) continue
    if (!(await isSignedBy(certificate.parsed, anchor.parsed))) continue
    checkOne(anchor, nowMs)
    checkMayIssue(anchor, certificate, intermediates)
    return true
  }
  return false
}

/** What can be said of each certificate by itself. */
function checkOne(certificate: ParsedCertificate, nowMs: number): void {
  const { notBeforeMs, notAfterMs, criticalExtensions } = certificate
  if (!(nowMs >= notBeforeMs && nowMs <= notAfterMs)) {
    fail('X509_VALIDITY', 'a certificate is not valid at this time', { details: { notBeforeMs, notAfterMs, nowMs } })
  }
  // RFC 5280 §4.2: a critical extension that is not recognized MUST lead to rejection.
  const extension = criticalExtensions.find((type) => !UNDERSTOOD.has(type))
  if (extension !== undefined) {
    fail('X509_EXTENSION', 'a certificate has a critical extension that is not understood', { details: { extension } })
  }
}

/** RFC 5280 §6.1.3 (a)(4), §6.1.4 (k) to (n). */
function checkMayIssue(issuer: ParsedCertificate, issued: ParsedCertificate, intermediates: number): void {
  if (!equalBytes(issuer.subjectDer, issued.issuerDer)) {
    fail('X509_CHAIN', 'a certificate is followed by one that is not of its issuer')
  }
  if (!issuer.isAuthority) fail('X509_CHAIN', 'a certificate was issued by one that is not of an authority')
  if (!allows(issuer, KEY_CERT_SIGN)) fail('X509_CHAIN', "an issuer's key is not for signing certificates")
  if (issuer.pathLength !== undefined && intermediates > issuer.pathLength) {
    fail('X509_CHAIN', 'more certificates are between an authority and the holder than it allows')
  }
}

/** Whether the key usages include one; without the extension all are allowed. */
function allows({ keyUsages }: ParsedCertificate, usage: number): boolean {
  return keyUsages === undefined || (keyUsages & usage) !== 0
}

const MAX_CHAIN = 8

/** Key usage, subject alternative name and basic constraints. */
const UNDERSTOOD: ReadonlySet<string> = new Set(['2.5.29.15', '2.5.29.17', '2.5.29.19'])
