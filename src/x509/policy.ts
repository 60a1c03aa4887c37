// A group policy that believes X.509 credentials whose certificates lead to a trust anchor (RFC 9420 §5.3, §5.3.1).

import { equalBytes } from '../bytes.ts'
import { fail } from '../errors.ts'
import type { CredentialCheck, GroupPolicy } from '../group/policy.ts'
import { type Credential, isX509Credential, type X509Credential } from '../messages/credential.ts'
import { type CertificateInfo, type ParsedCertificate, parseCertificate, publicInfo } from './certificate.ts'
import { parseAnchors, validateChain } from './chain.ts'
import { checkSubjectKey } from './subject-key.ts'

/** What is believed, when, and who is who. */
export interface X509PolicyOptions {
  /** DER of the certificates that are believed without further proof. */
  readonly trustAnchors: readonly Uint8Array[]
  /** The current time in milliseconds since the Unix epoch, asked for with each check: `Date.now`, for example. */
  readonly nowMs: () => number
  /**
   * Whether two certificates are of the same holder: for a credential that replaces another, and to find members again in
   * a successor or branch. Default: equal subjects and equal subject alternative names.
   */
  readonly sameHolder?: (a: CertificateInfo, b: CertificateInfo) => boolean
  /** What else the application asks of a holder, such as a name that it knows. Throws, or rejects, to refuse. */
  readonly checkHolder?: (holder: CertificateInfo, check: CredentialCheck) => void | Promise<void>
}

/**
 * The part of a group policy that is about credentials. Credentials of other types are refused.
 * Its errors are `X509_*`, `LEAF_IDENTITY_CHANGED` and `LEAF_CREDENTIAL_INVALID`.
 * @throws CoterieError `ARGUMENT_INVALID` (caller) where a trust anchor is not a certificate
 */
export function x509Policy(
  options: X509PolicyOptions,
): Required<Pick<GroupPolicy, 'validateCredentials' | 'sameClient'>> {
  const anchors = parseAnchors(options.trustAnchors)
  return {
    async validateCredentials(checks) {
      const nowMs = options.nowMs()
      await Promise.all(checks.map((check) => validate(check, anchors, nowMs, options)))
    },
    sameClient: (a, b) =>
      isX509Credential(a.credential) &&
      isX509Credential(b.credential) &&
      isSameHolder(a.credential, b.credential, options),
  }
}

async function validate(
  check: CredentialCheck,
  anchors: readonly ParsedCertificate[],
  nowMs: number,
  options: X509PolicyOptions,
): Promise<void> {
  const credential = x509Only(check.credential)
  const holder = await validateChain(credential.certificates, anchors, nowMs)
  checkSubjectKey(holder, check.signatureKey)
  // RFC 9420 §5.3.1: the new credential has to be a valid successor of the old one.
  if (check.predecessor !== undefined) {
    const before = check.predecessor.credential
    if (!isX509Credential(before) || !isSameHolder(before, credential, options)) {
      fail('LEAF_IDENTITY_CHANGED', 'a new certificate is of another holder than the one that it replaces')
    }
  }
  await options.checkHolder?.(publicInfo(holder), check)
}

function x509Only(credential: Credential): X509Credential {
  if (!isX509Credential(credential)) return fail('LEAF_CREDENTIAL_INVALID', 'the credential is not of type x509')
  return credential
}

function isSameHolder(a: X509Credential, b: X509Credential, { sameHolder }: X509PolicyOptions): boolean {
  const [first] = a.certificates
  const [second] = b.certificates
  if (first === undefined || second === undefined) return false
  if (equalBytes(first, second)) return true
  const [before, after] = [parseCertificate(first), parseCertificate(second)]
  return sameHolder?.(publicInfo(before), publicInfo(after)) ?? hasSameNames(before, after)
}

function hasSameNames(a: ParsedCertificate, b: ParsedCertificate): boolean {
  return isNamed(a) && equalBytes(a.subjectDer, b.subjectDer) && alternatives(a) === alternatives(b)
}

/** Nobody is the same as somebody without a name. */
function isNamed({ subjectDer, subjectAltNames }: ParsedCertificate): boolean {
  return subjectDer.length > EMPTY_NAME_LENGTH || subjectAltNames.length > 0
}

function alternatives({ subjectAltNames }: ParsedCertificate): string {
  return JSON.stringify(subjectAltNames.map(({ type, value }) => [type, value]))
}

/** A SEQUENCE of nothing. */
const EMPTY_NAME_LENGTH = 2
