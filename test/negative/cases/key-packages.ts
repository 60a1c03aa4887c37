// Key packages that nobody may add (RFC 9420 §7.3, §10).
import { toHex, utf8 } from '../../../src/bytes.ts'
import { basicCredential } from '../../../src/mls.ts'
import { type Cast, clientOf, IMPOSTOR, NOW_MS, stateOf } from '../cast.ts'
import { forgeCommit } from '../forge/commit.ts'
import { type AddSpec, addCase, erins, type Wrong } from './adds.ts'
import { four } from './groups.ts'
import type { CaseSpec, Chapter } from './scene.ts'
import { seeded } from './suites.ts'

/** A key package, and the same in an Add that Carol commits. */
function bothCases(spec: AddSpec, wrong: (cast: Cast) => Wrong | Promise<Wrong>): CaseSpec[] {
  return [
    {
      start: 'member',
      ...spec,
      name: `key-package-${spec.name}`,
      about: `a key package ${spec.about}`,
      async make(cast, broken) {
        const { message } = await erins(cast, broken ? await wrong(cast) : {})
        return { operation: 'check_key_package', messages: [toHex(message)], outcome: { kind: 'valid' } }
      },
    },
    addCase({ ...spec, name: `add-${spec.name}`, about: `a commit adds a key package that ${spec.about}` }, wrong),
  ]
}

const seconds = (days: number): bigint => BigInt(NOW_MS / 1000 + days * 86_400)

