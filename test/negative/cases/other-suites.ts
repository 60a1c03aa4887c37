// What depends on the cipher suite: lengths, points of the NIST curves, and the forms of signatures
// (RFC 9420 §5.1, §17.1, RFC 9180 §7.1, RFC 8032 §5.1.7, §5.2.7).
import { concat, toHex, utf8 } from '../../../src/bytes.ts'
import { derToRawSignature, rawToDerSignature } from '../../../src/crypto/ecdsa-der.ts'
import { type NistCurve, P256, P384, P521 } from '../../../src/crypto/nist-curves.ts'
import type { LeafNodeContent } from '../../../src/mls.ts'
import { personOf } from '../cast.ts'
import type { PathTampering } from '../forge/path.ts'
import { three } from './groups.ts'
import { type CaseSpec, type Chapter, commits, type Scene } from './scene.ts'
import { seeded } from './suites.ts'

const NIST: Readonly<Record<number, NistCurve>> = { 2: P256, 5: P521, 7: P384 }
const EDDSA_ORDER: Readonly<Record<number, bigint>> = {
  1: 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn,
  4: 0x3fffffffffffffffffffffffffffffffffffffffffffffffffffffff7cca23e9c44edb49aed63690216cc2728dc58f552378c292ab5844f3n,
}
const SUITES = [1, 2, 3, 4, 5, 6, 7] as const

type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>

function signatureCase(suite: number, spec: Spec, change: (signature: Uint8Array) => Uint8Array): CaseSpec {
  return {
    start: `suite-${suite}`,
    ...spec,
    name: `suite-${suite}-${spec.name}`,
    make: (cast, broken) => commits(cast, 'carol', broken ? { framing: { signature: change } } : {}),
  }
}

function pathCase(suite: number, spec: Spec, tampering: PathTampering): CaseSpec {
  return {
    start: `suite-${suite}`,
    ...spec,
    name: `suite-${suite}-${spec.name}`,
    make: (cast, broken) => commits(cast, 'carol', { path: broken ? tampering : {} }),
  }
}

const everySuite: CaseSpec[] = SUITES.flatMap((suite) => [
  signatureCase(
    suite,
    {
      name: 'signature-changed',
      about: `a commit's signature is changed in one bit, in suite ${suite}`,
      rows: [13],
      // The start's private keys are shorter than others there.
      ...(suite === 5 && { traps: ['suite-5-padding'] }),
      sections: ['5.1.2', '6.1'],
      code: 'FRAMING_SIGNATURE',
    },
    (signature) => signature.map((byte, i) => (i === signature.length - 1 ? byte ^ 1 : byte)),
  ),
  {
    name: `suite-${suite}-confirmation-tag`,
    about: `a commit's confirmation tag is a byte short, in suite ${suite}`,
    rows: [14],
    traps: ['tag-lengths'],
    sections: ['6.1', '12.4.2'],
    start: `suite-${suite}`,
    code: 'COMMIT_CONFIRMATION_TAG',
    make: (cast, broken) =>
      commits(cast, 'carol', broken ? { framing: { confirmationTag: (tag) => tag.slice(1) } } : {}),
  },
  {
    name: `suite-${suite}-psk-nonce`,
    about: `a PSK's nonce is a byte longer than KDF.Nh of suite ${suite}`,
    rows: [35],
    sections: ['8.4', '12.1.4'],
    start: `suite-${suite}`,
    code: 'PSK_NONCE_LENGTH',
    make: (cast, broken) => {
      const pskNonce = new Uint8Array(cast.suite.hash.length + (broken ? 1 : 0)).fill(3)
      const psk = { pskType: 1, pskId: utf8('shared by all'), pskNonce } as const
      return commits(cast, 'carol', { proposals: [{ proposalType: 4, psk }], path: 'none' })
    },
  },
  pathCase(
    suite,
    {
      name: 'encryption-key-short',
      about: `a commit's leaf node has an encryption key that is a byte short, in suite ${suite}`,
      rows: [61],
      sections: ['5.1.1', '7.3'],
      code: 'LEAF_KEY_INVALID',
    },
    { leaf: { content: (leaf) => ({ ...leaf, encryptionKey: leaf.encryptionKey.slice(1) }) } },
  ),
])

/** What is no point of a curve, or no encoding of one that is allowed. */
const POINTS: readonly (readonly [string, string, (key: Uint8Array, curve: NistCurve) => Uint8Array])[] = [
  [
    'off-the-curve',
    'that is not on the curve',
    (key) => key.map((byte, i) => (i === key.length - 1 ? byte ^ 1 : byte)),
  ],
  [
    'compressed',
    'in compressed form',
    (key, { size }) => concat(Uint8Array.of(2 + ((key.at(-1) ?? 0) & 1)), key.slice(1, 1 + size)),
  ],
  ['at-infinity', 'that is the point at infinity', () => Uint8Array.of(0)],
  ['hybrid', 'in hybrid form', (key) => key.with(0, 6 + ((key.at(-1) ?? 0) & 1))],
]

