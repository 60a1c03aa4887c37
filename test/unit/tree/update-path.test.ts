// TreeKEM (RFC 9420 §7.4–§7.6): in trees of many shapes everybody but the new ones follows a path; broken paths are refused.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.ts'
import type { KeyPair } from '../../../src/crypto/contract.ts'
import { deriveSecret } from '../../../src/crypto/labels.ts'
import { suite1 as suite } from '../../../src/crypto/providers/noble/suites.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import type { UpdatePath, UpdatePathNode } from '../../../src/messages/commit.ts'
import {
  addLeaves,
  filteredDirectPath,
  leafCount,
  members,
  type RatchetTree,
  replaceLeaves,
  singletonTree,
} from '../../../src/tree/ratchet-tree.ts'
import { contains, resolution } from '../../../src/tree/subtree.ts'
import {
  decryptPath,
  encryptPath,
  mergePath,
  type PathUpdate,
  type PrivateKeys,
  privateKeysFrom,
} from '../../../src/tree/update-path.ts'
import { validateTree } from '../../../src/tree/validate.ts'
import { codeOf, rejectionCode } from '../../support/errors.ts'
import { freshPathIn } from '../../support/real-paths.ts'
import { nodesOf } from '../../support/sample-trees.ts'
import { sampleBytes, sampleLeaf } from '../../support/wire-samples.ts'

const context = utf8('group context')
const nobody: ReadonlySet<number> = new Set()

/** A tree of members whose private keys the test holds. */
class Party {
  tree: RatchetTree
  readonly keys = new Map<number, Map<number, KeyPair>>()
  #number = 0

  private constructor(tree: RatchetTree, founder: KeyPair) {
    this.tree = tree
    this.keys.set(0, new Map([[0, founder]]))
  }

  static async of(size: number): Promise<Party> {
    const founder = await suite.kem.generateKeyPair()
    const party = new Party(singletonTree(sampleLeaf(0, { encryptionKey: founder.publicKey })), founder)
    await party.add(size - 1)
    return party
  }

