// Leaf nodes that may not enter a group: in Updates and in the paths of commits (RFC 9420 §5.3, §7.2, §7.3).
import { utf8 } from '../../../src/bytes.ts'
import { basicCredential, type LeafNodeContent, type LeafNodeOrigin } from '../../../src/mls.ts'
import { type Cast, clientOf, EXTRA_CREDENTIAL, IMPOSTOR, stateOf } from '../cast.ts'
import { toHex } from '../../../src/bytes.ts'
import { forgeCommit } from '../forge/commit.ts'
import type { LeafTampering } from '../forge/leaf.ts'
import { leafAt } from '../../../src/tree/ratchet-tree.ts'
import { demanding, four, knowing } from './groups.ts'
import { type CaseSpec, type Chapter, commits, following, type Made, proposes } from './scene.ts'
import { seeded } from './suites.ts'
import { forgedUpdate, updateLeaf } from './updates.ts'

type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>

/** What is wrong with a leaf node, given the group. The control has nothing wrong. */
type Tamper = (cast: Cast, leafIndex: number) => LeafTampering | Promise<LeafTampering>

/** Alice proposes an Update with a wrong leaf node. */
function updateCase(spec: Spec, tamper: Tamper): CaseSpec {
  return {
    start: 'member',
    ...spec,
    async make(cast, broken) {
      const leafNode = await updateLeaf(cast, 'alice', broken ? await tamper(cast, 0) : {})
      return proposes(cast, broken, 'alice', { proposalType: 2, leafNode }, 'carol')
    },
  }
}

/** Carol commits with a wrong leaf node in the path. */
function pathCase(spec: Spec, tamper: Tamper): CaseSpec {
  return {
    start: 'member',
    ...spec,
    make: async (cast, broken) => commits(cast, 'carol', { path: broken ? { leaf: await tamper(cast, 2) } : {} }),
  }
}

/** The same wrong leaf node, once in an Update and once in a path. */
function bothCases(spec: Spec, tamper: Tamper): CaseSpec[] {
  return [
    updateCase({ ...spec, name: `update-${spec.name}`, about: `an Update's ${spec.about}` }, tamper),
    pathCase({ ...spec, name: `path-${spec.name}`, about: `a commit's ${spec.about}` }, tamper),
  ]
}

const saying =
  (change: (leaf: LeafNodeContent) => Partial<LeafNodeContent>): Tamper =>
  () => ({ content: (leaf) => ({ ...leaf, ...change(leaf) }) })

const withOrigin = (origin: LeafNodeOrigin): Tamper => saying(() => ({ origin }))

const lifetime = { notBefore: 1_772_000_000n, notAfter: 1_775_000_000n }

const signatureCases: CaseSpec[] = [
  ...bothCases(
    {
      name: 'leaf-signed-by-another',
      about: "leaf node is signed with another member's key",
      rows: [19],
      sections: ['7.2', '7.3'],
      code: 'LEAF_SIGNATURE',
    },
    (cast) => ({ signer: stateOf(cast, 'bob').own.signatureKeyPair }),
  ),
  ...bothCases(
    {
      name: 'leaf-signed-for-another-index',
      about: 'leaf node is signed for another leaf index',
      rows: [19],
      sections: ['7.2', '7.3'],
      code: 'LEAF_SIGNATURE',
    },
    (cast) => ({ place: { groupId: stateOf(cast, 'alice').groupContext.groupId, leafIndex: 1 } }),
  ),
  ...bothCases(
    {
      name: 'leaf-signed-for-another-group',
      about: 'leaf node is signed for another group',
      rows: [19],
      sections: ['7.2', '7.3'],
      code: 'LEAF_SIGNATURE',
    },
    (_, leafIndex) => ({ place: { groupId: utf8('another group'), leafIndex } }),
  ),
  ...bothCases(
    {
      name: 'leaf-changed-after-signing',
      about: 'leaf node says more than its signature covers',
      rows: [19],
      sections: ['7.2', '7.3'],
      code: 'LEAF_SIGNATURE',
    },
    () => ({ signed: (leaf) => ({ ...leaf, capabilities: { ...leaf.capabilities, proposals: [0xf00d] } }) }),
  ),
]

