// X.509 credentials whose certificate is not for the leaf's signature key (RFC 9420 §5.3).
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { concat, toHex, utf8 } from '../../../src/bytes.ts'
import type { CipherSuite } from '../../../src/crypto/labels.ts'
import { type Credential, x509Credential } from '../../../src/mls.ts'
import { assemble, type Cast, clientOf, commitBy, found, NOW_MS, personOf, withClient } from '../cast.ts'
import { forgeKeyPackage } from '../forge/leaf.ts'
import { type CaseSpec, type Chapter, commits, proposes } from './scene.ts'
import { seeded } from './suites.ts'
import { updateLeaf } from './updates.ts'

const ED25519 = { name: 'Ed25519' }
const ROOT = 'CN=Root of the negative suite'
const DAY_MS = 86_400_000

/** A certificate; Ed25519 signatures are deterministic, and so is everything in it. */
async function issue(
  suite: CipherSuite,
  subject: string,
  signatureKey: Uint8Array,
  extensions: Extension[],
): Promise<Uint8Array> {
  const publicKey = await webcrypto.subtle.importKey('raw', Uint8Array.from(signatureKey), ED25519, true, ['verify'])
  const certificate = await X509CertificateGenerator.create({
    serialNumber: toHex(suite.hash.digest(utf8(subject)).slice(0, 8)).replace(/^./, '1'),
    notBefore: new Date(NOW_MS - DAY_MS),
    notAfter: new Date(NOW_MS + DAY_MS),
    issuer: ROOT,
    subject,
    publicKey: await webcrypto.subtle.exportKey('spki', publicKey),
    signingKey: await rootKey(suite),
    signingAlgorithm: ED25519,
    extensions,
  })
  return new Uint8Array(certificate.rawData)
}

function rootSeed(suite: CipherSuite): Uint8Array {
  return suite.hash.digest(utf8(ROOT))
}

function rootKey(suite: CipherSuite): Promise<webcrypto.CryptoKey> {
  // RFC 8410 §7: a PKCS #8 structure around the seed.
  const header = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20)
  return webcrypto.subtle.importKey('pkcs8', Uint8Array.from(concat(header, rootSeed(suite))), ED25519, false, ['sign'])
}

/** The authority that all clients trust. */
async function rootCertificate(suite: CipherSuite): Promise<Uint8Array> {
  const { publicKey } = await suite.signature.importPrivateKey(rootSeed(suite))
  return issue(suite, ROOT, publicKey, [new BasicConstraintsExtension(true, undefined, true)])
}

async function certified(suite: CipherSuite, name: string, signatureKey: Uint8Array): Promise<Credential> {
  const usage = new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true)
  return x509Credential([await issue(suite, `CN=${name}`, signatureKey, [usage])])
}

/** Alice 0, Bob 1, Carol 2, and Erin, who is in no group: all of them with certificates. */
async function group(suite: CipherSuite): Promise<Cast> {
  const names = ['alice', 'bob', 'carol', 'erin']
  let cast = await assemble(suite, names)
  for (const name of names) {
    const { client } = personOf(cast, name)
    const credential = await certified(suite, name, client.signatureKeyPair.publicKey)
    cast = await withClient(cast, name, { ...client, credential, capabilities: { credentials: [2] } })
  }
  cast = await found(cast, 'alice')
  cast = await commitBy(cast, 'alice', ['bob', 'carol'])
  return commitBy(cast, 'carol')
}

type Spec = Pick<CaseSpec, 'name' | 'about' | 'make'>

function certificateCase(spec: Spec): CaseSpec {
  return { rows: [57], sections: ['5.3'], start: 'member', code: 'X509_KEY_MISMATCH', ...spec }
}

/** Erin's key package, with a certificate of hers that is for another key. */
async function keyPackageOf(cast: Cast, broken: boolean): ReturnType<typeof forgeKeyPackage> {
  const { client } = personOf(cast, 'erin')
  const { signatureKeyPair } = await clientOf(cast.suite, 'erin')
  return forgeKeyPackage(cast.suite, { ...client, ...(broken && { signatureKeyPair }) })
}

const cases: CaseSpec[] = [
  certificateCase({
    name: 'key-package-with-another-certificate',
    about: "a key package's certificate is for another key than the leaf's signature key",
    async make(cast, broken) {
      const { message } = await keyPackageOf(cast, broken)
      return { operation: 'check_key_package', messages: [toHex(message)], outcome: { kind: 'valid' } }
    },
  }),
  certificateCase({
    name: 'add-with-another-certificate',
    about: 'a commit adds a client whose certificate is for another key',
    async make(cast, broken) {
      const { keyPackage } = await keyPackageOf(cast, broken)
      return commits(cast, 'carol', { proposals: [{ proposalType: 1, keyPackage }] })
    },
  }),
  certificateCase({
    name: 'update-of-the-key-without-the-certificate',
    about: 'an Update changes the signature key and keeps the certificate',
    async make(cast, broken) {
      const { signatureKeyPair } = await clientOf(cast.suite, 'alice')
      const { publicKey } = signatureKeyPair
      const credential = await certified(cast.suite, 'alice', publicKey)
      const leafNode = await updateLeaf(cast, 'alice', {
        content: (leaf) => ({ ...leaf, signatureKey: publicKey, ...(!broken && { credential }) }),
        signer: signatureKeyPair,
      })
      return proposes(cast, broken, 'alice', { proposalType: 2, leafNode }, 'carol')
    },
  }),
  certificateCase({
    name: 'path-with-the-key-without-the-certificate',
    about: "a commit changes its sender's signature key and keeps the certificate",
    async make(cast, broken) {
      const { signatureKeyPair } = await clientOf(cast.suite, 'carol')
      const { publicKey } = signatureKeyPair
      const credential = await certified(cast.suite, 'carol', publicKey)
      return commits(cast, 'carol', {
        path: {
          leaf: {
            content: (leaf) => ({ ...leaf, signatureKey: publicKey, ...(!broken && { credential }) }),
            signer: signatureKeyPair,
          },
        },
      })
    },
  }),
]

export const certificates: Chapter = {
  file: 'certificates',
  description: "X.509 credentials whose certificate is not for the leaf's signature key.",
  async scenes() {
    const suite = seeded(1, 'certificates')
    const trusted = [toHex(await rootCertificate(suite))]
    return { member: { cast: await group(suite), receiver: 'bob', start: { trust_anchors: trusted } } }
  },
  cases,
}
