// What a member asks the others to commit for it, since it cannot do so itself: to leave (a commit cannot remove its
// sender), or to be added again where the group's branch is one that it cannot follow (spec/repair.md).

import { equalBytes, utf8 } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import { type Extension, findExtension } from '../messages/extension.ts'
import { decodeKeyPackage, encodeKeyPackage, type KeyPackage } from '../messages/key-package.ts'
import { encodeLeafNode, type LeafNode } from '../messages/leaf-node.ts'
import type { InboxAddress } from '../wire/inbox.ts'

/** The extension's type in a leaf node, from the range for private use (RFC 9420 §17.3). */
export const REENTRY_EXTENSION = 0xf0c2

/** What a leaf says that is to replace another of the same device. */
export interface Reentry {
  readonly groupId: Uint8Array
  /** Greater than that of the leaf that is replaced, so that a request serves once. */
  readonly generation: bigint
  /** See `inboxHash`: so that nobody can have the Welcome left elsewhere. */
  readonly inbox: Uint8Array
}

export function reentryExtension(reentry: Reentry): Extension {
  return { extensionType: REENTRY_EXTENSION, data: encode(encodeReentry, reentry) }
}

/** Undefined where the leaf is of somebody who was added in the usual way. @throws CoterieError `REQUEST_MALFORMED` (peer) */
export function readReentry(leafNode: LeafNode): Reentry | undefined {
  const data = findExtension(leafNode.extensions, REENTRY_EXTENSION)
  return data === undefined ? undefined : readRequest(decodeReentry, data)
}

/** What a device signs of where its Welcome is to be left. */
export function inboxHash(wire: CipherSuite, inbox: InboxAddress): Uint8Array {
  return wire.hash.digest(encode(encodeInbox, inbox))
}

export function generationOf(leafNode: LeafNode): bigint {
  return readReentry(leafNode)?.generation ?? 0n
}

/** A request to be added again: the key package proves that the device wants it. */
export interface ReentryRequest {
  readonly keyPackage: KeyPackage
  /** Where the Welcome is to be left. */
  readonly inbox: InboxAddress
}

export function encodeReentryRequest(request: ReentryRequest): Uint8Array {
  return encode((writer) => {
    encodeKeyPackage(writer, request.keyPackage)
    encodeInbox(writer, request.inbox)
  }, undefined)
}

/** @throws CoterieError `REQUEST_MALFORMED` (peer) */
export function decodeReentryRequest(body: Uint8Array): ReentryRequest {
  return readRequest(
    (reader) => ({
      keyPackage: decodeKeyPackage(reader),
      inbox: { seed: reader.opaque(), publicKey: reader.opaque() },
    }),
    body,
  )
}

/** A member's wish to leave, which any member can carry out. It serves for one leaf as it is now. */
export interface LeaveRequest {
  /** See `leafHash`. */
  readonly leaf: Uint8Array
  readonly signature: Uint8Array
}

export function leafHash(wire: CipherSuite, leafNode: LeafNode): Uint8Array {
  return wire.hash.digest(encode(encodeLeafNode, leafNode))
}

export async function signLeaveRequest(
  wire: CipherSuite,
  device: KeyPair,
  groupId: Uint8Array,
  leafNode: LeafNode,
): Promise<LeaveRequest> {
  const leaf = leafHash(wire, leafNode)
  return { leaf, signature: await wire.signature.sign(device.privateKey, toBeSigned(groupId, leaf)) }
}

/** Whether the request is of the member at this leaf. @throws CoterieError `REQUEST_SIGNATURE` (peer) */
export async function verifyLeaveRequest(
  wire: CipherSuite,
  groupId: Uint8Array,
  leafNode: LeafNode,
  request: LeaveRequest,
): Promise<boolean> {
  if (!equalBytes(leafHash(wire, leafNode), request.leaf)) return false
  try {
    await wire.signature.verify(leafNode.signatureKey, toBeSigned(groupId, request.leaf), request.signature)
  } catch (cause) {
    return fail('REQUEST_SIGNATURE', 'a request to leave that its member has not signed', { cause })
  }
  return true
}

export const encodeLeaveRequest: Encoder<LeaveRequest> = (writer, { leaf, signature }) => {
  writer.opaque(leaf)
  writer.opaque(signature)
}

const readLeave: Decoder<LeaveRequest> = (reader) => ({ leaf: reader.opaque(), signature: reader.opaque() })

/** @throws CoterieError `REQUEST_MALFORMED` (peer) */
export function decodeLeaveRequest(body: Uint8Array): LeaveRequest {
  return readRequest(readLeave, body)
}

/** What a commit authenticates beside its content. */
export interface CommitNote {
  /** The committer's statement number. */
  readonly statement: bigint
  /** Of those whom the commit removes because they asked. */
  readonly leaves: readonly LeaveRequest[]
}

export function encodeCommitNote({ statement, leaves }: CommitNote): Uint8Array {
  return encode((writer) => {
    writer.uint64(statement)
    writer.vector(leaves, encodeLeaveRequest)
  }, undefined)
}

/** @throws CoterieError `REQUEST_MALFORMED` (peer) */
export function decodeCommitNote(authenticatedData: Uint8Array): CommitNote {
  return readRequest((reader) => ({ statement: reader.uint64(), leaves: reader.vector(readLeave) }), authenticatedData)
}

function toBeSigned(groupId: Uint8Array, leaf: Uint8Array): Uint8Array {
  return encode((writer) => {
    writer.opaque(LEAVE_LABEL)
    writer.opaque(groupId)
    writer.opaque(leaf)
  }, undefined)
}

const encodeReentry: Encoder<Reentry> = (writer, { groupId, generation, inbox }) => {
  writer.opaque(groupId)
  writer.uint64(generation)
  writer.opaque(inbox)
}

const decodeReentry: Decoder<Reentry> = (reader) => ({
  groupId: reader.opaque(),
  generation: reader.uint64(),
  inbox: reader.opaque(),
})

const encodeInbox: Encoder<InboxAddress> = (writer, { seed, publicKey }) => {
  writer.opaque(seed)
  writer.opaque(publicKey)
}

/** @throws CoterieError `REQUEST_MALFORMED` (peer) */
export function readRequest<T>(decoder: Decoder<T>, bytes: Uint8Array): T {
  try {
    return decode(decoder, bytes)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('REQUEST_MALFORMED', 'a request that cannot be read', { cause })
  }
}

const LEAVE_LABEL = /* @__PURE__ */ utf8('coterie leave 1')