const sourceCases: CaseSpec[] = [
  updateCase(
    {
      name: 'update-with-source-commit',
      about: "an Update's leaf node has the source commit",
      rows: [20],
      sections: ['7.3'],
      code: 'LEAF_SOURCE',
    },
    withOrigin({ source: 3, parentHash: new Uint8Array(32) }),
  ),
  updateCase(
    {
      name: 'update-with-source-key-package',
      about: "an Update's leaf node has the source key_package",
      rows: [20],
      sections: ['7.3'],
      code: 'LEAF_SOURCE',
    },
    withOrigin({ source: 1, lifetime }),
  ),
  pathCase(
    {
      name: 'path-with-source-update',
      about: "a commit's leaf node has the source update",
      rows: [20],
      sections: ['7.3', '12.4.2'],
      code: 'LEAF_SOURCE',
    },
    withOrigin({ source: 2 }),
  ),
  pathCase(
    {
      name: 'path-with-source-key-package',
      about: "a commit's leaf node has the source key_package",
      rows: [20],
      sections: ['7.3', '12.4.2'],
      code: 'LEAF_SOURCE',
    },
    withOrigin({ source: 1, lifetime }),
  ),
]

const credentialCases: CaseSpec[] = [
  ...bothCases(
    {
      name: 'identity-changed',
      about: 'leaf node has the credential of another identity',
      rows: [21],
      sections: ['5.3.1', '7.3'],
      code: 'LEAF_IDENTITY_CHANGED',
    },
    saying(() => ({ credential: basicCredential(utf8('somebody else')) })),
  ),
  updateCase(
    {
      name: 'update-of-an-impostor',
      about: "an Update's credential is one that the authentication service does not vouch for",
      rows: [21],
      sections: ['5.3.1', '7.3'],
      start: 'vigilant',
      code: 'LEAF_CREDENTIAL_INVALID',
    },
    saying(() => ({ credential: basicCredential(IMPOSTOR) })),
  ),
  ...bothCases(
    {
      name: 'credential-type-unlisted',
      about: "leaf node does not list its own credential's type",
      rows: [23],
      sections: ['7.2', '7.3'],
      code: 'LEAF_CREDENTIAL_UNSUPPORTED',
    },
    saying((leaf) => ({ capabilities: { ...leaf.capabilities, credentials: [EXTRA_CREDENTIAL] } })),
  ),
]

const capabilityCases: CaseSpec[] = [
  ...(['extensions', 'proposals', 'credentials'] as const).flatMap((which): CaseSpec[] => {
    const spec = {
      rows: [22],
      sections: ['7.3', '11.1'],
      start: 'demanding',
      code: 'LEAF_CAPABILITIES_MISSING',
    } as const
    const tamper = saying((leaf) => ({
      capabilities: { ...leaf.capabilities, [which]: which === 'credentials' ? [1] : [] },
    }))
    return [
      {
        ...spec,
        name: `update-required-${which}-missing`,
        about: `an Update lists none of the ${which} that the group requires, and is committed`,
        make: (cast, broken) => committedUpdate(cast, broken ? tamper : () => ({})),
      },
      pathCase(
        {
          ...spec,
          name: `path-required-${which}-missing`,
          about: `a commit's leaf node lists none of the ${which} that the group requires`,
        },
        tamper,
      ),
    ]
  }),
  ...bothCases(
    {
      name: 'extension-unlisted',
      about: 'leaf node has an extension that it does not list',
      rows: [24],
      sections: ['7.3'],
      code: 'LEAF_EXTENSION_UNSUPPORTED',
    },
    saying(() => ({ extensions: [{ extensionType: 0xf0aa, data: utf8('unlisted') }] })),
  ),
  ...bothCases(
    {
      name: 'grease-extension-unlisted',
      about: 'leaf node has a GREASE extension that it does not list',
      rows: [24, 58],
      sections: ['7.3', '13.5'],
      code: 'LEAF_EXTENSION_UNSUPPORTED',
    },
    saying(() => ({ extensions: [{ extensionType: 0x0a0a, data: utf8('grease') }] })),
  ),
  ...bothCases(
    {
      name: 'suite-unlisted',
      about: "leaf node does not list the group's cipher suite",
      rows: [22],
      sections: ['7.2', '11.1'],
      code: 'LEAF_SUITE_UNSUPPORTED',
    },
    saying((leaf) => ({ capabilities: { ...leaf.capabilities, cipherSuites: [2] } })),
  ),
  ...bothCases(
    {
      name: 'version-unlisted',
      about: "leaf node does not list the group's protocol version",
      rows: [22],
      sections: ['7.2', '11.1'],
      code: 'LEAF_SUITE_UNSUPPORTED',
    },
    saying((leaf) => ({ capabilities: { ...leaf.capabilities, versions: [2] } })),
  ),
]

