// Leaf nodes and key packages that say whatever they are told, signed as they should be or not.
import type { KeyPair } from '../../../src/crypto/contract.ts'
import type { CipherSuite } from '../../../src/crypto/labels.ts'
import { type LeafOptions, leafContent, type OwnKeyPackage } from '../../../src/group/key-packages.ts'
import { LeafNodeSource, MLS10, WireFormat } from '../../../src/messages/code-points.ts'
import {
  type KeyPackage,
  type KeyPackageContent,
  keyPackageRef,
  signKeyPackage,
} from '../../../src/messages/key-package.ts'
import {
  type LeafNode,
  type LeafNodeContent,
  type LeafNodeOrigin,
  type LeafNodePlace,
  type Lifetime,
  signLeafNode,
} from '../../../src/messages/leaf-node.ts'
import { encodeMlsMessage } from '../../../src/messages/mls-message.ts'

/** Where a leaf node can be tampered with. */
export interface LeafTampering {
  /** Before it is signed: the signature fits. */
  readonly content?: (content: LeafNodeContent) => LeafNodeContent
  /** Signs in place of the leaf's own key. */
  readonly signer?: KeyPair
  /** What the signature is bound to in place of the leaf's own place. */
  readonly place?: LeafNodePlace
  /** After it is signed: the signature does not fit any more. */
  readonly signed?: (leafNode: LeafNode) => LeafNode
}

/** Signs a leaf node. The place is of no consequence for the source `key_package`. */
export async function forgeLeaf(
  suite: CipherSuite,
  signatureKeyPair: KeyPair,
  content: LeafNodeContent,
  place: LeafNodePlace | undefined,
  tampering: LeafTampering = {},
): Promise<LeafNode> {
  const said = tampering.content?.(content) ?? content
  const signer = tampering.signer ?? signatureKeyPair
  const leafNode = await signLeafNode(suite, signer, said, tampering.place ?? place)
  return tampering.signed?.(leafNode) ?? leafNode
}

/** Where a key package can be tampered with. */
export interface KeyPackageTampering {
  readonly leaf?: LeafTampering
  /** Before the key package is signed. */
  readonly content?: (content: KeyPackageContent) => KeyPackageContent
  readonly signer?: KeyPair
  /** After it is signed. */
  readonly signed?: (keyPackage: KeyPackage) => KeyPackage
  readonly origin?: LeafNodeOrigin
}

/** A key package of a client with fresh keys. */
export async function forgeKeyPackage(
  suite: CipherSuite,
  client: LeafOptions & { readonly lifetime: Lifetime },
  tampering: KeyPackageTampering = {},
): Promise<OwnKeyPackage> {
  const { signatureKeyPair } = client
  const encryptionKeyPair = await suite.kem.generateKeyPair()
  const initKeyPair = await suite.kem.generateKeyPair()
  const leaf: LeafNodeContent = {
    ...leafContent(suite, client),
    encryptionKey: encryptionKeyPair.publicKey,
    origin: tampering.origin ?? { source: LeafNodeSource.keyPackage, lifetime: client.lifetime },
  }
  const nowhere = { groupId: new Uint8Array(0), leafIndex: 0 }
  const content: KeyPackageContent = {
    version: MLS10,
    cipherSuite: suite.id,
    initKey: initKeyPair.publicKey,
    leafNode: await forgeLeaf(suite, signatureKeyPair, leaf, nowhere, tampering.leaf),
    extensions: [],
  }
  const said = tampering.content?.(content) ?? content
  const signed = await signKeyPackage(suite, tampering.signer ?? signatureKeyPair, said)
  const keyPackage = tampering.signed?.(signed) ?? signed
  return {
    keyPackage,
    secrets: { initKeyPair, encryptionKeyPair, signatureKeyPair },
    message: encodeMlsMessage({ wireFormat: WireFormat.keyPackage, keyPackage }),
    reference: keyPackageRef(suite, keyPackage),
  }
}
