// Welcomes that lead nowhere: to the wrong client, from the wrong member, without or with the wrong secrets
// (RFC 9420 §12.4.3, §12.4.3.1).
import { concat, toHex, utf8 } from '../../../src/bytes.ts'
import { type Extension, type PreSharedKeyId, requiredCapabilitiesExtension } from '../../../src/mls.ts'
import { assemble, type Cast, commitBy, EXTRA_EXTENSION, EXTRA_PROPOSAL, found, lookUpPsk, PSK_ID, personOf, stateOf } from '../cast.ts'
import { forgeCommit } from '../forge/commit.ts'
import { forgeWelcome, type WelcomeForgery, type WelcomeTampering } from '../forge/welcome.ts'
import { patchedSuite } from '../seeded-suite.ts'
import { tall } from './groups.ts'
import { type CaseSpec, type Chapter, type Made, secretOf } from './scene.ts'
import { seeded } from './suites.ts'

type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>

/** What is wrong with a Welcome beside its tampering. */
type Wrong = WelcomeTampering & {
  readonly forgery?: (honest: WelcomeForgery, cast: Cast) => Partial<WelcomeForgery>
  readonly attempt?: Partial<Made>
}

/** Alice adds Erin, with a path, and welcomes her. */
async function welcomed(cast: Cast, wrong: Wrong): Promise<Made> {
  const { forgery, attempt, ...tampering } = wrong
  const alice = stateOf(cast, 'alice')
  const { keyPackage } = personOf(cast, 'erin').keyPackage
  const forged = await forgeCommit(alice, { proposals: [{ proposalType: 1, keyPackage }] })
  const [added] = forged.outcome.added
  const common = forged.path?.steps.find(
    ({ copath }) =>
      added !== undefined && copath.firstLeaf <= added.leafIndex && added.leafIndex < copath.firstLeaf + 2 ** copath.level,
  )
  const honest: WelcomeForgery = {
    suite: cast.suite,
    groupContext: forged.groupContext,
    tree: forged.tree,
    signer: { leafIndex: 0, signatureKeyPair: alice.own.signatureKeyPair },
    joiner: keyPackage,
    joinerSecret: forged.joinerSecret,
    pathSecret: common?.pathSecret.bytes,
  }
  const { message, epochAuthenticator } = await forgeWelcome({ ...honest, ...forgery?.(honest, cast), tampering })
  return {
    operation: 'join',
    messages: [toHex(message)],
    outcome: { kind: 'joined', epoch_authenticator: toHex(epochAuthenticator) },
    ...attempt,
  }
}

function welcomeCase(spec: Spec, wrong: (cast: Cast) => Wrong | Promise<Wrong>, right: Wrong = {}): CaseSpec {
  return {
    start: 'joiner',
    ...spec,
    make: async (cast, broken) => welcomed(cast, broken ? await wrong(cast) : right),
  }
}

const keyPackageCases: CaseSpec[] = [
  welcomeCase(
    {
      name: 'for-another-key-package',
      about: 'the Welcome names a key package that the client does not have',
      rows: [48],
      sections: ['12.4.3.1'],
      code: 'JOIN_KEY_PACKAGE_UNKNOWN',
    },
    () => ({ newMember: (reference) => reference.map((byte) => byte ^ 1) }),
  ),
  welcomeCase(
    {
      name: 'for-a-shortened-reference',
      about: "the Welcome names the beginning of the key package's reference",
      rows: [48],
      traps: ['tag-lengths'],
      sections: ['12.4.3.1'],
      code: 'JOIN_KEY_PACKAGE_UNKNOWN',
    },
    () => ({ newMember: (reference) => reference.slice(0, 16) }),
  ),
  welcomeCase(
    {
      name: 'of-another-suite',
      about: 'the Welcome says that it is of suite 3',
      rows: [48],
      sections: ['12.4.3.1'],
      code: 'JOIN_SUITE_MISMATCH',
    },
    () => ({ cipherSuite: 3 }),
  ),
  welcomeCase(
    {
      name: 'sealed-to-another',
      about: 'the group secrets are encrypted to another key',
      rows: [48],
      sections: ['12.4.3.1'],
      code: 'JOIN_WELCOME_DECRYPT',
    },
    () => ({ sealed: ({ kemOutput, ciphertext }) => ({ kemOutput, ciphertext: ciphertext.map((byte) => byte ^ 1) }) }),
  ),
  welcomeCase(
    {
      name: 'kem-output-of-zeros',
      about: 'the KEM output leads to a Diffie-Hellman result of zeros',
      rows: [48, 61],
      traps: ['hpke-bounds'],
      sections: ['12.4.3.1', '9180 §7.1.4'],
      code: 'JOIN_WELCOME_DECRYPT',
    },
    () => ({ sealed: ({ ciphertext }) => ({ kemOutput: new Uint8Array(32), ciphertext }) }),
  ),
  welcomeCase(
    {
      name: 'group-info-under-another-secret',
      about: 'the group info is not encrypted under the joiner secret that the client gets',
      rows: [48],
      sections: ['12.4.3.1'],
      code: 'JOIN_WELCOME_DECRYPT',
    },
    () => ({ groupSecrets: (secrets) => ({ ...secrets, joinerSecret: secretOf(1, 32) }) }),
  ),
]

