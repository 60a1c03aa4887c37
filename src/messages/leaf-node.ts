// Leaf nodes: a member's keys, credential and capabilities, signed by the member (RFC 9420 §7.2).

import type { Decoder, Reader } from '../codec/reader.ts'
import { type Encoder, encode, encodeUint16 } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import { type CipherSuite, type LabelledSignature, signWithLabel } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { LeafNodeSource } from './code-points.ts'
import { type Credential, decodeCredential, encodeCredential } from './credential.ts'
import { decodeExtensions, type Extension, encodeExtensions } from './extension.ts'

/** What a client can do. Types that every implementation must support are not listed. RFC 9420 §7.2. */
export interface Capabilities {
  readonly versions: readonly number[]
  readonly cipherSuites: readonly number[]
  readonly extensions: readonly number[]
  readonly proposals: readonly number[]
  readonly credentials: readonly number[]
}

/** Seconds since the Unix epoch, both inclusive. */
export interface Lifetime {
  readonly notBefore: bigint
  readonly notAfter: bigint
}

/** Where a leaf node came from decides what else it carries. */
export type LeafNodeOrigin =
  | { readonly source: typeof LeafNodeSource.keyPackage; readonly lifetime: Lifetime }
  | { readonly source: typeof LeafNodeSource.update }
  | { readonly source: typeof LeafNodeSource.commit; readonly parentHash: Uint8Array }

/** A leaf node before it is signed. */
export interface LeafNodeContent {
  readonly encryptionKey: Uint8Array
  readonly signatureKey: Uint8Array
  readonly credential: Credential
  readonly capabilities: Capabilities
  readonly origin: LeafNodeOrigin
  readonly extensions: readonly Extension[]
}

/** A member's keys, credential and capabilities, signed by the member. RFC 9420 §7.2. */
export interface LeafNode extends LeafNodeContent {
  readonly signature: Uint8Array
}

/** The place in a group that the signature of an `update` or `commit` leaf node is bound to. */
export interface LeafNodePlace {
  readonly groupId: Uint8Array
  readonly leafIndex: number
}

/** Signs a leaf node. `place` is used for the sources `update` and `commit` only. RFC 9420 §7.2. */
export async function signLeafNode(
  suite: CipherSuite,
  signatureKeyPair: KeyPair,
  content: LeafNodeContent,
  place: LeafNodePlace | undefined,
): Promise<LeafNode> {
  const toBeSigned = leafNodeTbs(content, place)
  const signature = await signWithLabel(suite, signatureKeyPair.privateKey, LABEL, toBeSigned)
  return { ...content, signature }
}

/** The signature of a leaf node with what it is over, to verify alone or with others. RFC 9420 §7.3. */
export function leafNodeSignature(leafNode: LeafNode, place: LeafNodePlace | undefined): LabelledSignature {
  return {
    publicKey: leafNode.signatureKey,
    label: LABEL,
    content: leafNodeTbs(leafNode, place),
    signature: leafNode.signature,
  }
}

export const encodeLeafNode: Encoder<LeafNode> = (writer, leafNode) => {
  encodeContent(writer, leafNode)
  writer.opaque(leafNode.signature)
}

export const decodeLeafNode: Decoder<LeafNode> = (reader) => ({
  encryptionKey: reader.opaque(),
  signatureKey: reader.opaque(),
  credential: decodeCredential(reader),
  capabilities: decodeCapabilities(reader),
  origin: decodeOrigin(reader),
  extensions: decodeExtensions(reader),
  signature: reader.opaque(),
})

function leafNodeTbs(content: LeafNodeContent, place: LeafNodePlace | undefined): Uint8Array {
  return encode((writer) => {
    encodeContent(writer, content)
    if (content.origin.source === LeafNodeSource.keyPackage) return
    if (place === undefined) return fail('INTERNAL_INVARIANT', 'this leaf node is signed for a place in a group')
    writer.opaque(place.groupId)
    writer.uint32(place.leafIndex)
  }, undefined)
}

const encodeContent: Encoder<LeafNodeContent> = (writer, content) => {
  writer.opaque(content.encryptionKey)
  writer.opaque(content.signatureKey)
  encodeCredential(writer, content.credential)
  encodeCapabilities(writer, content.capabilities)
  const { origin } = content
  writer.uint8(origin.source)
  if (origin.source === LeafNodeSource.keyPackage) {
    writer.uint64(origin.lifetime.notBefore)
    writer.uint64(origin.lifetime.notAfter)
  } else if (origin.source === LeafNodeSource.commit) writer.opaque(origin.parentHash)
  encodeExtensions(writer, content.extensions)
}

const encodeCapabilities: Encoder<Capabilities> = (writer, capabilities) => {
  writer.vector(capabilities.versions, encodeUint16)
  writer.vector(capabilities.cipherSuites, encodeUint16)
  writer.vector(capabilities.extensions, encodeUint16)
  writer.vector(capabilities.proposals, encodeUint16)
  writer.vector(capabilities.credentials, encodeUint16)
}

function decodeCapabilities(reader: Reader): Capabilities {
  return {
    versions: reader.vector(decodeUint16),
    cipherSuites: reader.vector(decodeUint16),
    extensions: reader.vector(decodeUint16),
    proposals: reader.vector(decodeUint16),
    credentials: reader.vector(decodeUint16),
  }
}

function decodeOrigin(reader: Reader): LeafNodeOrigin {
  const source = reader.uint8()
  switch (source) {
    case LeafNodeSource.keyPackage:
      return { source, lifetime: { notBefore: reader.uint64(), notAfter: reader.uint64() } }
    case LeafNodeSource.update:
      return { source }
    case LeafNodeSource.commit:
      return { source, parentHash: reader.opaque() }
    default:
      return fail('CODEC_UNKNOWN_VARIANT', `unknown leaf node source ${source}`)
  }
}

const decodeUint16: Decoder<number> = (reader) => reader.uint16()

const LABEL = 'LeafNodeTBS'
