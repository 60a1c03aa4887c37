// Trees that no group can have, in Welcomes that are sound but for them (RFC 9420 §7.1, §7.3, §7.9.2, §12.4.3).
import { concat, toHex, utf8 } from '../../../src/bytes.ts'
import { basicCredential, type LeafNodeContent } from '../../../src/mls.ts'
import { addLeaves, type RatchetTree, treeOf } from '../../../src/tree/ratchet-tree.ts'
import { blankSubtree, Branch } from '../../../src/tree/subtree.ts'
import { type Cast, EXTRA_CREDENTIAL, IMPOSTOR, NOW_MS, personOf, stateOf } from '../cast.ts'
import { leafOf, rawNode, rawNodes, rawTree, resealed, withLeaf, withParent, withSignedLeaf } from '../forge/tree.ts'
import { forgeWelcome, type WelcomeTampering } from '../forge/welcome.ts'
import { tall, three } from './groups.ts'
import type { CaseSpec, Chapter, Made } from './scene.ts'
import { seeded } from './suites.ts'

type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>

/** Erin is welcomed into a tree to which she has just been added, without a path. */
async function welcomed(
  cast: Cast,
  change: (tree: RatchetTree, cast: Cast) => RatchetTree | Promise<RatchetTree>,
  tampering: WelcomeTampering = {},
): Promise<Made> {
  const { suite } = cast
  const alice = stateOf(cast, 'alice')
  const { keyPackage } = personOf(cast, 'erin').keyPackage
  const { tree } = addLeaves(alice.tree, [keyPackage.leafNode])
  const { message, epochAuthenticator } = await forgeWelcome({
    suite,
    groupContext: { ...alice.groupContext, epoch: alice.groupContext.epoch + 1n },
    tree: await change(tree, cast),
    signer: { leafIndex: 0, signatureKeyPair: alice.own.signatureKeyPair },
    joiner: keyPackage,
    tampering,
  })
  const outcome = { kind: 'joined', epoch_authenticator: toHex(epochAuthenticator) } as const
  return { operation: 'join', messages: [toHex(message)], outcome }
}

function treeCase(
  spec: Spec,
  change: (tree: RatchetTree, cast: Cast) => RatchetTree | Promise<RatchetTree>,
  tampering?: WelcomeTampering,
): CaseSpec {
  return {
    start: 'joiner',
    ...spec,
    make: (cast, broken) => (broken ? welcomed(cast, change, tampering) : welcomed(cast, (tree) => tree)),
  }
}

const member = (cast: Cast, name: string) => ({
  signatureKeyPair: stateOf(cast, name).own.signatureKeyPair,
  groupId: stateOf(cast, name).groupContext.groupId,
})

/** The tree is Alice 0, Bob 1, Carol 2, Frank 3 (unmerged), Dave 4, Hugo 5, Erin 6 (unmerged), nobody 7. */
const ABOVE_ALICE_AND_BOB = 1
const ABOVE_ALICE_TO_FRANK = 3
const ABOVE_DAVE_AND_HUGO = 9
const ROOT = 7

/** Both chains of parent hashes that the tree consists of, the older one first. */
async function bothResealed(tree: RatchetTree, cast: Cast): Promise<RatchetTree> {
  const first = await resealed(
    cast.suite,
    tree,
    0,
    [ABOVE_ALICE_AND_BOB, ABOVE_ALICE_TO_FRANK],
    member(cast, 'alice'),
  )
  return resealed(cast.suite, first, 4, [ABOVE_DAVE_AND_HUGO, ROOT], member(cast, 'dave'))
}

