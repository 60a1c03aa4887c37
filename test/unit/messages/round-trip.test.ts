// Every structure of the wire reads back as it was written, and what is cut short or too long does not read (RFC 9420 §2.1).
import { describe, expect, it } from 'vitest'
import { type Decoder, decode } from '../../../src/codec/reader.ts'
import { type Encoder, encode } from '../../../src/codec/writer.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import { decodeCommit, decodeUpdatePath, encodeCommit, encodeUpdatePath } from '../../../src/messages/commit.ts'
import { type Credential, decodeCredential, encodeCredential } from '../../../src/messages/credential.ts'
import { decodeExtensions, encodeExtensions } from '../../../src/messages/extension.ts'
import {
  decodeFramedContent,
  decodePrivateMessage,
  decodePublicMessage,
  encodeFramedContent,
  encodePrivateMessage,
  encodePublicMessage,
} from '../../../src/messages/framed-content.ts'
import { decodeGroupContext, encodeGroupContext, type GroupContext } from '../../../src/messages/group-context.ts'
import { decodeGroupInfo, encodeGroupInfo } from '../../../src/messages/group-info.ts'
import { decodeKeyPackage, encodeKeyPackage } from '../../../src/messages/key-package.ts'
import { decodeLeafNode, encodeLeafNode } from '../../../src/messages/leaf-node.ts'
import { decodeParentNode, encodeParentNode } from '../../../src/messages/parent-node.ts'
import { decodePreSharedKeyId, encodePreSharedKeyId } from '../../../src/messages/pre-shared-key.ts'
import { decodeProposal, encodeProposal, type Proposal } from '../../../src/messages/proposal.ts'
import { decodeGroupSecrets, decodeWelcome, encodeGroupSecrets, encodeWelcome } from '../../../src/messages/welcome.ts'
import { codeOf } from '../../support/errors.ts'
import { sampleBytes, sampleKeyPackage, sampleLeaf } from '../../support/wire-samples.ts'

const b = sampleBytes
const extensions = [
  { extensionType: 0x0a0a, data: b(1, 4) },
  { extensionType: 0xffff, data: new Uint8Array(0) },
]
const context: GroupContext = {
  version: 1,
  cipherSuite: 0xf00d,
  groupId: b(1, 5),
  epoch: 0xffffffffffffffffn,
  treeHash: b(2),
  confirmedTranscriptHash: new Uint8Array(0),
  extensions,
}
const psk = { pskType: 1, pskId: b(3, 7), pskNonce: b(4) } as const
const sealed = { kemOutput: b(5), ciphertext: b(6, 48) }
const path = { leafNode: sampleLeaf(1), nodes: [{ encryptionKey: b(7), encryptedPathSecret: [sealed, sealed] }] }
const framed = {
  groupId: b(1, 5),
  epoch: 0n,
  sender: { senderType: 1, leafIndex: 0 },
  authenticatedData: b(8, 9),
  content: { contentType: 2, proposal: { proposalType: 3, removed: 0 } },
} as const
const auth = { signature: b(9, 64), confirmationTag: undefined }

const credentials: readonly Credential[] = [
  { credentialType: 1, identity: b(1, 4) },
  { credentialType: 2, certificates: [b(1, 20), b(2, 30)] },
  { credentialType: 2, certificates: [] },
  { credentialType: 0xf000, content: b(3, 6) },
]
const proposals: readonly Proposal[] = [
  { proposalType: 1, keyPackage: sampleKeyPackage(2) },
  { proposalType: 2, leafNode: sampleLeaf(3, { origin: { source: 2 } }) },
  { proposalType: 3, removed: 0xffffffff },
  { proposalType: 4, psk },
  { proposalType: 5, groupId: b(1, 4), version: 1, cipherSuite: 7, extensions },
  { proposalType: 6, kemOutput: b(4) },
  { proposalType: 7, extensions: [] },
  { proposalType: 0x0a0a, data: b(5, 4) },
  { proposalType: 0, data: b(5, 4) },
  { proposalType: 8, data: new Uint8Array(0) },
]

/** Encodes, decodes, and tries all beginnings of the encoding and one byte more. */
function check<T>(encoder: Encoder<T>, decoder: Decoder<T>, value: T): void {
  const encoded = encode(encoder, value)
  expect(decode(decoder, encoded)).toEqual(value)
  expect(encode(encoder, decode(decoder, encoded))).toEqual(encoded)
  for (let length = 0; length < encoded.length; length++) {
    expect(codeOf(() => decode(decoder, encoded.subarray(0, length)))).toMatch(/^CODEC_/)
  }
  expect(codeOf(() => decode(decoder, new Uint8Array([...encoded, 0])))).toBe('CODEC_TRAILING_BYTES')
}

