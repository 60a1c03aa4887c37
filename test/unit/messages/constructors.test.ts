// Proposals, pre-shared key ids and credentials as callers make them (RFC 9420 §5.3, §8.4, §12.1).
import { describe, expect, test } from 'vitest'
import { decode } from '../../../src/codec/reader.ts'
import { encode } from '../../../src/codec/writer.ts'
import { suite1, suite7 } from '../../../src/crypto-noble.ts'
import { decodeProposal, encodeProposal } from '../../../src/messages/proposal.ts'
import {
  addProposal,
  basicCredential,
  basicIdentity,
  createKeyPackage,
  customProposal,
  externalPskId,
  groupContextExtensionsProposal,
  isDefaultProposal,
  lifetimeOfDays,
  MLS10,
  type Proposal,
  ProposalType,
  preSharedKeyProposal,
  reinitProposal,
  removeProposal,
  resumptionPskId,
  x509Credential,
} from '../../../src/mls.ts'

const bytes = Uint8Array.from([1, 2, 3])
const { keyPackage } = await createKeyPackage(suite1, {
  credential: basicCredential(bytes),
  signatureKeyPair: await suite1.signature.generateKeyPair(),
  lifetime: lifetimeOfDays(0, 1),
})
const extensions = [{ extensionType: 0xf0aa, data: bytes }]

describe('proposals', () => {
  const proposals: readonly (readonly [type: number, proposal: Proposal])[] = [
    [ProposalType.add, addProposal(keyPackage)],
    [ProposalType.remove, removeProposal(0)],
    [ProposalType.preSharedKey, preSharedKeyProposal(externalPskId(suite1, bytes))],
    [ProposalType.preSharedKey, preSharedKeyProposal(resumptionPskId(suite1, bytes, 7n))],
    [ProposalType.reinit, reinitProposal({ groupId: bytes, cipherSuite: 7, extensions })],
    [ProposalType.groupContextExtensions, groupContextExtensionsProposal(extensions)],
    [0xf042, customProposal(0xf042, bytes)],
  ]

  test.each(proposals)('of type %i are what is decoded from their encoding', (type, proposal) => {
    expect(proposal.proposalType).toBe(type)
    expect(isDefaultProposal(proposal)).toBe(type <= 7)
    expect(decode(decodeProposal, encode(encodeProposal, proposal))).toEqual(proposal)
  })

  test('a ReInit is for this version, without extensions where none are given', () => {
    expect(reinitProposal({ groupId: bytes, cipherSuite: 3 })).toMatchObject({ version: MLS10, extensions: [] })
  })

  test.each([0, 1, 7, -1, 0x10000, 1.5, Number.NaN])('a custom proposal cannot have type %d', (type) => {
    expect(() => customProposal(type, bytes)).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }))
  })
})

describe('pre-shared key ids', () => {
  test('have a fresh nonce of Nh bytes in every use (RFC 9420 §8.4)', () => {
    const [first, second] = [externalPskId(suite7, bytes), externalPskId(suite7, bytes)]
    expect(first.pskNonce).toHaveLength(48)
    expect(first.pskNonce).not.toEqual(second.pskNonce)
    expect(first.pskId).toEqual(second.pskId)
    expect(resumptionPskId(suite1, bytes, 1n).pskNonce).toHaveLength(32)
  })

  test('do not change with what they were made from', () => {
    const name = bytes.slice()
    const id = externalPskId(suite1, name)
    name.fill(0)
    expect(id.pskId).toEqual(bytes)
  })
})

describe('credentials', () => {
  test('of type basic have an identity, others have none', () => {
    expect(basicIdentity(basicCredential(bytes))).toEqual(bytes)
    expect(basicIdentity(x509Credential([bytes]))).toBeUndefined()
    expect(basicIdentity({ credentialType: 0xf001, content: bytes })).toBeUndefined()
  })

  test('of type x509 have a certificate', () => {
    expect(() => x509Credential([])).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }))
  })
})
