// What goes into ts-mls and comes out of it, as bytes and as its own structures.
import {
  type CiphersuiteImpl,
  decodeMlsMessage,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  type KeyPackage,
  type MLSMessage,
  type PrivateKeyPackage,
  type Proposal,
  type Welcome,
} from 'ts-mls'
import type { CommitOutput } from './peer.ts'
import { capabilities, type SignatureKeyPair } from './ts-mls-suite.ts'

const LIFETIME_SECONDS = 28 * 24 * 60 * 60
const CLOCK_SKEW_SECONDS = 60 * 60

export interface OwnKeyPackage {
  readonly publicPackage: KeyPackage
  readonly privatePackage: PrivateKeyPackage
}

export function newKeyPackage(
  suite: CiphersuiteImpl,
  identity: Uint8Array,
  signatureKeys: SignatureKeyPair,
): Promise<OwnKeyPackage> {
  const now = Math.floor(Date.now() / 1000)
  return generateKeyPackageWithKey(
    { credentialType: 'basic', identity },
    capabilities(),
    { notBefore: BigInt(now - CLOCK_SKEW_SECONDS), notAfter: BigInt(now + LIFETIME_SECONDS) },
    [],
    signatureKeys,
    suite,
  )
}

export function keyPackageMessage({ publicPackage }: OwnKeyPackage): Uint8Array {
  return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_key_package', keyPackage: publicPackage })
}

export function commitOutput(commit: MLSMessage, welcome: Welcome | undefined): CommitOutput {
  return {
    proposals: [],
    commit: encodeMlsMessage(commit),
    ...(welcome === undefined
      ? {}
      : { welcome: encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome }) }),
  }
}

/** The proposal to add whoever made a key package. */
export function addProposal(message: Uint8Array): Proposal {
  const decoded = decode(message)
  if (decoded.wireformat !== 'mls_key_package') throw new Error(`expected a KeyPackage, got ${decoded.wireformat}`)
  return { proposalType: 'add', add: { keyPackage: decoded.keyPackage } }
}

export function welcomeIn(message: Uint8Array): Welcome {
  const decoded = decode(message)
  if (decoded.wireformat !== 'mls_welcome') throw new Error(`expected a Welcome, got ${decoded.wireformat}`)
  return decoded.welcome
}

export function decode(message: Uint8Array): MLSMessage {
  const [decoded, bytes] = decodeMlsMessage(message, 0) ?? []
  if (decoded === undefined || bytes !== message.length) throw new Error('not an MLSMessage')
  return decoded
}