const keyCases: CaseSpec[] = [
  updateCase(
    {
      name: 'update-keeps-its-key',
      about: 'an Update keeps the encryption key',
      rows: [27],
      sections: ['7.3'],
      code: 'LEAF_KEY_UNCHANGED',
    },
    (cast) => {
      const { encryptionKey } = member(cast, 0)
      return { content: (leaf) => ({ ...leaf, encryptionKey }) }
    },
  ),
  {
    name: 'path-keeps-the-leaf-key',
    about: "a commit keeps its sender's encryption key",
    rows: [42],
    sections: ['7.5', '12.4.2'],
    start: 'member',
    code: 'LEAF_KEY_UNCHANGED',
    make: (cast, broken) => {
      const kept = stateOf(cast, 'carol').own.privateKeys.get(4)
      return commits(cast, 'carol', { path: broken && kept !== undefined ? { leafKeyPair: kept } : {} })
    },
  },
  ...bothCases(
    {
      name: 'encryption-key-short',
      about: "leaf node's encryption key is a byte short",
      rows: [61],
      sections: ['5.1.1', '7.3'],
      code: 'LEAF_KEY_INVALID',
    },
    saying((leaf) => ({ encryptionKey: leaf.encryptionKey.slice(1) })),
  ),
  ...bothCases(
    {
      name: 'encryption-key-of-small-order',
      about: "leaf node's encryption key leads to a Diffie-Hellman result of zeros",
      rows: [61],
      traps: ['hpke-bounds'],
      sections: ['5.1.1', '9180 §7.1.4'],
      code: 'LEAF_KEY_INVALID',
    },
    saying(() => ({ encryptionKey: new Uint8Array(32) })),
  ),
  ...bothCases(
    {
      name: 'signature-key-of-small-order',
      about: "leaf node's signature key is the neutral element, under which anybody can sign, and somebody did",
      rows: [61],
      sections: ['5.1.1', '7.3'],
      code: 'LEAF_SIGNATURE',
    },
    () => ({
      content: (leaf) => ({ ...leaf, signatureKey: Uint8Array.of(1, ...new Uint8Array(31)) }),
      // R is the base point and S is 1: S·B = R + k·A, whatever k is.
      signed: (leaf) => ({
        ...leaf,
        signature: Uint8Array.of(0x58, ...new Uint8Array(31).fill(0x66), 1, ...new Uint8Array(31)),
      }),
    }),
  ),
  ...bothCases(
    {
      name: 'signature-key-short',
      about: "leaf node's signature key is a byte short",
      rows: [61],
      sections: ['5.1.1', '7.3'],
      code: 'LEAF_KEY_INVALID',
    },
    saying((leaf) => ({ signatureKey: leaf.signatureKey.slice(1) })),
  ),
  updatedKeyCase('signature-key-of-a-member', 'the signature key of another member', 'TREE_DUPLICATE_KEY', (cast) => {
    const { signatureKeyPair } = stateOf(cast, 'carol').own
    return {
      content: (leaf) => ({ ...leaf, signatureKey: signatureKeyPair.publicKey }),
      signer: signatureKeyPair,
    }
  }),
  updatedKeyCase('encryption-key-of-a-member', 'the encryption key of another member', 'TREE_DUPLICATE_KEY', (cast) => {
    const { encryptionKey } = member(cast, 2)
    return { content: (leaf) => ({ ...leaf, encryptionKey }) }
  }),
  pathCase(
    {
      name: 'path-signature-key-of-a-member',
      about: "a commit's leaf node has the signature key of another member",
      rows: [26],
      sections: ['7.3', '16.7'],
      code: 'TREE_DUPLICATE_KEY',
    },
    (cast) => {
      const { signatureKeyPair } = stateOf(cast, 'dave').own
      return {
        content: (leaf) => ({ ...leaf, signatureKey: signatureKeyPair.publicKey }),
        signer: signatureKeyPair,
      }
    },
  ),
  {
    name: 'two-updates-with-one-signature-key',
    about: 'two Updates in a commit bring the same new signature key',
    rows: [26],
    sections: ['7.3', '16.7'],
    start: 'member',
    code: 'TREE_DUPLICATE_KEY',
    async make(cast, broken) {
      const one = await clientOf(cast.suite, 'one')
      const other = broken ? one : await clientOf(cast.suite, 'other')
      const carol = stateOf(cast, 'carol')
      const updates = await Promise.all(
        ([['alice', one], ['dave', other]] as const).map(([who, { signatureKeyPair }]) =>
          forgedUpdate(cast, who, {
            content: (leaf) => ({ ...leaf, signatureKey: signatureKeyPair.publicKey }),
            signer: signatureKeyPair,
          }),
        ),
      )
      let state = carol
      const references: Uint8Array[] = []
      for (const update of updates) {
        const known = knowing(state, update)
        state = known.state
        references.push(known.reference)
      }
      return following(await forgeCommit(state, { references }), updates)
    },
  },
]

