// Adds of key packages that are valid by themselves but do not fit their group (RFC 9420 §7.3, §12.1.1, §12.2, §13.4).
import { utf8 } from '../../../src/bytes.ts'
import { type KeyPackage, type OwnKeyPackage, requiredCapabilitiesExtension } from '../../../src/mls.ts'
import { leafAt } from '../../../src/tree/ratchet-tree.ts'
import { Branch } from '../../../src/tree/subtree.ts'
import {
  type Cast,
  clientOf,
  EXTRA_CREDENTIAL,
  EXTRA_EXTENSION,
  EXTRA_PROPOSAL,
  personOf,
  stateOf,
  VERSATILE,
} from '../cast.ts'
import { forgeKeyPackage, type KeyPackageTampering } from '../forge/leaf.ts'
import { demanding, four, three } from './groups.ts'
import { type CaseSpec, type Chapter, commits, type Made } from './scene.ts'
import { seeded } from './suites.ts'

export type AddSpec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>
type Client = Parameters<typeof forgeKeyPackage>[1]

/** What is wrong with a key package. */
export interface Wrong {
  readonly client?: (client: Client) => Partial<Client>
  readonly tampering?: KeyPackageTampering
}

/** A key package of Erin, who is in no group. */
export function erins(cast: Cast, { client, tampering }: Wrong = {}): Promise<OwnKeyPackage> {
  const honest = personOf(cast, 'erin').client
  return forgeKeyPackage(cast.suite, { ...honest, ...client?.(honest) }, tampering)
}

/** Carol commits an Add of a wrong key package. */
export function addCase(spec: AddSpec, wrong: (cast: Cast) => Wrong | Promise<Wrong>): CaseSpec {
  return {
    start: 'member',
    ...spec,
    async make(cast, broken) {
      const { keyPackage } = await erins(cast, broken ? await wrong(cast) : {})
      return adds(cast, [keyPackage])
    },
  }
}

function adds(cast: Cast, keyPackages: readonly KeyPackage[]): Promise<Made> {
  return commits(cast, 'carol', {
    proposals: keyPackages.map((keyPackage) => ({ proposalType: 1, keyPackage })),
  })
}

const lacking = (capabilities: Client['capabilities']): Wrong => ({
  client: () => ({ capabilities: { ...VERSATILE, ...capabilities } }),
})

const fitCases: CaseSpec[] = [
  addCase(
    {
      name: 'add-without-a-required-proposal',
      about: 'a client is added that lacks a required proposal type',
      rows: [22],
      sections: ['7.3', '11.1'],
      start: 'demanding',
      code: 'LEAF_CAPABILITIES_MISSING',
    },
    () => lacking({ proposals: [] }),
  ),
  addCase(
    {
      name: 'add-without-a-group-extension',
      about: 'a client is added that lacks an extension of the group',
      rows: [29],
      sections: ['13.4'],
      start: 'using',
      code: 'LEAF_EXTENSION_UNSUPPORTED',
    },
    () => lacking({ extensions: [] }),
  ),
  addCase(
    {
      name: 'add-credential-type-unsupported',
      about: 'a client is added with a credential type that Dave does not support',
      rows: [23],
      sections: ['7.3', '13.3'],
      code: 'LEAF_CREDENTIAL_UNSUPPORTED',
    },
    () => ({ client: () => ({ credential: { credentialType: EXTRA_CREDENTIAL, content: utf8('erin') } }) }),
  ),
  {
    name: 'add-does-not-support-basic',
    about: 'a client is added that does not support the credential type that all others have',
    rows: [23],
    sections: ['7.3', '13.3'],
    start: 'member',
    code: 'LEAF_CREDENTIAL_UNSUPPORTED',
    async make(cast, broken) {
      // Dave, who does not support Erin's credential type, is removed.
      const { keyPackage } = await erins(cast, {
        client: () => ({ credential: { credentialType: EXTRA_CREDENTIAL, content: utf8('erin') } }),
        tampering: {
          leaf: {
            content: (leaf) => ({
              ...leaf,
              capabilities: { ...leaf.capabilities, credentials: broken ? [EXTRA_CREDENTIAL] : [1, EXTRA_CREDENTIAL] },
            }),
          },
        },
      })
      return commits(cast, 'carol', {
        proposals: [
          { proposalType: 1, keyPackage },
          { proposalType: 3, removed: 3 },
        ],
      })
    },
  },
  {
    name: 'add-lacks-what-the-same-commit-requires',
    about: 'a commit requires a proposal type, which the client that it adds lacks',
    rows: [22],
    sections: ['12.3', '12.1.7'],
    start: 'versatile',
    code: 'LEAF_CAPABILITIES_MISSING',
    async make(cast, broken) {
      const { keyPackage } = await erins(cast, lacking(broken ? { proposals: [] } : {}))
      const required = { extensionTypes: [], proposalTypes: [EXTRA_PROPOSAL], credentialTypes: [] }
      return commits(cast, 'carol', {
        proposals: [
          { proposalType: 1, keyPackage },
          { proposalType: 7, extensions: [requiredCapabilitiesExtension(required)] },
        ],
      })
    },
  },
]

