// Signatures of leaf nodes and key packages (RFC 9420 §7.2, §7.3, §10.1): what they cover.
import { describe, expect, it } from 'vitest'
import { encode } from '../../../src/codec/writer.ts'
import { type LabelledSignature, verifyWithLabel } from '../../../src/crypto/labels.ts'
import { suite1 as suite } from '../../../src/crypto/providers/noble/suites.ts'
import {
  encodeKeyPackage,
  keyPackageRef,
  keyPackageSignature,
  signKeyPackage,
} from '../../../src/messages/key-package.ts'
import { type LeafNodeOrigin, leafNodeSignature, signLeafNode } from '../../../src/messages/leaf-node.ts'
import { rejectionCode } from '../../support/errors.ts'
import { sampleKeyPackage, sampleLeaf } from '../../support/wire-samples.ts'

const place = { groupId: new Uint8Array([1, 2, 3]), leafIndex: 0 }
const origins: readonly LeafNodeOrigin[] = [
  { source: 1, lifetime: { notBefore: 1n, notAfter: 2n } },
  { source: 2 },
  { source: 3, parentHash: new Uint8Array(32) },
]

async function signedLeaf(origin: LeafNodeOrigin) {
  const pair = await suite.signature.generateKeyPair()
  const content = { ...sampleLeaf(1, { origin }), signatureKey: pair.publicKey }
  return { pair, leafNode: await signLeafNode(suite, pair, content, place) }
}
const verified = (signed: LabelledSignature) => verifyWithLabel(suite, signed, 'LEAF_SIGNATURE')
const refused = async (signed: LabelledSignature) => {
  expect(await rejectionCode(verified(signed))).toBe('LEAF_SIGNATURE')
}

describe('a leaf node', () => {
  it.each(origins)('of source $source is signed over its content', async (origin) => {
    const { leafNode } = await signedLeaf(origin)
    await verified(leafNodeSignature(leafNode, place))
    await refused(leafNodeSignature({ ...leafNode, encryptionKey: new Uint8Array(32) }, place))
    await refused(leafNodeSignature({ ...leafNode, extensions: [{ extensionType: 9, data: place.groupId }] }, place))
    await refused(leafNodeSignature({ ...leafNode, signatureKey: sampleLeaf(2).signatureKey }, place))
  })

  it('of a key package is not bound to a place', async () => {
    const { leafNode } = await signedLeaf(origins[0] as LeafNodeOrigin)
    await verified(leafNodeSignature(leafNode, undefined))
    await verified(leafNodeSignature(leafNode, { groupId: new Uint8Array(0), leafIndex: 7 }))
  })

  it.each(origins.slice(1))('of source $source is bound to group and leaf, leaf 0 too', async (origin) => {
    const { leafNode } = await signedLeaf(origin)
    await refused(leafNodeSignature(leafNode, { ...place, leafIndex: 1 }))
    await refused(leafNodeSignature(leafNode, { ...place, groupId: new Uint8Array([1, 2]) }))
  })
})

describe('a key package', () => {
  it('is signed by the key of its leaf, over all the rest', async () => {
    const { pair, leafNode } = await signedLeaf(origins[0] as LeafNodeOrigin)
    const keyPackage = await signKeyPackage(suite, pair, { ...sampleKeyPackage(1), leafNode })
    await verified(keyPackageSignature(keyPackage))
    await refused(keyPackageSignature({ ...keyPackage, initKey: new Uint8Array(32) }))
    await refused(keyPackageSignature({ ...keyPackage, cipherSuite: 2 }))
    await refused(keyPackageSignature({ ...keyPackage, leafNode: { ...leafNode, signature: new Uint8Array(64) } }))
  })

  it('is named by a hash of all of it, its signature too (RFC 9420 §5.2)', () => {
    const keyPackage = sampleKeyPackage(1)
    const label = new TextEncoder().encode('MLS 1.0 KeyPackage Reference')
    const encoded = encode((writer) => {
      writer.opaque(label)
      writer.opaque(encode(encodeKeyPackage, keyPackage))
    }, undefined)
    expect(keyPackageRef(suite, keyPackage)).toEqual(suite.hash.digest(encoded))
    expect(keyPackageRef(suite, { ...keyPackage, signature: new Uint8Array(64) })).not.toEqual(
      keyPackageRef(suite, keyPackage),
    )
  })
})