/** A leaf node whose key is somebody else's, in an Update that is committed: the tree that results is invalid. */
function updatedKeyCase(name: string, what: string, code: CaseSpec['code'], tamper: Tamper): CaseSpec {
  return {
    name: `update-with-${name}`,
    about: `an Update with ${what} is committed`,
    rows: [26],
    sections: ['7.3', '12.2', '16.7'],
    start: 'member',
    code,
    make: (cast, broken) => committedUpdate(cast, broken ? tamper : () => ({}), 'dave'),
  }
}

/** An Update of Alice as it is sent, and a commit of it. */
async function committedUpdate(cast: Cast, tamper: Tamper, committer = 'carol'): Promise<Made> {
  const update = await forgedUpdate(cast, 'alice', await tamper(cast, 0))
  const { state, reference } = knowing(stateOf(cast, committer), update)
  return following(await forgeCommit(state, { references: [reference] }), [update])
}

function member(cast: Cast, leafIndex: number): LeafNodeContent {
  const leaf = leafAt(stateOf(cast, 'alice').tree, leafIndex)
  if (leaf === undefined) throw new Error(`leaf ${leafIndex} is blank`)
  return leaf
}

export const leafNodes: Chapter = {
  file: 'leaf-nodes',
  description: 'Leaf nodes that may not enter a group, in Updates and in the paths of commits.',
  async scenes() {
    const cast = await four(seeded(1, 'leaf nodes'))
    return {
      member: { cast, receiver: 'bob' },
      vigilant: { cast, receiver: 'bob', start: { refused_identities: [toHex(IMPOSTOR)] } },
      demanding: { cast: await demanding(seeded(1, 'leaf nodes demanding')), receiver: 'bob' },
    }
  },
  cases: [...signatureCases, ...sourceCases, ...credentialCases, ...capabilityCases, ...keyCases],
}