const groupInfoCases: CaseSpec[] = [
  welcomeCase(
    {
      name: 'signed-by-another-leaf',
      about: 'the group info is signed by Bob in the name of Alice',
      rows: [49],
      traps: ['new-key-without-path'],
      sections: ['12.4.3', '12.4.3.1'],
      code: 'JOIN_GROUP_INFO_SIGNATURE',
    },
    (cast) => ({ signer: stateOf(cast, 'bob').own.signatureKeyPair }),
  ),
  welcomeCase(
    {
      name: 'changed-after-signing',
      about: 'the group info has an extension more than its signature covers',
      rows: [49],
      sections: ['12.4.3'],
      code: 'JOIN_GROUP_INFO_SIGNATURE',
    },
    () => ({
      signed: (info) => ({ ...info, extensions: [...info.extensions, { extensionType: 0x0a0a, data: utf8('more') }] }),
    }),
  ),
  ...(
    [
      ['blank', 'a blank leaf', 7],
      ['outside', 'a leaf beyond the last', 8],
      ['2-to-the-31', 'leaf 2^31, which wraps to 0', 0x8000_0000],
      ['2-to-the-30', 'leaf 2^30, whose node index wraps', 0x4000_0000],
      ['the-last', 'leaf 2^32 - 1', 0xffff_ffff],
    ] as const
  ).map(([which, where, signer]) =>
    welcomeCase(
      {
        name: `signer-${which}`,
        about: `the group info says that its signer is at ${where}`,
        rows: [49, 62],
        traps: ['signed-indices'],
        sections: ['12.4.3.1'],
        code: 'JOIN_SIGNER',
      },
      () => ({ groupInfo: (content) => ({ ...content, signer }) }),
    ),
  ),
  ...(
    [
      ['changed', 'differs in a bit', (tag: Uint8Array) => tag.map((byte, i) => (i === 0 ? byte ^ 1 : byte))],
      ['shortened', 'is cut to its first half', (tag: Uint8Array) => tag.slice(0, 16)],
      ['empty', 'is empty', () => new Uint8Array(0)],
    ] as const
  ).map(([which, what, tamper]) =>
    welcomeCase(
      {
        name: `group-info-tag-${which}`,
        about: `the group info's confirmation tag ${what}; the signature covers it`,
        rows: [49],
        traps: ['tag-lengths'],
        sections: ['12.4.3.1'],
        code: 'JOIN_CONFIRMATION_TAG',
      },
      () => ({ groupInfo: (content) => ({ ...content, confirmationTag: tamper(content.confirmationTag) }) }),
    ),
  ),
  welcomeCase(
    {
      name: 'group-of-version-2',
      about: 'the group context is of protocol version 2',
      rows: [49],
      sections: ['12.4.3.1'],
      code: 'JOIN_SUITE_MISMATCH',
    },
    () => ({ forgery: (honest) => ({ groupContext: { ...honest.groupContext, version: 2 } }) }),
  ),
  welcomeCase(
    {
      name: 'group-of-another-suite',
      about: 'the group context is of suite 3',
      rows: [49],
      sections: ['12.4.3.1'],
      code: 'JOIN_SUITE_MISMATCH',
    },
    () => ({ forgery: (honest) => ({ groupContext: { ...honest.groupContext, cipherSuite: 3 } }) }),
  ),
  welcomeCase(
    {
      name: 'tree-hash-changed',
      about: "the group context's tree hash is not the tree's",
      rows: [50],
      sections: ['12.4.3.1', '12.4.3.3'],
      code: 'TREE_HASH_MISMATCH',
    },
    () => ({ treeHash: (hash) => hash.map((byte) => byte ^ 1) }),
  ),
  welcomeCase(
    {
      name: 'tree-missing',
      about: 'the tree is neither in the Welcome nor given',
      rows: [50],
      sections: ['12.4.3.1', '12.4.3.3'],
      code: 'JOIN_TREE_MISSING',
    },
    () => ({ ratchetTree: () => undefined }),
  ),
  welcomeCase(
    {
      name: 'group-info-trailing-byte',
      about: 'a byte follows the group info',
      rows: [4],
      sections: ['12.4.3'],
      code: 'CODEC_TRAILING_BYTES',
    },
    () => ({ encodedGroupInfo: (bytes) => concat(bytes, Uint8Array.of(0)) }),
  ),
  welcomeCase(
    {
      name: 'group-info-extension-twice',
      about: 'the group info has an extension type twice, which its signature covers',
      rows: [5],
      sections: ['13.4'],
      code: 'EXTENSION_DUPLICATE',
    },
    () => {
      const twice = utf8('an extension that occurs twice')
      const from = concat(Uint8Array.of(0xf0, 0x02, twice.length), twice)
      const to = concat(Uint8Array.of(0x1a, 0x1a, twice.length), twice)
      return {
        groupInfo: (content) => ({
          ...content,
          extensions: [
            ...content.extensions,
            { extensionType: 0x1a1a, data: utf8('once') },
            { extensionType: 0xf002, data: twice },
          ],
        }),
        forgery: (_, { suite }) => ({ suite: patchedSuite(suite, { from, to }) }),
      }
    },
  ),
  welcomeCase(
    {
      name: 'group-id-of-an-own-group',
      about: 'the client is in a group with this id already',
      rows: [56],
      sections: ['12.4.3'],
      code: 'GROUP_ID_TAKEN',
    },
    () => ({ attempt: { own_groups: [toHex(utf8('another group')), toHex(utf8('negative suite'))] } }),
    { attempt: { own_groups: [toHex(utf8('another group'))] } },
  ),
]