const parentHashCases: CaseSpec[] = [
  treeCase(
    {
      name: 'parent-key-replaced',
      about: 'a parent node has another key than the leaf below it vouches for',
      rows: [51],
      sections: ['7.9.2', '12.4.3.1'],
      code: 'TREE_PARENT_HASH',
    },
    async (tree, { suite }) => {
      const { publicKey } = await suite.kem.generateKeyPair()
      return withParent(tree, ABOVE_ALICE_AND_BOB, (parent) => ({ ...parent, encryptionKey: publicKey }))
    },
  ),
  treeCase(
    {
      name: 'parent-hash-in-a-parent-changed',
      about: "a parent node's parent hash differs in a bit",
      rows: [51],
      sections: ['7.9.2', '12.4.3.1'],
      code: 'TREE_PARENT_HASH',
    },
    (tree) =>
      withParent(tree, ABOVE_DAVE_AND_HUGO, (parent) => ({
        ...parent,
        parentHash: parent.parentHash.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
      })),
  ),
  treeCase(
    {
      name: 'parent-hash-in-a-leaf-changed',
      about: "a leaf's parent hash fits no parent; its signature fits",
      rows: [51],
      sections: ['7.9.2', '12.4.3.1'],
      code: 'TREE_PARENT_HASH',
    },
    (tree, cast) =>
      withSignedLeaf(cast.suite, tree, 0, member(cast, 'alice'), (content) => ({
        ...content,
        origin: { source: 3, parentHash: new Uint8Array(32) },
      })),
  ),
  treeCase(
    {
      name: 'tree-parent-hash-shortened',
      about: "a leaf's parent hash is the beginning of the right one; its signature fits",
      rows: [51],
      traps: ['tag-lengths'],
      sections: ['7.9.2', '12.4.3.1'],
      code: 'TREE_PARENT_HASH',
    },
    (tree, cast) =>
      withSignedLeaf(cast.suite, tree, 0, member(cast, 'alice'), (content) => ({
        ...content,
        origin: { source: 3, parentHash: 'parentHash' in content.origin ? content.origin.parentHash.slice(0, 8) : new Uint8Array(0) },
      })),
  ),
  treeCase(
    {
      name: 'parent-vouched-for-by-an-update',
      about: 'a parent node stands above a leaf that came by an Update, which vouches for nothing',
      rows: [51],
      sections: ['7.9.2', '12.4.3.1'],
      code: 'TREE_PARENT_HASH',
    },
    (tree, cast) =>
      withSignedLeaf(cast.suite, tree, 0, member(cast, 'alice'), (content) => ({ ...content, origin: { source: 2 } })),
  ),
  treeCase(
    {
      name: 'parent-hash-over-another-sibling',
      about: "a leaf on a parent's other side was replaced since the parent was set, which blanks the parent",
      rows: [51],
      sections: ['7.9', '7.9.2'],
      code: 'TREE_PARENT_HASH',
    },
    (tree, cast) =>
      withSignedLeaf(cast.suite, tree, 2, member(cast, 'carol'), (content) => ({ ...content, origin: { source: 2 } })),
  ),
  treeCase(
    {
      name: 'unmerged-leaf-left-out-above-its-own-side',
      about: 'the parent hashes are right, but a leaf beside the one that vouches for the root is not listed as unmerged',
      rows: [51],
      sections: ['7.9.2'],
      code: 'TREE_PARENT_HASH',
    },
    (tree) => withParent(tree, ROOT, (parent) => ({ ...parent, unmergedLeaves: [3] })),
  ),
  treeCase(
    {
      name: 'unmerged-leaves-left-out',
      about: 'a leaf that was added since is not listed as unmerged above, on the other side',
      rows: [51],
      sections: ['7.9', '7.9.2'],
      code: 'TREE_PARENT_HASH',
    },
    (tree) => {
      const without = withParent(tree, ROOT, (parent) => ({ ...parent, unmergedLeaves: [6] }))
      return withParent(without, ABOVE_ALICE_TO_FRANK, (parent) => ({ ...parent, unmergedLeaves: [] }))
    },
  ),
]

const unmerged = (nodeIndex: number, leaves: readonly number[]) => (tree: RatchetTree) =>
  withParent(tree, nodeIndex, (parent) => ({ ...parent, unmergedLeaves: leaves }))

const unmergedCases: CaseSpec[] = [
  ...(
    [
      ['not-sorted', 'are not in increasing order', ROOT, [6, 3], []],
      ['listed-twice', 'name a leaf twice', ROOT, [3, 3, 6], []],
      ['blank', 'name a blank leaf', ROOT, [3, 6, 7], []],
      ['outside', 'name a leaf beyond the last', ROOT, [3, 6, 8], [62]],
      ['2-to-the-31', 'name leaf 2^31 + 6, which wraps to 6', ROOT, [3, 6, 0x8000_0006], [62]],
      ['2-to-the-30', 'name leaf 2^30 + 6, whose node index wraps', ROOT, [3, 6, 0x4000_0006], [62]],
      ['not-below', "name a leaf that is not below their node", ABOVE_ALICE_TO_FRANK, [3, 4], []],
    ] as const
  ).map(([which, what, nodeIndex, leaves, more]) =>
    treeCase(
      {
        name: `unmerged-leaves-${which}`,
        about: `the unmerged leaves of a node ${what}`,
        rows: [52, ...more],
        ...(more.length > 0 && { traps: ['signed-indices'] }),
        sections: ['7.1', '12.4.3.1'],
        code: 'TREE_UNMERGED_LEAVES',
      },
      unmerged(nodeIndex, leaves),
    ),
  ),
  treeCase(
    {
      name: 'unmerged-leaf-not-listed-between',
      about: 'an unmerged leaf of the root is not listed by a parent between them; all parent hashes are right',
      rows: [52],
      sections: ['12.4.3.1'],
      code: 'TREE_UNMERGED_LEAVES',
    },
    (tree, cast) => bothResealed(unmerged(ABOVE_ALICE_TO_FRANK, [])(tree), cast),
  ),
]

