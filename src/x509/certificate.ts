// Reading one certificate (RFC 5280 §4.1, §4.2). Says what it contains, not whether it is to be believed.

// The library below throws while it loads unless this one came first.
import 'reflect-metadata'
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type Name,
  SubjectAlternativeNameExtension,
  X509Certificate,
} from '@peculiar/x509'
import { fail } from '../errors.ts'
import { hasStrictForm } from './strict-der.ts'

/** One name in a certificate's `subjectAltName`. */
export interface SubjectAltName {
  /** `dns`, `email`, `url`, `ip`, `dn`, `guid`, `upn` or `id`. */
  readonly type: string
  readonly value: string
}

/** What a certificate says, for people and policies. */
export interface CertificateInfo {
  /** The certificate itself. */
  readonly der: Uint8Array
  /** The subject's distinguished name as text, such as `CN=Alice, O=Example`. */
  readonly subject: string
  readonly subjectAltNames: readonly SubjectAltName[]
  readonly issuer: string
  /** Hexadecimal. */
  readonly serialNumber: string
  /** Milliseconds since the Unix epoch, inclusive. */
  readonly notBeforeMs: number
  /** Milliseconds since the Unix epoch, inclusive. */
  readonly notAfterMs: number
  /** DER of the `subjectPublicKeyInfo`. */
  readonly subjectPublicKeyInfo: Uint8Array
}

/** A certificate with all that the validation of a chain looks at. */
export interface ParsedCertificate extends CertificateInfo {
  /** DER of the distinguished names, to compare them by. */
  readonly subjectDer: Uint8Array
  readonly issuerDer: Uint8Array
  /** `cA` of the basic constraints; false without them. */
  readonly isAuthority: boolean
  readonly pathLength: number | undefined
  /** Undefined where there is no key usage extension. */
  readonly keyUsages: number | undefined
  /** Object identifiers of the critical extensions. */
  readonly criticalExtensions: readonly string[]
  /** The library's own view of it, for signatures. */
  readonly parsed: X509Certificate
}

export const DIGITAL_SIGNATURE: number = KeyUsageFlags.digitalSignature
export const KEY_CERT_SIGN: number = KeyUsageFlags.keyCertSign

/**
 * Reads a certificate.
 * @param der - exactly one certificate
 * @throws CoterieError `X509_MALFORMED` (peer)
 */
export function readCertificate(der: Uint8Array): CertificateInfo {
  return publicInfo(parseCertificate(der))
}

/** What a certificate says, without what only this folder needs. */
export function publicInfo(certificate: ParsedCertificate): CertificateInfo {
  const { der, subject, subjectAltNames, issuer, serialNumber, notBeforeMs, notAfterMs } = certificate
  const { subjectPublicKeyInfo } = certificate
  return { der, subject, subjectAltNames, issuer, serialNumber, notBeforeMs, notAfterMs, subjectPublicKeyInfo }
}

/**
 * Reads a certificate with what the validation of a chain needs.
 * @throws CoterieError `X509_MALFORMED` (peer)
 */
export function parseCertificate(der: Uint8Array): ParsedCertificate {
  // The library takes PEM and other texts, too, and lets bytes follow.
  if (!hasStrictForm(der)) fail('X509_MALFORMED', 'these bytes are not exactly one DER certificate')
  try {
    return view(new X509Certificate(der.slice()))
  } catch (cause) {
    return fail('X509_MALFORMED', 'a certificate cannot be read', { cause })
  }
}

function view(parsed: X509Certificate): ParsedCertificate {
  const types = parsed.extensions.map(({ type }) => type)
  // RFC 5280 §4.2: an extension MUST NOT occur twice.
  if (new Set(types).size !== types.length) throw new Error('an extension occurs twice')
  const constraints = parsed.getExtension(BasicConstraintsExtension)
  return {
    der: new Uint8Array(parsed.rawData),
    subject: parsed.subject,
    subjectDer: encoded(parsed.subjectName),
    subjectAltNames: alternativeNames(parsed),
    issuer: parsed.issuer,
    issuerDer: encoded(parsed.issuerName),
    serialNumber: parsed.serialNumber,
    notBeforeMs: parsed.notBefore.getTime(),
    notAfterMs: parsed.notAfter.getTime(),
    subjectPublicKeyInfo: new Uint8Array(parsed.publicKey.rawData),
    isAuthority: constraints?.ca ?? false,
    pathLength: constraints?.pathLength,
    keyUsages: parsed.getExtension(KeyUsagesExtension)?.usages,
    criticalExtensions: parsed.extensions.filter(({ critical }) => critical).map(({ type }) => type),
    parsed,
  }
}

function alternativeNames(parsed: X509Certificate): SubjectAltName[] {
  const names = parsed.getExtension(SubjectAlternativeNameExtension)?.names.items ?? []
  return names.map(({ type, value }) => ({ type, value }))
}

function encoded(name: Name): Uint8Array {
  return new Uint8Array(name.toArrayBuffer())
}
