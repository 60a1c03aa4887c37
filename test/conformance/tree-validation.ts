// Trees as a joiner checks them (RFC 9420 §7.8, §7.9.2, §12.4.3.1): tree-validation.json of the working group;
// tree_hash.json, parent_hash.json and path_secret.json of mls-rs.
import { toHex } from '../../src/bytes.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { deriveSecret } from '../../src/crypto/labels.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { checkCredentialTypes, checkLeafNodeContent, SignatureBatch } from '../../src/group/leaf-checks.ts'
import { LeafNodeSource } from '../../src/messages/code-points.ts'
import { treeHash } from '../../src/tree/hash.ts'
import { nodeWidth } from '../../src/tree/math.ts'
import { checkParentHashes } from '../../src/tree/parent-hash.ts'
import { leafCount, members, type RatchetTree } from '../../src/tree/ratchet-tree.ts'
import { Branch, resolution, type Subtree } from '../../src/tree/subtree.ts'
import { decodeRatchetTree, encodeRatchetTree } from '../../src/tree/tree-codec.ts'
import { privateKeysFrom } from '../../src/tree/update-path.ts'
import { validateTree } from '../../src/tree/validate.ts'
import { hex, isListWith, lacksSuite, list, object, runShapedCases, uint } from './json-shape.ts'
import type { VectorSuite } from './suite.ts'
import { bytes, expectBytes, expectTrue, isListOf, runCases } from './vector-cases.ts'

const readValidation = object({
  cipher_suite: uint,
  tree: hex,
  group_id: hex,
  tree_hashes: list(hex),
  resolutions: list(list(uint)),
})

export const treeValidation: VectorSuite = {
  name: 'tree-validation',
  recognises: (json) => isListWith(json, ['cipher_suite', 'tree', 'group_id', 'tree_hashes', 'resolutions']),
  run: (json, provider, report) =>
    runShapedCases(json, readValidation, provider, report, async (suite, vector) => {
      const tree = readTree(vector.tree)
      const size = nodeWidth(leafCount(tree))
      expectTrue(`there are ${size} tree hashes`, vector.tree_hashes.length === size)
      expectTrue(`there are ${size} resolutions`, vector.resolutions.length === size)
      for (const node of nodesOf(tree.root)) {
        const { nodeIndex } = node
        expectBytes(`the tree hash of ${nodeIndex}`, treeHash(suite, node), vector.tree_hashes[nodeIndex] ?? '')
        const actual = resolution(node).map((keyed) => keyed.nodeIndex)
        const expected = vector.resolutions[nodeIndex]
        expectTrue(`the resolution of ${nodeIndex} is ${expected}, not ${actual}`, actual.join() === expected?.join())
      }
      validateTree(suite, tree)
      await checkLeaves(suite, tree, bytes(vector.group_id))
    }),
}

const readTreeHash = object({ cipher_suite: uint, tree_data: hex, tree_hash: hex })

export const treeHashes: VectorSuite = {
  name: 'tree hash',
  recognises: (json) => isListOf(json, ['cipher_suite', 'tree_data', 'tree_hash']),
  run: (json, provider, report) =>
    runShapedCases(json, readTreeHash, provider, report, (suite, vector) => {
      expectBytes('the tree hash', treeHash(suite, readTree(vector.tree_data).root), vector.tree_hash)
    }),
}

const readParentHash = object({ cipher_suite: uint, tree_data: hex })

export const parentHashes: VectorSuite = {
  name: 'parent hash',
  recognises: (json) => isListOf(json, ['cipher_suite', 'tree_data']),
  run: (json, provider, report) =>
    runCases<unknown>(json, report, async (value) => {
      const { cipher_suite, tree_data } = readParentHash(value)
      const suite = provider.suite(cipher_suite)
      if (suite === undefined) return lacksSuite(provider, cipher_suite)
      const tree = readTree(tree_data)
      const anchored = [...members(tree)].some(({ leafNode }) => leafNode.origin.source === LeafNodeSource.commit)
      if (!anchored) return 'a tree of a draft: its parent hashes are over node indices, and no leaf has one'
      checkParentHashes(suite, tree.root)
      return undefined
    }),
}

const readPathSecret = object({ cipher_suite: uint, generations: list(hex) })

export const pathSecrets: VectorSuite = {
  name: 'path secret',
  recognises: (json) => isListOf(json, ['cipher_suite', 'generations']),
  run: (json, provider, report) =>
    runShapedCases(json, readPathSecret, provider, report, async (suite, { generations }) => {
      const [first, ...rest] = generations
      const last = rest.pop()
      if (first === undefined || last === undefined) throw new Error('there is no path')
      // The keys of each generation, which the path from the first must lead to; the last one is its commit secret.
      const publicKeys: Uint8Array[] = []
      for (const generation of [first, ...rest]) {
        const nodeSecret = deriveSecret(suite, new Secret(bytes(generation)), 'node')
        publicKeys.push((await suite.kem.deriveKeyPair(nodeSecret.bytes)).publicKey)
      }
      const nodes = publicKeys.map((_, i) => i)
      const { privateKeys, commitSecret } = await privateKeysFrom(suite, new Secret(bytes(first)), nodes, publicKeys)
      expectBytes('the last path secret', commitSecret.bytes, last)
      for (const [i, publicKey] of publicKeys.entries()) {
        expectBytes(`the key of generation ${i}`, privateKeys.get(i)?.publicKey ?? new Uint8Array(), toHex(publicKey))
      }
    }),
}

/** Reads a tree, whose encoding must be the only one. */
function readTree(encoded: string): RatchetTree {
  const tree = decodeRatchetTree(bytes(encoded))
  expectBytes('the tree, encoded again', encodeRatchetTree(tree), encoded)
  return tree
}

function* nodesOf(subtree: Subtree): Generator<Subtree> {
  yield subtree
  if (!(subtree instanceof Branch)) return
  yield* nodesOf(subtree.left)
  yield* nodesOf(subtree.right)
}

async function checkLeaves(suite: CipherSuite, tree: RatchetTree, groupId: Uint8Array): Promise<void> {
  const signatures = new SignatureBatch()
  for (const { leafIndex, leafNode } of members(tree)) {
    checkLeafNodeContent(suite, leafNode)
    signatures.leaf(leafNode, { groupId, leafIndex })
  }
  await signatures.verify(suite)
  checkCredentialTypes(tree)
}