const keyCases: CaseSpec[] = [
  treeCase(
    {
      name: 'two-parents-with-one-key',
      about: 'two parent nodes have the same key; all parent hashes are right',
      rows: [53],
      sections: ['12.4.3.1', '16.7'],
      code: 'TREE_DUPLICATE_KEY',
    },
    (tree, cast) => {
      let key = new Uint8Array(0)
      withParent(tree, ABOVE_ALICE_AND_BOB, (parent) => {
        key = Uint8Array.from(parent.encryptionKey)
        return parent
      })
      const twice = withParent(tree, ABOVE_DAVE_AND_HUGO, (parent) => ({ ...parent, encryptionKey: key }))
      return bothResealed(twice, cast)
    },
  ),
  treeCase(
    {
      name: 'parent-with-the-key-of-a-leaf',
      about: "a parent node has a leaf's key; all parent hashes are right",
      rows: [53],
      sections: ['12.4.3.1', '16.7'],
      code: 'TREE_DUPLICATE_KEY',
    },
    (tree, cast) => {
      const { encryptionKey } = leafOf(tree, 2)
      return bothResealed(
        withParent(tree, ABOVE_DAVE_AND_HUGO, (parent) => ({ ...parent, encryptionKey })),
        cast,
      )
    },
  ),
  treeCase(
    {
      name: 'parent-key-short',
      about: 'a parent node has a key that is a byte short; all parent hashes are right',
      rows: [61],
      sections: ['5.1.1', '12.4.3.1'],
      code: 'TREE_KEY_INVALID',
    },
    (tree, cast) => {
      const short = withParent(tree, ABOVE_DAVE_AND_HUGO, (parent) => ({
        ...parent,
        encryptionKey: parent.encryptionKey.slice(1),
      }))
      return bothResealed(short, cast)
    },
  ),
  treeCase(
    {
      name: 'two-members-with-one-signature-key',
      about: 'two members have the same signature key',
      rows: [26, 50],
      sections: ['7.3', '12.4.3.1'],
      code: 'TREE_DUPLICATE_KEY',
    },
    async (tree, cast) => {
      const frank = member(cast, 'frank')
      const { publicKey } = frank.signatureKeyPair
      const changed = await withSignedLeaf(cast.suite, tree, 2, frank, (content) => ({
        ...content,
        signatureKey: publicKey,
      }))
      return bothResealed(changed, cast)
    },
  ),
]