const fitCases: CaseSpec[] = [
  ...(
    [
      ['extension', 'an extension that nobody lists', { extensionType: EXTRA_EXTENSION + 1, data: utf8('in use') }, [29], 'GROUP_EXTENSION_UNSUPPORTED'],
      ['grease', 'a GREASE extension', { extensionType: 0x0a0a, data: utf8('grease') }, [29, 58], 'GROUP_EXTENSION_UNSUPPORTED'],
      [
        'required',
        'a required proposal type that nobody lists',
        requiredCapabilitiesExtension({ extensionTypes: [], proposalTypes: [EXTRA_PROPOSAL + 1], credentialTypes: [] }),
        [22],
        'GROUP_REQUIRED_CAPABILITIES',
      ],
    ] satisfies [string, string, Extension, number[], CaseSpec['code']][]
  ).map(([which, what, extension, rows, code]) =>
    welcomeCase(
      {
        name: `group-context-with-${which}`,
        about: `the group context has ${what}`,
        rows,
        sections: ['12.4.3', '13.4', '13.5'],
        code,
      },
      () => ({ forgery: ({ groupContext }) => ({ groupContext: { ...groupContext, extensions: [extension] } }) }),
    ),
  ),
  welcomeCase(
    {
      name: 'group-info-with-unknown-extensions',
      about: 'unknown and GREASE extensions of a group info are ignored, but its signature is not',
      rows: [49, 58],
      sections: ['12.4.3', '13.4', '13.5'],
      code: 'JOIN_GROUP_INFO_SIGNATURE',
    },
    (cast) => ({ ...withUnknown, signer: stateOf(cast, 'bob').own.signatureKeyPair }),
    {
      groupInfo: (content) => withUnknown.groupInfo(content),
    },
  ),
  {
    name: 'joiner-does-not-support-an-extension',
    about: 'the joiner does not support an extension that all others support',
    rows: [29],
    sections: ['12.4.3', '13.4'],
    start: 'narrow',
    code: 'GROUP_EXTENSION_UNSUPPORTED',
    make: (cast, broken) =>
      welcomed(cast, {
        forgery: ({ groupContext }) => ({
          groupContext: {
            ...groupContext,
            extensions: broken ? [{ extensionType: EXTRA_EXTENSION, data: utf8('in use') }] : [],
          },
        }),
      }),
  },
]

const withUnknown = {
  groupInfo: (content: Parameters<NonNullable<WelcomeTampering['groupInfo']>>[0]) => ({
    ...content,
    extensions: [
      ...content.extensions,
      { extensionType: 0x1a1a, data: utf8('grease') },
      { extensionType: 0xf0ee, data: utf8('unknown') },
    ],
  }),
}