const nistCases: CaseSpec[] = Object.entries(NIST).flatMap(([id, curve]) => {
  const suite = Number(id)
  const raw = (change: (raw: Uint8Array) => Uint8Array) => (signature: Uint8Array) =>
    rawToDerSignature(curve, change(derToRawSignature(curve, signature) ?? new Uint8Array(0)))
  return [
    ...POINTS.flatMap(([which, what, change]): CaseSpec[] => [
      pathCase(
        suite,
        {
          name: `encryption-key-${which}`,
          about: `a commit's leaf node has an encryption key ${what}, in suite ${suite}`,
          rows: [61],
          traps: ['hpke-bounds'],
          sections: ['5.1.1', '9180 §7.1.4'],
          code: 'LEAF_KEY_INVALID',
        },
        {
          leaf: {
            content: (leaf: LeafNodeContent) => ({ ...leaf, encryptionKey: change(leaf.encryptionKey, curve) }),
          },
        },
      ),
      pathCase(
        suite,
        {
          name: `path-key-${which}`,
          about: `a path has a key ${what}, in suite ${suite}`,
          rows: [61],
          traps: ['hpke-bounds'],
          sections: ['5.1.1', '9180 §7.1.4'],
          code: 'TREE_KEY_INVALID',
        },
        { publicKeys: (keys) => keys.map((key) => change(key, curve)) },
      ),
      pathCase(
        suite,
        {
          name: `kem-output-${which}`,
          about: `a path secret comes with a KEM output ${what}, in suite ${suite}`,
          rows: [61],
          traps: ['hpke-bounds'],
          sections: ['7.6', '9180 §7.1.4'],
          code: 'PATH_DECRYPT_FAILED',
        },
        {
          nodes: (nodes) =>
            nodes.map((node) => ({
              ...node,
              encryptedPathSecret: node.encryptedPathSecret.map((sealed) => ({
                ...sealed,
                kemOutput: change(sealed.kemOutput, curve),
              })),
            })),
        },
      ),
    ]),
    signatureCase(
      suite,
      {
        name: 'signature-not-der',
        about: `a signature is r and s side by side, not in DER, in suite ${suite}`,
        rows: [13, 61],
        sections: ['5.1.2'],
        code: 'FRAMING_SIGNATURE',
      },
      (signature) => derToRawSignature(curve, signature) ?? new Uint8Array(0),
    ),
    signatureCase(
      suite,
      {
        name: 'signature-trailing-byte',
        about: `a byte follows the DER of a signature, in suite ${suite}`,
        rows: [13, 61],
        sections: ['5.1.2'],
        code: 'FRAMING_SIGNATURE',
      },
      (signature) => concat(signature, Uint8Array.of(0)),
    ),
    signatureCase(
      suite,
      {
        name: 'signature-of-zeros',
        about: `r and s of a signature are zero, in suite ${suite}`,
        rows: [13, 61],
        sections: ['5.1.2'],
        code: 'FRAMING_SIGNATURE',
      },
      raw((both) => new Uint8Array(both.length)),
    ),
  ]
})

const eddsaCases: CaseSpec[] = Object.entries(EDDSA_ORDER).map(([id, order]) =>
  signatureCase(
    Number(id),
    {
      name: 'signature-malleated',
      about: `S of a signature is not reduced by the order, in suite ${id}`,
      rows: [61, 13],
      sections: ['5.1.2', '8032 §8.4'],
      code: 'FRAMING_SIGNATURE',
    },
    (signature) => {
      const half = signature.length / 2
      let sum = order
      for (const [i, byte] of signature.slice(half).entries()) sum += BigInt(byte) << BigInt(8 * i)
      const s = Uint8Array.from({ length: half }, (_, i) => Number((sum >> BigInt(8 * i)) & 0xffn))
      return concat(signature.slice(0, half), s)
    },
  ),
)

export const otherSuites: Chapter = {
  file: 'cipher-suites',
  description:
    'What depends on the cipher suite. In suite 5 the private keys of the start are as short as they can be, so that they have to be padded.',
  async scenes() {
    const scenes: Record<string, Scene> = {}
    for (const suite of SUITES) {
      const cast = await three(seeded(suite, `suite ${suite}`))
      const { secrets } = personOf(cast, 'bob').keyPackage
      const short = (bytes: Uint8Array): string => toHex(bytes.subarray(bytes.findIndex((byte) => byte !== 0)))
      const start = {
        init_priv: short(secrets.initKeyPair.privateKey.bytes),
        encryption_priv: short(secrets.encryptionKeyPair.privateKey.bytes),
        signature_priv: short(secrets.signatureKeyPair.privateKey.bytes),
      }
      scenes[`suite-${suite}`] = { cast, receiver: 'bob', ...(suite === 5 && { start }) }
    }
    return scenes
  },
  cases: [...everySuite, ...nistCases, ...eddsaCases],
}