const leafCases: CaseSpec[] = [
  treeCase(
    {
      name: 'tree-leaf-signature',
      about: 'an unmerged leaf of the tree has a wrong signature',
      rows: [19, 50],
      sections: ['7.3', '12.4.3.1'],
      code: 'LEAF_SIGNATURE',
    },
    (tree) => withLeaf(tree, 3, { ...leafOf(tree, 3), signature: leafOf(tree, 3).signature.map((byte) => byte ^ 1) }),
  ),
  treeCase(
    {
      name: 'tree-leaf-signed-for-another-index',
      about: 'two members have changed places: the signature of one of them is for its old leaf index',
      rows: [19, 50],
      sections: ['7.2', '7.3', '12.4.3.1'],
      code: 'LEAF_SIGNATURE',
    },
    (tree, cast) => bothResealed(withLeaf(withLeaf(tree, 2, leafOf(tree, 3)), 3, leafOf(tree, 2)), cast),
  ),
  ...(
    [
      ['extension-unlisted', 'has an extension that it does not list', [24, 50], 'LEAF_EXTENSION_UNSUPPORTED', { extensions: [{ extensionType: 0xf0aa, data: utf8('unlisted') }] }, 'joiner'],
      ['expired', 'expired a day ago', [25, 50], 'LEAF_LIFETIME', { origin: { source: 1, lifetime: { notBefore: 0n, notAfter: BigInt(NOW_MS / 1000 - 86_400) } } }, 'joiner'],
      ['valid-for-too-long', 'is valid for longer than 366 days', [25, 50], 'LEAF_LIFETIME', { origin: { source: 1, lifetime: { notBefore: 0n, notAfter: BigInt(NOW_MS / 1000 + 86_400) } } }, 'joiner'],
      ['of-an-impostor', 'has a credential that nobody vouches for', [21, 50], 'LEAF_CREDENTIAL_INVALID', { credential: basicCredential(IMPOSTOR) }, 'vigilant'],
      ['credential-type-unsupported', 'has a credential type that Dave does not support', [23, 50], 'LEAF_CREDENTIAL_UNSUPPORTED', { credential: { credentialType: EXTRA_CREDENTIAL, content: utf8('frank') } }, 'joiner'],
      ['key-of-small-order', 'has an encryption key that leads to a Diffie-Hellman result of zeros', [50, 61], 'LEAF_KEY_INVALID', { encryptionKey: new Uint8Array(32) }, 'joiner'],
    ] satisfies [string, string, number[], CaseSpec['code'], Partial<LeafNodeContent>, string][]
  ).map(([which, what, rows, code, change, start]) =>
    treeCase(
      {
        name: `tree-leaf-${which}`,
        about: `an unmerged leaf of the tree ${what}; its signature is right`,
        rows,
        sections: ['7.3', '12.4.3.1'],
        start,
        code,
      },
      (tree, cast) =>
        withSignedLeaf(cast.suite, tree, 3, member(cast, 'frank'), (content) => ({ ...content, ...change })),
    ),
  ),
  treeCase(
    {
      name: 'own-leaf-missing',
      about: "the joiner's leaf is not in the tree",
      rows: [50],
      sections: ['12.4.3.1'],
      code: 'JOIN_OWN_LEAF',
    },
    (_, cast) => {
      const { keyPackage } = personOf(cast, 'gina').keyPackage
      return addLeaves(stateOf(cast, 'alice').tree, [keyPackage.leafNode]).tree
    },
  ),
  treeCase(
    {
      name: 'own-leaf-of-another-key-package',
      about: "the joiner's leaf in the tree has another lifetime than in the key package",
      rows: [50],
      sections: ['12.4.3.1'],
      code: 'JOIN_OWN_LEAF',
    },
    (tree, cast) => {
      const { signatureKeyPair } = personOf(cast, 'erin').client
      const lifetime = { notBefore: BigInt(NOW_MS / 1000 - 60), notAfter: BigInt(NOW_MS / 1000 + 60) }
      return withSignedLeaf(cast.suite, tree, 6, { signatureKeyPair, groupId: new Uint8Array(0) }, (content) => ({
        ...content,
        origin: { source: 1, lifetime },
      }))
    },
  ),
]

/** The vector changed, the tree hash that of the tree as it is. */
function vectorCase(spec: Spec, ratchetTree: (nodes: Uint8Array[], cast: Cast) => Uint8Array): CaseSpec {
  return {
    start: 'joiner',
    ...spec,
    async make(cast, broken) {
      if (!broken) return welcomed(cast, (tree) => tree)
      const alice = stateOf(cast, 'alice')
      const { keyPackage } = personOf(cast, 'erin').keyPackage
      const nodes = rawNodes(addLeaves(alice.tree, [keyPackage.leafNode]).tree)
      return welcomed(cast, (tree) => tree, { ratchetTree: () => ratchetTree(nodes, cast) })
    },
  }
}

const BLANK = Uint8Array.of(0)

