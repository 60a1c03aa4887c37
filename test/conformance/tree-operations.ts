// What a proposal makes of a tree (RFC 9420 §12.1, §12.3): tree-operations.json of the working group, and
// tree_modifications_interop.json of mls-rs.
import { EMPTY } from '../../src/bytes.ts'
import { decode } from '../../src/codec/reader.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { applyProposals } from '../../src/group/apply-proposals.ts'
import { checkProposalList } from '../../src/group/proposal-list.ts'
import { MLS10, SenderType } from '../../src/messages/code-points.ts'
import { decodeProposal } from '../../src/messages/proposal.ts'
import { treeHash } from '../../src/tree/hash.ts'
import { leafCount, members } from '../../src/tree/ratchet-tree.ts'
import { decodeRatchetTree, encodeRatchetTree } from '../../src/tree/tree-codec.ts'
import { hex, isListWith, lacksSuite, object, runShapedCases, uint } from './json-shape.ts'

import type { VectorSuite } from './suite.ts'
import { bytes, expectBytes, expectTrue, isListOf, runCases } from './vector-cases.ts'
import { atFittingTime } from './vector-policy.ts'

const fields = { tree_before: hex, proposal: hex, proposal_sender: uint, tree_after: hex }
const readOperation = object({ ...fields, cipher_suite: uint, tree_hash_before: hex, tree_hash_after: hex })
const readModification = object(fields)

export const treeOperations: VectorSuite = {
  name: 'tree-operations',
  recognises: (json) =>
    isListWith(json, [
      'cipher_suite',
      'proposal',
      'proposal_sender',
      'tree_after',
      'tree_before',
      'tree_hash_after',
      'tree_hash_before',
    ]),
  run: (json, provider, report) =>
    runShapedCases(json, readOperation, provider, report, (suite, vector) =>
      checkOperation(suite, vector, { before: vector.tree_hash_before, after: vector.tree_hash_after }),
    ),
}

/** The same without cipher suite, which is the first, and without hashes. */
export const treeModifications: VectorSuite = {
  name: 'tree modifications',
  recognises: (json) => isListOf(json, ['tree_before', 'proposal', 'proposal_sender', 'tree_after']),
  run: (json, provider, report) =>
    runCases<unknown>(json, report, async (value) => {
      const suite = provider.suite(1)
      if (suite === undefined) return lacksSuite(provider, 1)
      await checkOperation(suite, readModification(value), undefined)
      return undefined
    }),
}

async function checkOperation(
  suite: CipherSuite,
  vector: ReturnType<typeof readModification>,
  hashes: { readonly before: string; readonly after: string } | undefined,
): Promise<void> {
  const before = decodeRatchetTree(bytes(vector.tree_before))
  expectBytes('the tree before, encoded again', encodeRatchetTree(before), vector.tree_before)
  if (hashes !== undefined) expectBytes('the tree hash before', treeHash(suite, before.root), hashes.before)

  const proposal = decode(decodeProposal, bytes(vector.proposal))
  const sender = { senderType: SenderType.member, leafIndex: vector.proposal_sender }
  const removed = 'removed' in proposal ? proposal.removed : undefined
  const others = [...members(before)].filter(({ leafIndex }) => leafIndex !== removed)
  const committer = others.find(({ leafIndex }) => leafIndex !== sender.leafIndex)?.leafIndex ?? sender.leafIndex
  // As if it was committed by reference: the file does not name the group that an Update is signed for.
  const pending = { reference: EMPTY, proposal, sender, ownUpdate: undefined }
  const proposals = [{ proposal, sender, pending }]
  checkProposalList(suite, before, MLS10, proposals, { senderType: SenderType.member, leafIndex: committer }, 'member')
  const groupContext = {
    version: MLS10,
    cipherSuite: suite.id,
    groupId: EMPTY,
    epoch: 0n,
    treeHash: treeHash(suite, before.root),
    confirmedTranscriptHash: EMPTY,
    extensions: [],
  }
  const { tree: after } = await atFittingTime((judgement) =>
    applyProposals(suite, groupContext, before, proposals, judgement),
  )

  expectBytes('the tree after', encodeRatchetTree(after), vector.tree_after)
  if (hashes !== undefined) expectBytes('the tree hash after', treeHash(suite, after.root), hashes.after)
  // The edited tree is the same value as one that is read from its bytes, blank leaves at the end included.
  const read = decodeRatchetTree(bytes(vector.tree_after))
  expectTrue('the tree after has the right size', leafCount(after) === leafCount(read))
  expectBytes('the tree before, afterwards', encodeRatchetTree(before), vector.tree_before)
}