const duplicateCases: CaseSpec[] = [
  {
    name: 'add-twice',
    about: 'a commit adds the same key package twice',
    rows: [34],
    sections: ['12.2'],
    start: 'member',
    code: 'COMMIT_MEMBER_EXISTS',
    async make(cast, broken) {
      const { keyPackage } = await erins(cast)
      return adds(cast, broken ? [keyPackage, keyPackage] : [keyPackage])
    },
  },
  {
    name: 'add-two-of-one-client',
    about: 'a commit adds two key packages with the same signature key',
    rows: [26, 34],
    sections: ['12.2', '7.3'],
    start: 'member',
    code: 'COMMIT_MEMBER_EXISTS',
    async make(cast, broken) {
      const one = await erins(cast)
      const other = await erins(
        cast,
        broken ? {} : { client: (client) => ({ ...client, ...personOf(cast, 'frank').client }) },
      )
      return adds(cast, [one.keyPackage, other.keyPackage])
    },
  },
  {
    name: 'add-a-member',
    about: 'a commit adds a client with the signature key of a member, who stays',
    rows: [26, 34],
    sections: ['12.2', '7.3'],
    start: 'member',
    code: 'COMMIT_MEMBER_EXISTS',
    async make(cast, broken) {
      const { keyPackage } = await erins(cast, { client: () => personOf(cast, 'alice').client })
      return commits(cast, 'carol', {
        proposals: [
          { proposalType: 1, keyPackage },
          { proposalType: 3, removed: broken ? 3 : 0 },
        ],
      })
    },
  },
  {
    name: 'add-the-committer',
    about: 'a commit adds a client with the old signature key of its sender, who changes it',
    rows: [34],
    sections: ['12.2'],
    start: 'member',
    code: 'COMMIT_MEMBER_EXISTS',
    async make(cast, broken) {
      const { signatureKeyPair } = await clientOf(cast.suite, 'carol')
      const { publicKey } = signatureKeyPair
      const { keyPackage } = await erins(cast, broken ? { client: () => personOf(cast, 'carol').client } : {})
      return commits(cast, 'carol', {
        proposals: [{ proposalType: 1, keyPackage }],
        path: { leaf: { content: (leaf) => ({ ...leaf, signatureKey: publicKey }), signer: signatureKeyPair } },
      })
    },
  },
  ...(
    [
      ['of-a-member', 'of a member', (cast) => leafAt(stateOf(cast, 'carol').tree, 0)?.encryptionKey],
      ['of-a-parent', 'of a parent node', (cast) => keyAboveAlice(cast)],
    ] satisfies [string, string, (cast: Cast) => Uint8Array | undefined][]
  ).map(
    ([which, whose, keyOf]): CaseSpec =>
      addCase(
        {
          name: `add-encryption-key-${which}`,
          about: `a client is added with the encryption key ${whose}`,
          rows: [26],
          sections: ['7.3', '16.7'],
          code: 'TREE_DUPLICATE_KEY',
        },
        (cast) => {
          const encryptionKey = keyOf(cast) ?? new Uint8Array(0)
          return { tampering: { leaf: { content: (leaf) => ({ ...leaf, encryptionKey }) } } }
        },
      ),
  ),
  {
    name: 'add-two-with-one-encryption-key',
    about: 'a commit adds two clients with the same encryption key',
    rows: [26],
    sections: ['7.3', '16.7'],
    start: 'member',
    code: 'TREE_DUPLICATE_KEY',
    async make(cast, broken) {
      const one = await erins(cast)
      const { encryptionKey } = one.keyPackage.leafNode
      const other = await erins(cast, {
        client: () => personOf(cast, 'frank').client,
        ...(broken && { tampering: { leaf: { content: (leaf) => ({ ...leaf, encryptionKey }) } } }),
      })
      return adds(cast, [one.keyPackage, other.keyPackage])
    },
  },
]

const ignoredCases: CaseSpec[] = [
  {
    name: 'add-with-unknown-values',
    about: 'a key package full of unknown and GREASE values is as good as any, but for its signature',
    rows: [58],
    traps: ['code-points'],
    sections: ['7.2', '13.4', '13.5'],
    start: 'member',
    code: 'KEY_PACKAGE_SIGNATURE',
    async make(cast, broken) {
      const another = await clientOf(cast.suite, 'another')
      // 0x000a: the last-resort extension, as it is shipped by others.
      const extensions = [0x000a, 0x1a1a, 0xf0bb].map((extensionType) => ({ extensionType, data: utf8('ignored') }))
      const { keyPackage } = await erins(cast, {
        tampering: {
          leaf: {
            content: (leaf) => ({
              ...leaf,
              extensions: [{ extensionType: 0x2a2a, data: utf8('listed') }],
              capabilities: {
                versions: [1, 0x3a3a],
                cipherSuites: [1, 0x4a4a, 0xf0cc],
                extensions: [EXTRA_EXTENSION, 0x000a, 0x1a1a, 0x2a2a, 0xf0bb],
                proposals: [0x5a5a, 0xf003],
                credentials: [1, 0x6a6a],
              },
            }),
          },
          content: (content) => ({ ...content, extensions }),
          ...(broken && { signer: another.signatureKeyPair }),
        },
      })
      return adds(cast, [keyPackage])
    },
  },
]

function keyAboveAlice(cast: Cast): Uint8Array | undefined {
  const { root } = stateOf(cast, 'alice').tree
  return root instanceof Branch && root.left instanceof Branch ? root.left.parentNode?.encryptionKey : undefined
}

export const additions: Chapter = {
  file: 'adds',
  description: 'Adds of key packages that are valid by themselves but do not fit their group.',
  async scenes() {
    const inUse = { extensionType: EXTRA_EXTENSION, data: utf8('in use') }
    return {
      member: { cast: await four(seeded(1, 'adds')), receiver: 'bob' },
      demanding: { cast: await demanding(seeded(1, 'adds demanding')), receiver: 'bob' },
      using: { cast: await three(seeded(1, 'adds using'), [inUse]), receiver: 'bob' },
      versatile: { cast: await three(seeded(1, 'adds versatile')), receiver: 'bob' },
    }
  },
  cases: [...fitCases, ...duplicateCases, ...ignoredCases],
}