const keyPackageCases: CaseSpec[] = [
  {
    name: 'key-package-is-a-commit',
    about: 'a commit is given for a key package',
    rows: [8],
    sections: ['6', '10'],
    start: 'member',
    code: 'FRAMING_WIRE_FORMAT',
    async make(cast, broken) {
      const { message } = await erins(cast)
      const given = broken ? (await forgeCommit(stateOf(cast, 'carol'))).message : message
      return { operation: 'check_key_package', messages: [toHex(given)], outcome: { kind: 'valid' } }
    },
  },
  ...bothCases(
    {
      name: 'of-version-2',
      about: 'is for protocol version 2',
      rows: [28],
      sections: ['10.1'],
      code: 'KEY_PACKAGE_VERSION',
    },
    () => ({ tampering: { content: (content) => ({ ...content, version: 2 }) } }),
  ),
  ...bothCases(
    {
      name: 'of-another-suite',
      about: 'is for cipher suite 3',
      rows: [28],
      sections: ['10.1'],
      code: 'KEY_PACKAGE_SUITE',
    },
    () => ({ tampering: { content: (content) => ({ ...content, cipherSuite: 3 }) } }),
  ),
  ...bothCases(
    {
      name: 'signed-by-another',
      about: "is signed with another key than its leaf's",
      rows: [28],
      sections: ['10', '10.1'],
      code: 'KEY_PACKAGE_SIGNATURE',
    },
    async (cast) => ({ tampering: { signer: (await clientOf(cast.suite, 'another')).signatureKeyPair } }),
  ),
  ...bothCases(
    {
      name: 'changed-after-signing',
      about: 'has another init key than its signature covers',
      rows: [28],
      sections: ['10', '10.1'],
      code: 'KEY_PACKAGE_SIGNATURE',
    },
    async (cast) => {
      const { publicKey } = await cast.suite.kem.generateKeyPair()
      return { tampering: { signed: (keyPackage) => ({ ...keyPackage, initKey: publicKey }) } }
    },
  ),
  ...bothCases(
    {
      name: 'with-one-key',
      about: 'uses its encryption key as init key',
      rows: [28],
      sections: ['10.1'],
      code: 'KEY_PACKAGE_INIT_KEY',
    },
    () => ({ tampering: { content: (content) => ({ ...content, initKey: content.leafNode.encryptionKey }) } }),
  ),
  ...bothCases(
    {
      name: 'init-key-short',
      about: 'has an init key that is a byte short',
      rows: [28, 61],
      sections: ['10', '5.1.1'],
      code: 'KEY_PACKAGE_INIT_KEY',
    },
    () => ({ tampering: { content: (content) => ({ ...content, initKey: content.initKey.slice(1) }) } }),
  ),
  ...bothCases(
    {
      name: 'init-key-of-small-order',
      about: 'has an init key that leads to a Diffie-Hellman result of zeros',
      rows: [61],
      traps: ['hpke-bounds'],
      sections: ['10', '9180 §7.1.4'],
      code: 'KEY_PACKAGE_INIT_KEY',
    },
    () => ({ tampering: { content: (content) => ({ ...content, initKey: Uint8Array.of(1, ...new Uint8Array(31)) }) } }),
  ),
  ...bothCases(
    {
      name: 'leaf-signed-by-another',
      about: 'has a leaf node that is signed with another key',
      rows: [19],
      sections: ['7.2', '7.3', '10.1'],
      code: 'LEAF_SIGNATURE',
    },
    async (cast) => ({ tampering: { leaf: { signer: (await clientOf(cast.suite, 'another')).signatureKeyPair } } }),
  ),
  ...bothCases(
    {
      name: 'with-source-update',
      about: 'has a leaf node with the source update',
      rows: [20],
      sections: ['7.3', '10'],
      code: 'LEAF_SOURCE',
    },
    () => ({ tampering: { origin: { source: 2 } } }),
  ),
  ...bothCases(
    {
      name: 'with-source-commit',
      about: 'has a leaf node with the source commit',
      rows: [20],
      sections: ['7.3', '10'],
      code: 'LEAF_SOURCE',
    },
    () => ({ tampering: { origin: { source: 3, parentHash: new Uint8Array(32) } } }),
  ),
  ...bothCases(
    {
      name: 'of-an-impostor',
      about: 'has a credential that the authentication service does not vouch for',
      rows: [21],
      sections: ['5.3.1', '7.3'],
      start: 'vigilant',
      code: 'LEAF_CREDENTIAL_INVALID',
    },
    () => ({ client: () => ({ credential: basicCredential(IMPOSTOR) }) }),
  ),
  ...bothCases(
    {
      name: 'extension-unlisted',
      about: 'has a leaf extension that it does not list',
      rows: [24],
      sections: ['7.3'],
      code: 'LEAF_EXTENSION_UNSUPPORTED',
    },
    () => ({
      tampering: {
        leaf: { content: (leaf) => ({ ...leaf, extensions: [{ extensionType: 0xf0aa, data: utf8('unlisted') }] }) },
      },
    }),
  ),
  ...bothCases(
    {
      name: 'expired',
      about: 'expired a day ago',
      rows: [25],
      traps: ['lifetimes'],
      sections: ['7.2', '7.3'],
      code: 'LEAF_LIFETIME',
    },
    () => ({ client: () => ({ lifetime: { notBefore: seconds(-30), notAfter: seconds(-1) } }) }),
  ),
  ...bothCases(
    {
      name: 'not-yet-valid',
      about: 'is valid from tomorrow on',
      rows: [25],
      traps: ['lifetimes'],
      sections: ['7.2', '7.3'],
      code: 'LEAF_LIFETIME',
    },
    () => ({ client: () => ({ lifetime: { notBefore: seconds(1), notAfter: seconds(30) } }) }),
  ),
  ...bothCases(
    {
      name: 'valid-for-too-long',
      about: 'is valid for two years, where 366 days are allowed',
      rows: [25],
      traps: ['lifetimes'],
      sections: ['7.2'],
      code: 'LEAF_LIFETIME',
    },
    () => ({ client: () => ({ lifetime: { notBefore: seconds(-1), notAfter: seconds(730) } }) }),
  ),
  ...bothCases(
    {
      name: 'valid-forever',
      about: 'is valid until the last second there can be',
      rows: [25],
      traps: ['lifetimes'],
      sections: ['7.2'],
      code: 'LEAF_LIFETIME',
    },
    () => ({ client: () => ({ lifetime: { notBefore: 0n, notAfter: 0xffff_ffff_ffff_ffffn } }) }),
  ),
]

export const keyPackages: Chapter = {
  file: 'key-packages',
  description: 'Key packages that nobody may add.',
  async scenes() {
    const cast = await four(seeded(1, 'key packages'))
    return {
      member: { cast, receiver: 'bob' },
      vigilant: { cast, receiver: 'bob', start: { refused_identities: [toHex(IMPOSTOR)] } },
    }
  },
  cases: keyPackageCases,
}
