// Cipher suites, signature keys and capabilities for ts-mls.
import { createECDH } from 'node:crypto'
import {
  type Capabilities,
  type CiphersuiteImpl,
  ciphersuites,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
} from 'ts-mls'
import { PeerUnable } from './peer.ts'

export interface SignatureKeyPair {
  readonly signKey: Uint8Array
  readonly publicKey: Uint8Array
}

/** By its number in RFC 9420 §17.1. */
export function tsMlsSuite(suite: number): Promise<CiphersuiteImpl> {
  return getCiphersuiteImpl(getCiphersuiteFromName(suiteName(suite)))
}

function suiteName(suite: number): keyof typeof ciphersuites {
  for (const [name, number] of Object.entries(ciphersuites)) {
    if (number === suite) return name as keyof typeof ciphersuites
  }
  throw new PeerUnable('ts-mls', `use cipher suite ${suite}`)
}

/** Curve and length of a private key, in octets. */
const ECDSA_CURVES: ReadonlyMap<number, readonly [string, number]> = new Map([
  [2, ['prime256v1', 32]],
  [5, ['secp521r1', 66]],
  [7, ['secp384r1', 48]],
])

/** Its own generator makes compressed ECDSA public keys, against RFC 9420 §5.1.1: those are made here. */
export async function signatureKeyPair(suite: number, impl: CiphersuiteImpl): Promise<SignatureKeyPair> {
  const curve = ECDSA_CURVES.get(suite)
  if (curve === undefined) return impl.signature.keygen()
  const [name, privateKeyBytes] = curve
  const pair = createECDH(name)
  pair.generateKeys()
  const publicKey = new Uint8Array(pair.getPublicKey())
  const scalar = pair.getPrivateKey()
  const signKey = new Uint8Array(privateKeyBytes)
  signKey.set(scalar, privateKeyBytes - scalar.length)
  return { signKey, publicKey }
}

/** With GREASE values (RFC 9420 §13.5) in every list that has room for them. */
export function capabilities(): Capabilities {
  return {
    versions: ['mls10'],
    ciphersuites: [...[1, 2, 3, 4, 5, 6, 7].map(suiteName), '2570'] as Capabilities['ciphersuites'],
    extensions: [0x1a1a],
    proposals: [0x2a2a],
    credentials: ['basic', 'x509', '14906'] as Capabilities['credentials'],
  }
}
