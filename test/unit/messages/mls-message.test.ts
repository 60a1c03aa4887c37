// The outermost structure (RFC 9420 §6): every wire format, and what is none.
import { describe, expect, it } from 'vitest'
import { decodeMlsMessage, encodeMlsMessage, type MlsMessage } from '../../../src/messages/mls-message.ts'
import { codeOf } from '../../support/errors.ts'
import { sampleBytes, sampleKeyPackage } from '../../support/wire-samples.ts'

const context = {
  version: 1,
  cipherSuite: 1,
  groupId: sampleBytes(1, 8),
  epoch: 0n,
  treeHash: sampleBytes(2),
  confirmedTranscriptHash: sampleBytes(3),
  extensions: [],
}
const messages: readonly MlsMessage[] = [
  {
    wireFormat: 1,
    publicMessage: {
      content: {
        groupId: context.groupId,
        epoch: 0n,
        sender: { senderType: 3 },
        authenticatedData: new Uint8Array(0),
        content: { contentType: 2, proposal: { proposalType: 1, keyPackage: sampleKeyPackage(1) } },
      },
      auth: { signature: sampleBytes(1, 64), confirmationTag: undefined },
      membershipTag: undefined,
    },
  },
  {
    wireFormat: 2,
    privateMessage: {
      groupId: context.groupId,
      epoch: 0n,
      contentType: 3,
      authenticatedData: new Uint8Array(0),
      encryptedSenderData: sampleBytes(4),
      ciphertext: sampleBytes(5),
    },
  },
  { wireFormat: 3, welcome: { cipherSuite: 1, secrets: [], encryptedGroupInfo: sampleBytes(6) } },
  {
    wireFormat: 4,
    groupInfo: {
      groupContext: context,
      extensions: [],
      confirmationTag: sampleBytes(7),
      signer: 0,
      signature: sampleBytes(8, 64),
    },
  },
  { wireFormat: 5, keyPackage: sampleKeyPackage(2) },
]

describe('an MLSMessage', () => {
  it.each(messages)('of wire format $wireFormat reads back, and says which it is', (message) => {
    const encoded = encodeMlsMessage(message)
    expect([...encoded.subarray(0, 4)]).toEqual([0, 1, 0, message.wireFormat])
    expect(decodeMlsMessage(encoded)).toEqual(message)
    expect(codeOf(() => decodeMlsMessage(new Uint8Array([...encoded, 0])))).toBe('CODEC_TRAILING_BYTES')
  })

  it.each([0, 2, 0xff00])('of version %i is refused', (version) => {
    expect(codeOf(() => decodeMlsMessage(new Uint8Array([version >> 8, version & 0xff, 0, 2])))).toBe('FRAMING_VERSION')
  })

  it.each([0, 6, 0x100])('of wire format %i is refused', (wireFormat) => {
    const encoded = new Uint8Array([0, 1, wireFormat >> 8, wireFormat & 0xff, 0, 0, 0, 0])
    expect(codeOf(() => decodeMlsMessage(encoded))).toBe('FRAMING_WIRE_FORMAT')
  })

  it('shares no memory with a Buffer that it was read from', () => {
    const message = messages[1] as MlsMessage
    const buffer = Buffer.from(encodeMlsMessage(message))
    const decoded = decodeMlsMessage(buffer)
    buffer.fill(0)
    expect(decoded).toEqual(message)
  })
})