describe('round trips', () => {
  it.each(credentials)('credential of type $credentialType', (credential) => {
    check(encodeCredential, decodeCredential, credential)
  })

  it('extensions', () => {
    check(encodeExtensions, decodeExtensions, extensions)
    check(encodeExtensions, decodeExtensions, [])
  })

  it.each([
    { source: 1, lifetime: { notBefore: 0n, notAfter: 0xffffffffffffffffn } },
    { source: 2 },
    { source: 3, parentHash: b(1) },
    { source: 3, parentHash: new Uint8Array(0) },
  ] as const)('leaf node of source $source', (origin) => {
    check(encodeLeafNode, decodeLeafNode, sampleLeaf(0, { origin, extensions }))
  })

  it('parent node', () => {
    check(encodeParentNode, decodeParentNode, { encryptionKey: b(1), parentHash: b(2), unmergedLeaves: [] })
    const unmergedLeaves = [0, 1, 0x7fffffff, 0xffffffff]
    check(encodeParentNode, decodeParentNode, { encryptionKey: b(1), parentHash: b(2), unmergedLeaves })
  })

  it('key package', () => {
    check(encodeKeyPackage, decodeKeyPackage, sampleKeyPackage(1, { extensions, cipherSuite: 0xffff }))
  })

  it.each([
    psk,
    { pskType: 2, usage: 1, pskGroupId: b(1, 4), pskEpoch: 0n, pskNonce: b(2) },
    { pskType: 2, usage: 3, pskGroupId: b(1, 4), pskEpoch: 0xffffffffffffffffn, pskNonce: b(2) },
  ] as const)('PSK identifier of type $pskType', (id) => {
    check(encodePreSharedKeyId, decodePreSharedKeyId, id)
  })

  it.each(proposals)('proposal of type $proposalType', (proposal) => {
    check(encodeProposal, decodeProposal, proposal)
  })

  it('commit', () => {
    check(encodeCommit, decodeCommit, { proposals: [], path: undefined })
    check(encodeCommit, decodeCommit, {
      proposals: [
        { kind: 'reference', reference: b(1) },
        { kind: 'proposal', proposal: { proposalType: 3, removed: 0 } },
      ],
      path,
    })
    check(encodeUpdatePath, decodeUpdatePath, path)
  })

  it('group context and group info', () => {
    check(encodeGroupContext, decodeGroupContext, context)
    const groupInfo = { groupContext: context, extensions, confirmationTag: b(1), signer: 0, signature: b(2, 64) }
    check(encodeGroupInfo, decodeGroupInfo, groupInfo)
  })

  it('Welcome', () => {
    const secrets = [{ newMember: b(1), encryptedGroupSecrets: sealed }]
    check(encodeWelcome, decodeWelcome, { cipherSuite: 1, secrets, encryptedGroupInfo: b(2, 40) })
  })

  it('group secrets, whose secrets are secrets', () => {
    const secrets = { joinerSecret: new Secret(b(1)), pathSecret: new Secret(b(2)), psks: [psk] }
    const read = decode(decodeGroupSecrets, encode(encodeGroupSecrets, secrets))
    expect(read.joinerSecret.bytes).toEqual(b(1))
    expect(read.pathSecret?.bytes).toEqual(b(2))
    expect(read.psks).toEqual([psk])
    const without = { ...secrets, pathSecret: undefined }
    expect(decode(decodeGroupSecrets, encode(encodeGroupSecrets, without)).pathSecret).toBeUndefined()
  })

  it.each([
    { senderType: 1, leafIndex: 0 },
    { senderType: 1, leafIndex: 0xffffffff },
    { senderType: 2, senderIndex: 0 },
    { senderType: 3 },
    { senderType: 4 },
  ] as const)('framed content of sender type $senderType', (sender) => {
    check(encodeFramedContent, decodeFramedContent, { ...framed, sender })
  })

  it.each([
    { contentType: 1, applicationData: b(1, 6) },
    { contentType: 2, proposal: { proposalType: 3, removed: 0 } },
    { contentType: 3, commit: { proposals: [], path } },
  ] as const)('framed content of content type $contentType', (content) => {
    check(encodeFramedContent, decodeFramedContent, { ...framed, content })
  })

  it('public message, with and without the tags', () => {
    check(encodePublicMessage, decodePublicMessage, { content: framed, auth, membershipTag: b(1) })
    check(encodePublicMessage, decodePublicMessage, {
      content: { ...framed, sender: { senderType: 4 }, content: { contentType: 3, commit: { proposals: [], path } } },
      auth: { ...auth, confirmationTag: b(2) },
      membershipTag: undefined,
    })
  })

  it('private message', () => {
    check(encodePrivateMessage, decodePrivateMessage, {
      groupId: b(1, 5),
      epoch: 1n,
      contentType: 1,
      authenticatedData: new Uint8Array(0),
      encryptedSenderData: b(2, 28),
      ciphertext: b(3, 100),
    })
  })
})

describe('unknown variants', () => {
  const leafWithSource = (source: number) => {
    const encoded = encode(encodeLeafNode, sampleLeaf(0, { origin: { source: 2 } }))
    const at = encoded.length - 64 - 2 - 1 - 1
    expect(encoded[at]).toBe(2)
    encoded[at] = source
    return encoded
  }

  it.each([0, 4, 255])('leaf node source %i', (source) => {
    expect(codeOf(() => decode(decodeLeafNode, leafWithSource(source)))).toBe('CODEC_UNKNOWN_VARIANT')
  })

  it.each([
    ['PSK type', decodePreSharedKeyId, [3, 0, 0]],
    ['PSK type', decodePreSharedKeyId, [0, 0, 0]],
    ['resumption PSK usage', decodePreSharedKeyId, [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['resumption PSK usage', decodePreSharedKeyId, [2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['ProposalOrRef type', decodeCommit, [2, 0, 0, 0]],
    ['ProposalOrRef type', decodeCommit, [2, 3, 0, 0]],
    ['sender type', decodeFramedContent, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['sender type', decodeFramedContent, [0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0]],
    ['content type', decodeFramedContent, [0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0]],
    ['content type', decodePrivateMessage, [0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0]],
  ] as const)('%s', (_, decoder: Decoder<unknown>, encoded) => {
    expect(codeOf(() => decode(decoder, new Uint8Array(encoded)))).toBe('CODEC_UNKNOWN_VARIANT')
  })
})