  async add(count: number): Promise<number[]> {
    const pairs = await Promise.all(Array.from({ length: count }, () => suite.kem.generateKeyPair()))
    const leaves = pairs.map(({ publicKey }) => sampleLeaf(++this.#number, { encryptionKey: publicKey }))
    const { tree, leafIndices } = addLeaves(this.tree, leaves)
    this.tree = tree
    leafIndices.forEach((leaf, i) => {
      this.keys.set(leaf, new Map([[2 * leaf, pairs[i] as KeyPair]]))
    })
    return leafIndices
  }

  remove(...leaves: number[]): void {
    this.tree = replaceLeaves(this.tree, new Map(leaves.map((leaf) => [leaf, undefined])))
    for (const leaf of leaves) this.keys.delete(leaf)
  }

  /** A member commits and all others who are not new follow; what they hold afterwards fits the tree. */
  async commit(committer: number, added: readonly number[] = []): Promise<UpdatePath> {
    const excluded = new Set(added)
    const update = await freshPathIn(this.tree, committer)
    const path = await encryptPath(suite, update, context, excluded)
    const merged = mergePath(suite, this.tree, committer, path, excluded)
    expect(nodesOf(merged.tree.root).map(({ nodeIndex, occupied }) => [nodeIndex, occupied])).toEqual(
      nodesOf(update.tree.root).map(({ nodeIndex, occupied }) => [nodeIndex, occupied]),
    )
    for (const [leaf, own] of this.keys) {
      if (leaf === committer || excluded.has(leaf)) continue
      const followed = await decryptPath(suite, merged, path, leaf, this.current(own, this.tree), context, excluded)
      expect(followed.commitSecret.bytes).toEqual(update.commitSecret.bytes)
      for (const [nodeIndex, keyPair] of followed.privateKeys) own.set(nodeIndex, keyPair)
    }
    for (const leaf of added) await this.welcome(leaf, update)
    const committed = this.keys.get(committer)
    committed?.set(2 * committer, update.leafKeyPair)
    for (const { branch, keyPair } of update.steps) committed?.set(branch.nodeIndex, keyPair)
    this.tree = merged.tree
    validateTree(suite, this.tree)
    return path
  }

  /** What a Welcome gives a new member: the path secret of the lowest node above it and the committer. */
  private async welcome(leaf: number, { steps }: PathUpdate): Promise<void> {
    const above = steps.slice(steps.findIndex(({ copath }) => contains(copath, leaf)))
    const [ancestor] = above
    if (ancestor === undefined) throw new Error('a new member is below no node of the path')
    const { privateKeys } = await privateKeysFrom(
      suite,
      ancestor.pathSecret,
      above.map(({ branch }) => branch.nodeIndex),
      above.map(({ keyPair }) => keyPair.publicKey),
    )
    for (const [nodeIndex, keyPair] of privateKeys) this.keys.get(leaf)?.set(nodeIndex, keyPair)
  }

  private current(own: PrivateKeys, tree: RatchetTree): PrivateKeys {
    const keys = new Map(resolutionKeys(tree))
    return new Map([...own].filter(([nodeIndex, { publicKey }]) => keys.get(nodeIndex) === String(publicKey)))
  }
}

function resolutionKeys(tree: RatchetTree): [number, string][] {
  return nodesOf(tree.root).flatMap((node): [number, string][] => {
    const key = 'leafNode' in node ? node.leafNode?.encryptionKey : node.parentNode?.encryptionKey
    return key === undefined ? [] : [[node.nodeIndex, String(key)]]
  })
}

describe('a path', () => {
  it('is followed by all members in trees of many shapes', async () => {
    const party = await Party.of(7)
    await party.commit(0)
    await party.commit(6)
    party.remove(1, 4)
    await party.commit(2)
    await party.add(2)
    // Leaf 1 is unmerged above, and not new: it gets ciphertexts of its own.
    await party.commit(5)
    const added = await party.add(3)
    expect(leafCount(party.tree)).toBe(16)
    await party.commit(0, added)
    await party.commit(added[2] as number)
    party.remove(0, 7, 8, 9)
    await party.commit(3)
    await party.commit(1)
  })

  it('in a group of one has no nodes', async () => {
    const party = await Party.of(1)
    expect((await party.commit(0)).nodes).toEqual([])
  })

  it('with everybody else new encrypts to nobody', async () => {
    const party = await Party.of(1)
    const added = await party.add(3)
    const path = await party.commit(0, added)
    expect(path.nodes.map(({ encryptedPathSecret }) => encryptedPathSecret.length)).toEqual([0, 0])
  })

  it('has one ciphertext per node of the resolutions, without the new leaves', async () => {
    const party = await Party.of(8)
    await party.commit(0)
    party.remove(5)
    const added = await party.add(1)
    const path = await party.commit(1, added)
    expect(path.nodes.map(({ encryptedPathSecret }) => encryptedPathSecret.length)).toEqual([1, 2, 3])
  })
})

describe('a received path is refused', () => {
  async function sent() {
    const party = await Party.of(5)
    await party.commit(2)
    const update = await freshPathIn(party.tree, 0)
    return { party, path: await encryptPath(suite, update, context, nobody) }
  }
  const [first, second, rest] = [0, 1, 2]
  const merging = async (change: (path: UpdatePath) => UpdatePath) => {
    const { party, path } = await sent()
    return codeOf(() => mergePath(suite, party.tree, 0, change(path), nobody))
  }
  const withNode = (path: UpdatePath, at: number, change: Partial<UpdatePathNode>): UpdatePath => ({
    ...path,
    nodes: path.nodes.map((node, i) => (i === at ? { ...node, ...change } : node)),
  })

  it('with a node too many or too few', async () => {
    expect(await merging((path) => ({ ...path, nodes: path.nodes.slice(1) }))).toBe('PATH_LENGTH')
    expect(await merging((path) => ({ ...path, nodes: [...path.nodes, ...path.nodes] }))).toBe('PATH_LENGTH')
  })

  it('with a ciphertext too many or too few', async () => {
    for (const change of [
      (list: readonly unknown[]) => list.slice(1),
      (list: readonly unknown[]) => [...list, list[0]],
    ]) {
      const code = await merging((path) =>
        withNode(path, rest, {
          encryptedPathSecret: change(
            path.nodes[rest]?.encryptedPathSecret ?? [],
          ) as UpdatePathNode['encryptedPathSecret'],
        }),
      )
      expect(code).toBe('PATH_CIPHERTEXT_COUNT')
    }
  })

  it('with a key that is in the tree, twice in the path, or none', async () => {
    const { party } = await sent()
    const [, , taken] = [...members(party.tree)]
    const key = (path: UpdatePath, at: number) => path.nodes[at]?.encryptionKey ?? sampleBytes(0)
    expect(await merging((path) => withNode(path, second, { encryptionKey: key(path, first) }))).toBe('PATH_KEY_REUSED')
    expect(await merging((path) => withNode(path, first, { encryptionKey: path.leafNode.encryptionKey }))).toBe(
      'PATH_KEY_REUSED',
    )
    expect(await merging((path) => withNode(path, first, { encryptionKey: sampleBytes(1, 31) }))).toBe(
      'TREE_KEY_INVALID',
    )
    const { path } = await sent()
    if (taken === undefined) throw new Error('too few members')
    const reused = withNode(path, first, { encryptionKey: taken.leafNode.encryptionKey })
    expect(codeOf(() => mergePath(suite, party.tree, 0, reused, nobody))).toBe('PATH_KEY_REUSED')
    const leafReused = { ...path, leafNode: { ...path.leafNode, encryptionKey: taken.leafNode.encryptionKey } }
    expect(codeOf(() => mergePath(suite, party.tree, 0, leafReused, nobody))).toBe('PATH_KEY_REUSED')
  })

  it('with another parent hash in its leaf, or none', async () => {
    for (const origin of [{ source: 3, parentHash: sampleBytes(1) }, { source: 2 }] as const) {
      expect(await merging((path) => ({ ...path, leafNode: { ...path.leafNode, origin } }))).toBe('TREE_PARENT_HASH')
    }
  })

  it('where its secret does not open, or gives other keys', async () => {
    const { party, path } = await sent()
    const merged = mergePath(suite, party.tree, 0, path, nobody)
    const following = (changed: UpdatePath, over: Uint8Array) =>
      rejectionCode(decryptPath(suite, merged, changed, 1, party.keys.get(1) ?? new Map(), over, nobody))
    expect(await following(path, utf8('other context'))).toBe('PATH_DECRYPT_FAILED')
    const [own] = path.nodes
    const swapped = withNode(path, first, { encryptedPathSecret: path.nodes[second]?.encryptedPathSecret ?? [] })
    expect(await following(swapped, context)).toBe('PATH_DECRYPT_FAILED')
    const otherKey = withNode(path, second, { encryptionKey: sampleBytes(1) })
    expect(await following(otherKey, context)).toBe('PATH_KEY_MISMATCH')
    expect(own?.encryptedPathSecret).toHaveLength(1)
  })
})

describe('the copath', () => {
  it('is that of the tree before the path', async () => {
    const party = await Party.of(4)
    const steps = filteredDirectPath(party.tree, 3)
    expect(steps.map(({ copath }) => resolution(copath).map(({ nodeIndex }) => nodeIndex))).toEqual([[4], [0, 2]])
  })
})

describe('private keys from a path secret (RFC 9420 §7.4)', () => {
  it('leave nothing of what led to them but the commit secret', async () => {
    const outputs: Uint8Array[] = []
    const hmac = (key: Uint8Array, data: Uint8Array) => {
      const output = suite.hash.hmac(key, data)
      outputs.push(output)
      return output
    }
    const recording = { ...suite, hash: { ...suite.hash, hmac } }
    const steps = [1, 3, 7]
    const publicKeys: Uint8Array[] = []
    for (let secret = new Secret(sampleBytes(1)); publicKeys.length < 3; secret = deriveSecret(suite, secret, 'path')) {
      publicKeys.push((await suite.kem.deriveKeyPair(deriveSecret(suite, secret, 'node').bytes)).publicKey)
    }
    const first = new Secret(sampleBytes(1))
    const { commitSecret, privateKeys } = await privateKeysFrom(recording, first, steps, publicKeys)
    expect([...privateKeys.keys()]).toEqual(steps)
    // RFC 9420 §7.5: path secrets and node secrets MUST be deleted.
    expect(outputs.length).toBeGreaterThanOrEqual(6)
    expect(outputs.filter((output) => output.some((byte) => byte !== 0))).toEqual([commitSecret.bytes])
    expect(first.wiped).toBe(false)
  })

  it('are refused where the tree has others', async () => {
    const secret = new Secret(sampleBytes(1))
    expect(await rejectionCode(privateKeysFrom(suite, secret, [1], [sampleBytes(2)]))).toBe('PATH_KEY_MISMATCH')
    expect(await rejectionCode(privateKeysFrom(suite, secret, [1], []))).toBe('PATH_KEY_MISMATCH')
  })
})
