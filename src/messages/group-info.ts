// Group infos: a member's signed account of the group, for those who want to join (RFC 9420 §12.4.3).

import type { Decoder } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import { type CipherSuite, type LabelledSignature, signWithLabel } from '../crypto/labels.ts'
import { decodeExtensions, type Extension, encodeExtensions } from './extension.ts'
import { decodeGroupContext, encodeGroupContext, type GroupContext } from './group-context.ts'

/** A group info before it is signed. */
export interface GroupInfoContent {
  readonly groupContext: GroupContext
  readonly extensions: readonly Extension[]
  readonly confirmationTag: Uint8Array
  /** The signing member's leaf index. */
  readonly signer: number
}

/** A member's signed account of the group. RFC 9420 §12.4.3. */
export interface GroupInfo extends GroupInfoContent {
  readonly signature: Uint8Array
}

export async function signGroupInfo(
  suite: CipherSuite,
  signatureKeyPair: KeyPair,
  content: GroupInfoContent,
): Promise<GroupInfo> {
  const signature = await signWithLabel(suite, signatureKeyPair.privateKey, LABEL, encode(encodeContent, content))
  return { ...content, signature }
}

/** The signature of a group info with what it is over; the key is the signer's in the group's tree. */
export function groupInfoSignature(groupInfo: GroupInfo, publicKey: Uint8Array): LabelledSignature {
  return { publicKey, label: LABEL, content: encode(encodeContent, groupInfo), signature: groupInfo.signature }
}

export const encodeGroupInfo: Encoder<GroupInfo> = (writer, groupInfo) => {
  encodeContent(writer, groupInfo)
  writer.opaque(groupInfo.signature)
}

export const decodeGroupInfo: Decoder<GroupInfo> = (reader) => ({
  groupContext: decodeGroupContext(reader),
  extensions: decodeExtensions(reader),
  confirmationTag: reader.opaque(),
  signer: reader.uint32(),
  signature: reader.opaque(),
})

const encodeContent: Encoder<GroupInfoContent> = (writer, content) => {
  encodeGroupContext(writer, content.groupContext)
  encodeExtensions(writer, content.extensions)
  writer.opaque(content.confirmationTag)
  writer.uint32(content.signer)
}

const LABEL = 'GroupInfoTBS'