const vectorCases: CaseSpec[] = [
  vectorCase(
    {
      name: 'tree-trailing-blank',
      about: 'the last node of the ratchet_tree vector is blank',
      rows: [53],
      sections: ['12.4.3.3'],
      code: 'TREE_TRAILING_BLANK',
    },
    (nodes) => rawTree([...nodes.slice(0, 13), BLANK]),
  ),
  vectorCase(
    {
      name: 'tree-all-nodes',
      about: 'the ratchet_tree vector has all of its nodes, the blank ones at its end too',
      rows: [53],
      sections: ['12.4.3.3'],
      code: 'TREE_TRAILING_BLANK',
    },
    (nodes) => rawTree(nodes),
  ),
  vectorCase(
    {
      name: 'tree-empty',
      about: 'the ratchet_tree vector is empty',
      rows: [53],
      sections: ['12.4.3.3'],
      code: 'TREE_MALFORMED',
    },
    () => rawTree([]),
  ),
  vectorCase(
    {
      name: 'tree-parent-at-an-even-place',
      about: 'a parent node stands where a leaf belongs',
      rows: [53],
      sections: ['12.4.3.3'],
      code: 'TREE_NODE_TYPE',
    },
    (nodes) => rawTree(nodes.slice(0, 13).with(0, nodes[1] ?? BLANK)),
  ),
  vectorCase(
    {
      name: 'tree-leaf-at-an-odd-place',
      about: 'a leaf stands where a parent node belongs',
      rows: [53],
      sections: ['12.4.3.3'],
      code: 'TREE_NODE_TYPE',
    },
    (nodes) => rawTree(nodes.slice(0, 13).with(1, nodes[0] ?? BLANK)),
  ),
  vectorCase(
    {
      name: 'tree-node-type-3',
      about: 'a node is of type 3',
      rows: [8, 53],
      sections: ['12.4.3.3'],
      code: 'CODEC_UNKNOWN_VARIANT',
    },
    (nodes) => rawTree(nodes.slice(0, 13).with(0, concat(Uint8Array.of(1, 3), nodes[0]?.slice(2) ?? BLANK))),
  ),
  vectorCase(
    {
      name: 'tree-presence-octet-2',
      about: "a node's presence octet is 2",
      rows: [3],
      sections: ['2.1.1', '12.4.3.3'],
      code: 'CODEC_OPTIONAL_OCTET',
    },
    (nodes) => rawTree(nodes.slice(0, 13).with(0, concat(Uint8Array.of(2), nodes[0]?.slice(1) ?? BLANK))),
  ),
  vectorCase(
    {
      name: 'tree-trailing-byte',
      about: 'a byte follows the vector in the ratchet_tree extension',
      rows: [4],
      sections: ['12.4.3.3'],
      code: 'CODEC_TRAILING_BYTES',
    },
    (nodes) => concat(rawTree(nodes.slice(0, 13)), BLANK),
  ),
  vectorCase(
    {
      name: 'tree-parent-behind-the-last-leaf',
      about: 'a parent node follows the nodes of a full tree',
      rows: [50, 53],
      sections: ['7.7', '12.4.3.3'],
      start: 'full',
      code: 'TREE_HASH_MISMATCH',
    },
    (nodes, { suite }) => {
      const parent = { encryptionKey: suite.hash.digest(utf8('key')), parentHash: new Uint8Array(0), unmergedLeaves: [] }
      return rawTree([...nodes, rawNode(parent)])
    },
  ),
  vectorCase(
    {
      name: 'tree-of-another-epoch',
      about: 'the tree is the valid one of the epoch before',
      rows: [50],
      sections: ['12.4.3.1', '12.4.3.3'],
      code: 'TREE_HASH_MISMATCH',
    },
    (_, cast) => rawTree(rawNodes(stateOf(cast, 'alice').tree).slice(0, 11)),
  ),
]

const extentCases: CaseSpec[] = [
  treeCase(
    {
      name: 'tree-not-truncated',
      about: 'a full tree stands below another root, whose right half is empty; all parent hashes are right',
      rows: [51, 53],
      sections: ['7.7', '12.1.3', '12.4.3.3'],
      start: 'full',
      code: 'TREE_MALFORMED',
    },
    async (tree, cast) => {
      const { publicKey } = await cast.suite.kem.generateKeyPair()
      const parent = { encryptionKey: publicKey, parentHash: new Uint8Array(0), unmergedLeaves: [3] }
      const higher = treeOf(new Branch(parent, tree.root, blankSubtree(tree.root.level, 4)))
      return resealed(cast.suite, higher, 2, [3, 7], member(cast, 'carol'))
    },
  ),
]

export const trees: Chapter = {
  file: 'trees',
  description: 'Trees that no group can have, in Welcomes that are sound but for them.',
  async scenes() {
    const cast = await tall(seeded(1, 'trees'))
    return {
      joiner: { cast, receiver: 'erin' },
      vigilant: { cast, receiver: 'erin', start: { refused_identities: [toHex(IMPOSTOR)] } },
      full: { cast: await three(seeded(1, 'trees full')), receiver: 'erin' },
    }
  },
  cases: [...parentHashCases, ...unmergedCases, ...keyCases, ...leafCases, ...vectorCases, ...extentCases],
}
