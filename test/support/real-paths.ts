// Commits on bare trees: real update paths with real parent hashes, without groups and signatures.
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { suite1 } from '../../src/crypto/providers/noble/suites.ts'
import { leafAt, type RatchetTree } from '../../src/tree/ratchet-tree.ts'
import { freshPath, type PathUpdate } from '../../src/tree/update-path.ts'

/** A fresh path of a member, whose leaf names the parent hash. */
export async function freshPathIn(
  tree: RatchetTree,
  leafIndex: number,
  suite: CipherSuite = suite1,
): Promise<PathUpdate & { readonly leafKeyPair: Awaited<ReturnType<CipherSuite['kem']['generateKeyPair']>> }> {
  const before = leafAt(tree, leafIndex)
  if (before === undefined) throw new Error(`there is no member ${leafIndex}`)
  const leafKeyPair = await suite.kem.generateKeyPair()
  const update = await freshPath(suite, tree, leafIndex, async (parentHash) => ({
    ...before,
    encryptionKey: leafKeyPair.publicKey,
    origin: { source: 3, parentHash },
  }))
  return { ...update, leafKeyPair }
}

/** The tree after a member's commit. */
export async function commitIn(tree: RatchetTree, leafIndex: number): Promise<RatchetTree> {
  return (await freshPathIn(tree, leafIndex)).tree
}
