// Extensions (RFC 9420 §13): lists, and the contents of those that the RFC defines.
import { describe, expect, it } from 'vitest'
import { decode } from '../../../src/codec/reader.ts'
import { encode } from '../../../src/codec/writer.ts'
import {
  applicationIdExtension,
  decodeExtensions,
  type Extension,
  encodedExtensions,
  encodeExtensions,
  externalPubExtension,
  externalSendersExtension,
  findExtension,
  readApplicationId,
  readExternalPub,
  readExternalSenders,
  readRequiredCapabilities,
  requiredCapabilitiesExtension,
} from '../../../src/messages/extension.ts'
import { codeOf } from '../../support/errors.ts'
import { sampleBytes } from '../../support/wire-samples.ts'

const required = { extensionTypes: [0xff00], proposalTypes: [0xff01, 8], credentialTypes: [1, 2] }
const senders = [
  { signatureKey: sampleBytes(1), credential: { credentialType: 1, identity: sampleBytes(2, 4) } },
  { signatureKey: sampleBytes(3), credential: { credentialType: 2, certificates: [sampleBytes(4, 9)] } },
] as const
const known: readonly Extension[] = [
  requiredCapabilitiesExtension(required),
  externalSendersExtension(senders),
  externalPubExtension(sampleBytes(5)),
  applicationIdExtension(sampleBytes(6, 4)),
]

describe('known extensions', () => {
  it('have the types of the registry', () => {
    expect(known.map(({ extensionType }) => extensionType)).toEqual([3, 5, 4, 1])
  })

  it('read back', () => {
    expect(readRequiredCapabilities(known)).toEqual(required)
    expect(readExternalSenders(known)).toEqual(senders)
    expect(readExternalPub(known)).toEqual(sampleBytes(5))
    expect(readApplicationId(known)).toEqual(sampleBytes(6, 4))
  })

  it('may be absent', () => {
    expect(readRequiredCapabilities([])).toBeUndefined()
    expect(readExternalSenders([])).toEqual([])
    expect(readExternalPub([])).toBeUndefined()
    expect(readApplicationId([])).toBeUndefined()
  })

  const readers = [readRequiredCapabilities, readExternalSenders, readExternalPub, readApplicationId]
  it.each(known.map((extension, i) => [extension.extensionType, extension, readers[i]] as const))(
    'of type %i are refused with a byte more or less',
    (_, extension, read) => {
      const { extensionType, data } = extension
      for (const broken of [new Uint8Array([...data, 0]), data.subarray(0, -1)]) {
        expect(codeOf(() => read?.([{ extensionType, data: broken }]))).toBe('EXTENSION_MALFORMED')
      }
    },
  )
})

describe('lists', () => {
  const twice = [
    { extensionType: 7, data: sampleBytes(1, 4) },
    { extensionType: 8, data: sampleBytes(1, 4) },
    { extensionType: 7, data: sampleBytes(2, 4) },
  ]

  it('with a type twice are neither written nor read (RFC 9420 §13.4)', () => {
    expect(codeOf(() => encode(encodeExtensions, twice))).toBe('EXTENSION_DUPLICATE')
    const encoded = encode(
      (writer) =>
        writer.vector(twice, (inner, { extensionType, data }) => {
          inner.uint16(extensionType)
          inner.opaque(data)
        }),
      undefined,
    )
    expect(codeOf(() => decode(decodeExtensions, encoded))).toBe('EXTENSION_DUPLICATE')
  })

  it('keep their order', () => {
    const list = twice.slice(0, 2)
    expect(decode(decodeExtensions, encodedExtensions(list.toReversed()))).toEqual(list.toReversed())
    expect(encodedExtensions(list)).not.toEqual(encodedExtensions(list.toReversed()))
  })

  it('are searched by type, type 0 too', () => {
    expect(findExtension([{ extensionType: 0, data: sampleBytes(9, 4) }], 0)).toEqual(sampleBytes(9, 4))
    expect(findExtension(twice, 9)).toBeUndefined()
  })
})
