// Small valid values of RFC 9420's structures, without cryptography: their bytes are made up.
import type { KeyPackage } from '../../src/messages/key-package.ts'
import type { LeafNode } from '../../src/messages/leaf-node.ts'

/** `length` bytes that differ for different numbers. */
export function sampleBytes(number: number, length = 32): Uint8Array {
  const bytes = new Uint8Array(length).fill(0x5a)
  new DataView(bytes.buffer).setUint32(length - 4, number)
  return bytes
}

/** A leaf node whose keys and credential are those of this number and of no other. */
export function sampleLeaf(number: number, changes: Partial<LeafNode> = {}): LeafNode {
  return {
    encryptionKey: sampleBytes(0x1000_0000 + number),
    signatureKey: sampleBytes(0x2000_0000 + number),
    credential: { credentialType: 1, identity: sampleBytes(0x3000_0000 + number, 4) },
    capabilities: { versions: [1], cipherSuites: [1], extensions: [], proposals: [], credentials: [1] },
    origin: { source: 1, lifetime: { notBefore: 0n, notAfter: 0xffffffffffffffffn } },
    extensions: [],
    signature: sampleBytes(0x4000_0000 + number, 64),
    ...changes,
  }
}

export function sampleKeyPackage(number: number, changes: Partial<KeyPackage> = {}): KeyPackage {
  return {
    version: 1,
    cipherSuite: 1,
    initKey: sampleBytes(0x5000_0000 + number),
    leafNode: sampleLeaf(number),
    extensions: [],
    signature: sampleBytes(0x6000_0000 + number, 64),
    ...changes,
  }
}