const pathSecretCases: CaseSpec[] = [
  welcomeCase(
    {
      name: 'path-secret-of-other-keys',
      about: 'the path secret does not give the keys in the tree',
      rows: [54],
      sections: ['12.4.3.1'],
      code: 'JOIN_PATH_SECRET',
    },
    () => ({ forgery: () => ({ pathSecret: new Uint8Array(32).fill(1) }) }),
  ),
  welcomeCase(
    {
      name: 'path-secret-of-another-node',
      about: 'the path secret is that of the node below the common ancestor',
      rows: [54],
      sections: ['12.4.3.1'],
      code: 'JOIN_PATH_SECRET',
    },
    () => ({ forgery: ({ pathSecret }) => ({ pathSecret: pathSecret?.map((byte) => byte ^ 0xff) }) }),
  ),
  welcomeCase(
    {
      name: 'path-secret-cut',
      about: 'the path secret is a byte short',
      rows: [54],
      sections: ['12.4.3.1'],
      code: 'JOIN_PATH_SECRET',
    },
    () => ({ forgery: ({ pathSecret }) => ({ pathSecret: pathSecret?.slice(1) }) }),
  ),
  welcomeCase(
    {
      name: 'path-secret-withheld',
      about: 'the path secret is missing, though the commit had a path and the joiner is not unmerged',
      rows: [54],
      sections: ['4.1.1', '12.4.1', '12.4.3.1'],
      code: 'JOIN_PATH_SECRET',
    },
    () => ({ forgery: () => ({ pathSecret: undefined }) }),
  ),
  welcomeCase(
    {
      name: 'path-secret-of-another-signer',
      about: 'the signer is a member whose common ancestor with the joiner is another node',
      rows: [54],
      sections: ['12.4.3.1'],
      code: 'JOIN_PATH_SECRET',
    },
    (cast) => ({
      forgery: () => ({ signer: { leafIndex: 4, signatureKeyPair: stateOf(cast, 'dave').own.signatureKeyPair } }),
    }),
  ),
]

const pskId = (pskId: Uint8Array, nonceLength = 32): PreSharedKeyId => ({
  pskType: 1,
  pskId,
  pskNonce: new Uint8Array(nonceLength).fill(5),
})

function pskCase(spec: Spec, ids: readonly PreSharedKeyId[], right: readonly PreSharedKeyId[]): CaseSpec {
  const using = (list: readonly PreSharedKeyId[]): Wrong => ({
    forgery: () => ({ psks: list.map((id) => ({ id, secret: lookUpPsk(id) ?? secretOf(7, 32) })) }),
  })
  return welcomeCase(spec, () => using(ids), using(right))
}

const pskCases: CaseSpec[] = [
  pskCase(
    {
      name: 'welcome-psk-unknown',
      about: 'the Welcome names a PSK that the client does not have',
      rows: [35],
      sections: ['8.4', '12.4.3.1'],
      code: 'PSK_UNKNOWN',
    },
    [pskId(utf8('of which only Alice knows'))],
    [pskId(PSK_ID)],
  ),
  pskCase(
    {
      name: 'welcome-psk-nonce-short',
      about: "a PSK's nonce in the Welcome has 31 bytes, where KDF.Nh is 32",
      rows: [35],
      sections: ['8.4', '12.1.4'],
      code: 'PSK_NONCE_LENGTH',
    },
    [pskId(PSK_ID, 31)],
    [pskId(PSK_ID)],
  ),
  pskCase(
    {
      name: 'welcome-psk-twice',
      about: 'the Welcome names the same PSK with the same nonce twice',
      rows: [35],
      sections: ['8.4', '12.2'],
      code: 'PSK_DUPLICATE',
    },
    [pskId(PSK_ID), pskId(PSK_ID)],
    [pskId(PSK_ID)],
  ),
]

/** Alice 0, Bob 1, Carol 2, who support the extra types; Erin does not. */
async function narrow(): Promise<Cast> {
  const members = ['alice', 'bob', 'carol']
  const cast = await found(await assemble(seeded(1, 'welcomes narrow'), [...members, 'erin'], members), 'alice')
  return commitBy(cast, 'alice', ['bob', 'carol'])
}

export const welcomes: Chapter = {
  file: 'welcomes',
  description: 'Welcomes that lead nowhere.',
  scenes: async () => ({
    joiner: { cast: await tall(seeded(1, 'welcomes')), receiver: 'erin' },
    narrow: { cast: await narrow(), receiver: 'erin' },
  }),
  cases: [...keyPackageCases, ...groupInfoCases, ...fitCases, ...pathSecretCases, ...pskCases],
}
