// Group infos, from the signing member's side (RFC 9420 §12.4.3).

import { ExtensionType, WireFormat } from '../messages/code-points.ts'
import { type Extension, externalPubExtension } from '../messages/extension.ts'
import { type GroupInfo, signGroupInfo } from '../messages/group-info.ts'
import { encodeMlsMessage } from '../messages/mls-message.ts'
import { externalKeyPair } from '../schedule/key-schedule.ts'
import { type Member, members } from '../tree/ratchet-tree.ts'
import { decodeRatchetTree, encodeRatchetTree } from '../tree/tree-codec.ts'
import { ownCopy } from './own-copy.ts'
import { type GroupState, requireActive } from './state.ts'

/** What a group info tells beside the group context. */
export interface GroupInfoOptions {
  /** Whether the whole tree is included: about 200 bytes for each member. */
  readonly ratchetTree?: boolean
  /** Whether whoever has it can join by an external commit. */
  readonly externalPub?: boolean
  /** More extensions; unknown ones are ignored by those who read them. */
  readonly extensions?: readonly Extension[]
}

/**
 * A signed group info of the current epoch, as an `MLSMessage`.
 * @param options - by default the tree and the external key are included, so that it is all one needs to join
 * @throws CoterieError `GROUP_FROZEN`, `GROUP_REMOVED` (caller)
 */
export async function createGroupInfo(
  state: GroupState,
  options: GroupInfoOptions = { ratchetTree: true, externalPub: true },
): Promise<Uint8Array> {
  requireActive(state)
  return encodeMlsMessage({ wireFormat: WireFormat.groupInfo, groupInfo: await groupInfoFor(state, options) })
}

export async function groupInfoFor(state: GroupState, options: GroupInfoOptions): Promise<GroupInfo> {
  const { suite, secrets, own, groupContext, confirmationTag } = state
  const extensions: Extension[] = ownCopy([...(options.extensions ?? [])])
  if (options.ratchetTree === true) {
    extensions.push({ extensionType: ExtensionType.ratchetTree, data: encodeRatchetTree(state.tree) })
  }
  if (options.externalPub === true) {
    const { publicKey, privateKey } = await externalKeyPair(suite, secrets.externalSecret)
    privateKey.wipe()
    extensions.push(externalPubExtension(publicKey))
  }
  return signGroupInfo(suite, own.signatureKeyPair, {
    groupContext,
    extensions,
    confirmationTag,
    signer: own.leafIndex,
  })
}

/** The tree of the current epoch as a `ratchet_tree` vector, for those who get it apart from the group info. */
export function exportRatchetTree(state: GroupState): Uint8Array {
  return encodeRatchetTree(state.tree)
}

/**
 * The members that a `ratchet_tree` vector lists, as whoever gave it says: for those outside the group who have to name
 * one of them by its leaf index. Nothing is verified.
 * @throws CoterieError `TREE_*`, `LEAF_*`, `CODEC_*` (peer)
 */
export function readRatchetTree(ratchetTree: Uint8Array): Member[] {
  return [...members(decodeRatchetTree(ratchetTree))]
}
