// Real certificates for tests: authorities with keys of the runtime's Web Cryptography, and what they issue.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  type Extension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** The time at which everything here is valid unless a test says otherwise. */
export const NOW_MS: number = Date.UTC(2026, 10, 20)
export const DAY_MS = 86_400_000

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const RSA = { name: 'RSASSA-PKCS1-v1_5', publicExponent: new Uint8Array([1, 0, 1]) }

/** What authorities sign with. */
const ALGORITHMS = {
  'P-256': P256,
  'P-256 with SHA-1': { ...P256, hash: 'SHA-1' },
  'P-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  'P-521': { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
  Ed25519: { name: 'Ed25519' },
  'RSA 2048': { ...RSA, modulusLength: 2048, hash: 'SHA-256' },
  'RSA 1024': { ...RSA, modulusLength: 1024, hash: 'SHA-256' },
} as const
export type AlgorithmName = keyof typeof ALGORITHMS

/** By the cipher suite, how Web Cryptography calls its signature keys. */
const KEY_ALGORITHMS: Readonly<Record<number, webcrypto.Algorithm & { namedCurve?: string }>> = {
  1: { name: 'Ed25519' },
  2: { name: 'ECDSA', namedCurve: 'P-256' },
  4: { name: 'Ed448' },
  5: { name: 'ECDSA', namedCurve: 'P-521' },
  7: { name: 'ECDSA', namedCurve: 'P-384' },
}

/** Someone with a key pair and a certificate, who can issue others. */
export interface Authority {
  readonly name: string
  readonly der: Uint8Array
  readonly keys: webcrypto.CryptoKeyPair
  readonly algorithm: (typeof ALGORITHMS)[AlgorithmName]
}

/** What a certificate says. */
export interface Contents {
  readonly notBeforeMs?: number
  readonly notAfterMs?: number
  readonly isAuthority?: boolean
  readonly pathLength?: number
  readonly keyUsages?: number
  readonly names?: JsonGeneralNames
  readonly extensions?: readonly Extension[]
}

/** An authority that certified itself. */
export async function rootAuthority(
  name: string,
  contents: Contents = {},
  algorithmName: AlgorithmName = 'P-256',
): Promise<Authority> {
  const algorithm = ALGORITHMS[algorithmName]
  const keys = await generateKeys(algorithmName)
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...fields({ isAuthority: true, ...contents }),
    name,
    keys,
    signingAlgorithm: algorithm,
  })
  return { name, der: new Uint8Array(certificate.rawData), keys, algorithm }
}

/** An authority that another one certified. */
export async function intermediateAuthority(
  issuer: Authority,
  name: string,
  contents: Contents = {},
): Promise<Authority> {
  const keys = await generateKeys('P-256')
  const der = await issue(issuer, name, keys.publicKey, { isAuthority: true, ...contents })
  return { name, der, keys, algorithm: ALGORITHMS['P-256'] }
}

/** A certificate for a signature key of MLS. */
export async function memberCertificate(
  issuer: Authority,
  name: string,
  suiteId: number,
  signatureKey: Uint8Array<ArrayBuffer>,
  contents: Contents = {},
): Promise<Uint8Array> {
  const key = await webcrypto.subtle.importKey('raw', signatureKey, KEY_ALGORITHMS[suiteId] ?? '', true, ['verify'])
  return issue(issuer, name, key, { keyUsages: KeyUsageFlags.digitalSignature, ...contents })
}

async function issue(
  issuer: Authority,
  subject: string,
  publicKey: webcrypto.CryptoKey,
  contents: Contents,
): Promise<Uint8Array> {
  const certificate = await X509CertificateGenerator.create({
    ...fields(contents),
    subject,
    issuer: issuer.name,
    publicKey: await webcrypto.subtle.exportKey('spki', publicKey),
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: issuer.algorithm,
  })
  return new Uint8Array(certificate.rawData)
}

function fields(contents: Contents): {
  serialNumber: string
  notBefore: Date
  notAfter: Date
  extensions: Extension[]
} {
  const { isAuthority, pathLength, keyUsages, names, extensions = [] } = contents
  return {
    serialNumber: webcrypto.randomUUID().replaceAll('-', ''),
    notBefore: new Date(contents.notBeforeMs ?? NOW_MS - DAY_MS),
    notAfter: new Date(contents.notAfterMs ?? NOW_MS + DAY_MS),
    extensions: [
      ...(isAuthority === undefined ? [] : [new BasicConstraintsExtension(isAuthority, pathLength, true)]),
      ...(keyUsages === undefined ? [] : [new KeyUsagesExtension(keyUsages, true)]),
      ...(names === undefined ? [] : [new SubjectAlternativeNameExtension(names)]),
      ...extensions,
    ],
  }
}

async function generateKeys(algorithmName: AlgorithmName): Promise<webcrypto.CryptoKeyPair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHMS[algorithmName], true, ['sign', 'verify'])
  if (!('privateKey' in keys)) throw new Error('not a key pair')
  return keys
}
