// Update proposals of members, made by hand (RFC 9420 §12.1.2).
import type { KeyPair } from '../../../src/crypto/contract.ts'
import { changedLeaf } from '../../../src/group/propose.ts'
import type { LeafNode } from '../../../src/mls.ts'
import { type Cast, stateOf } from '../cast.ts'
import { forgeLeaf, type LeafTampering } from '../forge/leaf.ts'
import { forgeMessage } from '../forge/message.ts'

/** A leaf node for an Update. */
export async function updateLeaf(
  cast: Cast,
  who: string,
  tampering: LeafTampering = {},
  encryptionKeyPair?: KeyPair,
): Promise<LeafNode> {
  const state = stateOf(cast, who)
  const { content, signatureKeyPair } = changedLeaf(state, {})
  const { publicKey } = encryptionKeyPair ?? (await state.suite.kem.generateKeyPair())
  const place = { groupId: state.groupContext.groupId, leafIndex: state.own.leafIndex }
  const leaf = { ...content, encryptionKey: publicKey, origin: { source: 2 } as const }
  return forgeLeaf(state.suite, signatureKeyPair, leaf, place, tampering)
}

/** An Update proposal on its own. */
export async function forgedUpdate(cast: Cast, who: string, tampering: LeafTampering = {}): Promise<Uint8Array> {
  const proposal = { proposalType: 2, leafNode: await updateLeaf(cast, who, tampering) } as const
  return forgeMessage(stateOf(cast, who), { contentType: 2, proposal })
}
