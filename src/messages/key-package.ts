// Key packages: what a client publishes so that others can add it (RFC 9420 §10).

import type { Decoder } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import { type CipherSuite, type LabelledSignature, refHash, signWithLabel } from '../crypto/labels.ts'
import { decodeExtensions, type Extension, encodeExtensions } from './extension.ts'
import { decodeLeafNode, encodeLeafNode, type LeafNode } from './leaf-node.ts'

/** A key package before it is signed. */
export interface KeyPackageContent {
  readonly version: number
  readonly cipherSuite: number
  readonly initKey: Uint8Array
  readonly leafNode: LeafNode
  readonly extensions: readonly Extension[]
}

/** What a client publishes so that others can add it. RFC 9420 §10. */
export interface KeyPackage extends KeyPackageContent {
  readonly signature: Uint8Array
}

export async function signKeyPackage(
  suite: CipherSuite,
  signatureKeyPair: KeyPair,
  content: KeyPackageContent,
): Promise<KeyPackage> {
  const signature = await signWithLabel(suite, signatureKeyPair.privateKey, LABEL, encode(encodeContent, content))
  return { ...content, signature }
}

/** The signature of a key package with what it is over. RFC 9420 §10.1. */
export function keyPackageSignature(keyPackage: KeyPackage): LabelledSignature {
  return {
    publicKey: keyPackage.leafNode.signatureKey,
    label: LABEL,
    content: encode(encodeContent, keyPackage),
    signature: keyPackage.signature,
  }
}

/** `KeyPackageRef`. RFC 9420 §5.2. @returns Nh bytes */
export function keyPackageRef(suite: CipherSuite, keyPackage: KeyPackage): Uint8Array {
  return refHash(suite, 'MLS 1.0 KeyPackage Reference', encode(encodeKeyPackage, keyPackage))
}

export const encodeKeyPackage: Encoder<KeyPackage> = (writer, keyPackage) => {
  encodeContent(writer, keyPackage)
  writer.opaque(keyPackage.signature)
}

export const decodeKeyPackage: Decoder<KeyPackage> = (reader) => ({
  version: reader.uint16(),
  cipherSuite: reader.uint16(),
  initKey: reader.opaque(),
  leafNode: decodeLeafNode(reader),
  extensions: decodeExtensions(reader),
  signature: reader.opaque(),
})

const encodeContent: Encoder<KeyPackageContent> = (writer, content) => {
  writer.uint16(content.version)
  writer.uint16(content.cipherSuite)
  writer.opaque(content.initKey)
  encodeLeafNode(writer, content.leafNode)
  encodeExtensions(writer, content.extensions)
}

const LABEL = 'KeyPackageTBS'
