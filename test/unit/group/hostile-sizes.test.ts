// Long lists and long keys from peers: they take time in proportion to their length, and end in a result or a typed error.
import { describe, expect, it } from 'vitest'
import { type KeyPackage, signKeyPackage } from '../../../src/messages/key-package.ts'
import { type LeafNode, signLeafNode } from '../../../src/messages/leaf-node.ts'
import * as mls from '../../../src/mls.ts'
import { treeOf } from '../../../src/tree/ratchet-tree.ts'
import { Branch, Leaf } from '../../../src/tree/subtree.ts'
import { encodeRatchetTree } from '../../../src/tree/tree-codec.ts'
import { client, followed, keyPackageOf, nowMs, pair, suite } from './group-fixtures.ts'

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => i + from)
const empty = new Uint8Array(0)

describe('a key package', () => {
  it('may list as many extensions as there are, at the end of a longer list', async () => {
    const extensionTypes = numbers(60_000, 100).filter((type) => !mls.GREASE_VALUES.includes(type))
    const leafExtensions = extensionTypes.map((extensionType) => ({ extensionType, data: empty }))
    const own = await keyPackageOf('mallory', { leafExtensions })
    const { leafNode } = own.keyPackage
    const extensions = [...new Array<number>(1_500_000).fill(6), ...leafNode.capabilities.extensions]
    const capabilities = { ...leafNode.capabilities, extensions }
    const { signatureKeyPair } = own.secrets
    const long: LeafNode = await signLeafNode(suite, signatureKeyPair, { ...leafNode, capabilities }, undefined)
    const keyPackage: KeyPackage = await signKeyPackage(suite, signatureKeyPair, { ...own.keyPackage, leafNode: long })
    await mls.validateKeyPackage(suite, keyPackage, { nowMs })
    // What a group requires is looked up in the same lists.
    const required = { extensionTypes, proposalTypes: [], credentialTypes: [] }
    const groupExtensions = [mls.requiredCapabilitiesExtension(required)]
    await mls.createGroup(suite, { ...(await client('mallory', { leafExtensions })), groupExtensions })
  })
})

describe('a change of the extensions', () => {
  it('may appoint more external senders than a call has room for arguments', async () => {
    const [alice, bob] = await pair()
    const sender = { signatureKey: empty, credential: mls.basicCredential(empty) }
    const extension = mls.externalSendersExtension(new Array<mls.ExternalSender>(250_000).fill(sender))
    const proposals = [mls.groupContextExtensionsProposal([extension])]
    const { state, message } = await mls.commit(alice, { nowMs, proposals })
    expect(mls.epochAuthenticator(await followed(bob, message))).toEqual(mls.epochAuthenticator(state))
  })
})

describe('a tree', () => {
  it('may have long keys that differ at their beginnings only', async () => {
    const { leafNode } = (await keyPackageOf('mallory')).keyPackage
    const leaf = (leafIndex: number) => {
      const key = new Uint8Array(100_000).fill(7).fill(leafIndex, 0, 1)
      return new Leaf(leafIndex, { ...leafNode, encryptionKey: key, signatureKey: key })
    }
    const tree = treeOf(
      new Branch(undefined, new Branch(undefined, leaf(0), leaf(1)), new Branch(undefined, leaf(2), leaf(3))),
    )
    expect(mls.readRatchetTree(encodeRatchetTree(tree))).toHaveLength(4)
  })
})

describe('limits', () => {
  it('are integers that fit their records, whatever the caller says', async () => {
    const founder = await client('alice')
    for (const limit of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32]) {
      const limits = { pastEpochs: limit }
      expect(await mls.createGroup(suite, { ...founder, limits }).catch((error) => error.code)).toBe('ARGUMENT_INVALID')
    }
    const limits = { pastEpochs: 0, resumptionPsks: 0, maxForward: 0, maxSkipped: 2 ** 32 - 1 }
    const state = await mls.createGroup(suite, { ...founder, limits })
    expect(mls.restoreState(suite, mls.stateRecords(state).put).limits).toEqual(limits)
  })

  it('of time are numbers', async () => {
    const { keyPackage } = await keyPackageOf('alice')
    const validating = mls.validateKeyPackage(suite, keyPackage, { nowMs: Number.NaN })
    expect(await validating.catch((error) => error.code)).toBe('ARGUMENT_INVALID')
  })
})
