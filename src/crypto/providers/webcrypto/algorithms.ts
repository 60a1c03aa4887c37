// Names and encodings of the algorithms that Web Cryptography may have (RFC 8410, RFC 5958, RFC 5915).

import { fromHex } from '../../../bytes.ts'
import { fail } from '../../../errors.ts'
import type { KeyPair } from '../../contract.ts'
import { type NistCurve, P256, P384, P521 } from '../../nist-curves.ts'
import { Secret } from '../../secret.ts'
import type { SubtleAlgorithm } from './subtle-keys.ts'

export const X25519: SubtleAlgorithm = {
  name: 'X25519',
  publicUsages: [],
  privateUsages: ['deriveBits'],
  privatePrefix: '302e020100300506032b656e04220420',
  privateInfix: '',
}

export const ED25519: SubtleAlgorithm = {
  name: 'Ed25519',
  publicUsages: ['verify'],
  privateUsages: ['sign'],
  privatePrefix: '302e020100300506032b657004220420',
  privateInfix: '',
}

/** A NIST curve, its hash in ECDSA, and the DER of its private keys. */
export interface SubtleNist {
  readonly curve: NistCurve
  readonly hash: 'SHA-256' | 'SHA-384' | 'SHA-512'
  readonly privatePrefix: string
  readonly privateInfix: string
  /** The point of the scalar 1, in hexadecimal: a key pair to try the runtime with. */
  readonly generator: string
}

export const SUBTLE_P256: SubtleNist = {
  curve: P256,
  hash: 'SHA-256',
  privatePrefix: '308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420',
  privateInfix: 'a144034200',
  generator:
    '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
}

export const SUBTLE_P384: SubtleNist = {
  curve: P384,
  hash: 'SHA-384',
  privatePrefix: '3081b6020100301006072a8648ce3d020106052b8104002204819e30819b0201010430',
  privateInfix: 'a164036200',
  generator:
    '04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab73617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f',
}

export const SUBTLE_P521: SubtleNist = {
  curve: P521,
  hash: 'SHA-512',
  privatePrefix: '3081ee020100301006072a8648ce3d020106052b810400230481d63081d30201010442',
  privateInfix: 'a1818903818600',
  generator:
    '0400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650',
}

/** Elliptic-curve Diffie-Hellman. */
export function ecdh(nist: SubtleNist): SubtleAlgorithm {
  return { name: 'ECDH', publicUsages: [], privateUsages: ['deriveBits'], ...encoding(nist) }
}

/** ECDSA. */
export function ecdsa(nist: SubtleNist): SubtleAlgorithm {
  return { name: 'ECDSA', publicUsages: ['verify'], privateUsages: ['sign'], ...encoding(nist) }
}

/** The key pair of the scalar 1. */
export function nistTestPair({ curve, generator }: SubtleNist): KeyPair {
  const scalar = new Uint8Array(curve.size)
  scalar[curve.size - 1] = 1
  return { publicKey: hex(generator), privateKey: new Secret(scalar) }
}

/** RFC 8032 §7.1, test 1. */
export function ed25519TestPair(): KeyPair {
  return {
    publicKey: hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'),
    privateKey: new Secret(hex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')),
  }
}

function encoding({
  curve,
  privatePrefix,
  privateInfix,
}: SubtleNist): Pick<SubtleAlgorithm, 'namedCurve' | 'privatePrefix' | 'privateInfix'> {
  return { namedCurve: curve.name, privatePrefix, privateInfix }
}

function hex(text: string): Uint8Array {
  return fromHex(text) ?? fail('INTERNAL_INVARIANT', 'a test key is not hexadecimal')
}
