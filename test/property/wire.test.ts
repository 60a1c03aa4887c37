// Every structure on the wire reads back as it was written, whatever it holds, and nothing else reads as it (RFC 9420 §2.1).
import fc, { type Arbitrary } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, toHex } from '../../src/bytes.ts'
import { type Decoder, decode, Reader } from '../../src/codec/reader.ts'
import { type Encoder, encode, MAX_VECTOR_LENGTH, Writer } from '../../src/codec/writer.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { decodeAuthenticatedContent, encodeAuthenticatedContent } from '../../src/framing/authenticated-content.ts'
import { decodeCommit, decodeUpdatePath, encodeCommit, encodeUpdatePath } from '../../src/messages/commit.ts'
import { decodeCredential, encodeCredential } from '../../src/messages/credential.ts'
import {
  decodeExtensions,
  encodeExtensions,
  externalSendersExtension,
  readExternalSenders,
  readRequiredCapabilities,
  requiredCapabilitiesExtension,
} from '../../src/messages/extension.ts'
import {
  decodeFramedContent,
  decodePrivateMessage,
  decodePublicMessage,
  encodeFramedContent,
  encodePrivateMessage,
  encodePublicMessage,
} from '../../src/messages/framed-content.ts'
import { decodeGroupContext, encodeGroupContext } from '../../src/messages/group-context.ts'
import { decodeGroupInfo, encodeGroupInfo } from '../../src/messages/group-info.ts'
import { decodeKeyPackage, encodeKeyPackage } from '../../src/messages/key-package.ts'
import { decodeLeafNode, encodeLeafNode } from '../../src/messages/leaf-node.ts'
import { readMlsMessage, writeMlsMessage } from '../../src/messages/mls-message.ts'
import { decodeParentNode, encodeParentNode } from '../../src/messages/parent-node.ts'
import { decodePreSharedKeyId, encodePreSharedKeyId } from '../../src/messages/pre-shared-key.ts'
import { decodeProposal, encodeProposal } from '../../src/messages/proposal.ts'
import { decodeGroupSecrets, decodeWelcome, encodeGroupSecrets, encodeWelcome } from '../../src/messages/welcome.ts'
import { members } from '../../src/tree/ratchet-tree.ts'
import { decodeRatchetTree, encodeRatchetTree } from '../../src/tree/tree-codec.ts'
import { codeOf } from '../support/errors.ts'
import { printSeed, runs } from './settings.ts'
import * as any from './wire-arbitraries.ts'

printSeed('property/wire')

interface Structure {
  readonly name: string
  roundTrips(): void
}

function structure<T>(name: string, arbitrary: Arbitrary<T>, encoder: Encoder<T>, decoder: Decoder<T>): Structure {
  return {
    name,
    roundTrips() {
      fc.assert(
        fc.property(arbitrary, (value) => {
          const bytes = encode(encoder, value)
          const read = decode(decoder, bytes)
          expect(plain(read)).toEqual(plain(value))
          expect(encode(encoder, read)).toEqual(bytes)
          // What is cut short, or too long, is not the encoding of anything.
          expect(codeOf(() => decode(decoder, bytes.subarray(0, -1)))).toBe('CODEC_TRUNCATED')
          expect(codeOf(() => decode(decoder, concat(bytes, Uint8Array.of(0))))).toBe('CODEC_TRAILING_BYTES')
        }),
        runs(100),
      )
    },
  }
}

/** Secrets as their bytes, so that they can be compared. */
function plain(value: unknown): unknown {
  if (value instanceof Secret) return value.bytes
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}

const structures: readonly Structure[] = [
  structure('Credential', any.credential, encodeCredential, decodeCredential),
  structure('extensions', any.extensions, encodeExtensions, decodeExtensions),
  structure('LeafNode', any.leafNode, encodeLeafNode, decodeLeafNode),
  structure('ParentNode', any.parentNode, encodeParentNode, decodeParentNode),
  structure('KeyPackage', any.keyPackage, encodeKeyPackage, decodeKeyPackage),
  structure('PreSharedKeyID', any.preSharedKeyId, encodePreSharedKeyId, decodePreSharedKeyId),
  structure('Proposal', any.proposal, encodeProposal, decodeProposal),
  structure('UpdatePath', any.updatePath, encodeUpdatePath, decodeUpdatePath),
  structure('Commit', any.commit, encodeCommit, decodeCommit),
  structure('FramedContent', any.framedContent, encodeFramedContent, decodeFramedContent),
  structure('AuthenticatedContent', any.authenticatedContent, encodeAuthenticatedContent, decodeAuthenticatedContent),
  structure('PublicMessage', any.publicMessage, encodePublicMessage, decodePublicMessage),
  structure('PrivateMessage', any.privateMessage, encodePrivateMessage, decodePrivateMessage),
  structure('GroupContext', any.groupContext, encodeGroupContext, decodeGroupContext),
  structure('GroupInfo', any.groupInfo, encodeGroupInfo, decodeGroupInfo),
  structure('Welcome', any.welcome, encodeWelcome, decodeWelcome),
  structure('GroupSecrets', any.groupSecrets, encodeGroupSecrets, decodeGroupSecrets),
  structure('MLSMessage', any.mlsMessage, writeMlsMessage, readMlsMessage),
]

describe('decoding what was encoded', () => {
  test.each(structures)('$name', ({ roundTrips }) => {
    roundTrips()
  })

  test('RequiredCapabilities', () => {
    fc.assert(
      fc.property(any.requiredCapabilities, (required) => {
        expect(readRequiredCapabilities([requiredCapabilitiesExtension(required)])).toEqual(required)
      }),
      runs(100),
    )
  })

  test('ExternalSenders', () => {
    fc.assert(
      fc.property(any.externalSenders, (senders) => {
        expect(readExternalSenders([externalSendersExtension(senders)])).toEqual(senders)
      }),
      runs(100),
    )
  })

  test('ratchet_tree', () => {
    fc.assert(
      fc.property(any.ratchetTree, ({ nodes, bytes }) => {
        const tree = decodeRatchetTree(bytes)
        expect(encodeRatchetTree(tree)).toEqual(bytes)
        for (const { leafIndex, leafNode } of members(tree)) expect(nodes[2 * leafIndex]).toEqual(leafNode)
        expect([...members(tree)]).toHaveLength(nodes.filter((node, i) => i % 2 === 0 && node !== undefined).length)
      }),
      runs(100),
    )
  })
})

describe('lengths (RFC 9420 §2.1.2)', () => {
  const boundaries = [
    [0, '00'],
    [0x3f, '3f'],
    [0x40, '4040'],
    [0x3fff, '7fff'],
    [0x4000, '80004000'],
    [MAX_VECTOR_LENGTH, 'bfffffff'],
  ] as const

  test.each(boundaries)('%i is %s', (length, hex) => {
    const writer = new Writer()
    writer.varint(length)
    expect(toHex(writer.finish())).toBe(hex)
    expect(new Reader(writer.finish()).varint()).toBe(length)
  })

  test('one more than the longest has no encoding', () => {
    expect(codeOf(() => new Writer().varint(MAX_VECTOR_LENGTH + 1))).toBe('CODEC_VALUE_RANGE')
  })

  test('each length has one encoding', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_VECTOR_LENGTH }), (length) => {
        for (const form of encodingsOf(length)) {
          const shortest = form.length === Math.min(...encodingsOf(length).map((other) => other.length))
          if (shortest) expect(new Reader(form).varint()).toBe(length)
          else expect(codeOf(() => new Reader(form).varint())).toBe('CODEC_VARINT_NOT_MINIMAL')
        }
      }),
      runs(2000),
    )
  })

  test('the prefix 11 is no length', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0xc0, max: 0xff }),
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        (first, rest) => {
          expect(codeOf(() => new Reader(concat(Uint8Array.of(first), rest)).varint())).toBe('CODEC_VARINT_PREFIX')
        },
      ),
      runs(500),
    )
  })
})

/** The encodings of a length in one, two and four bytes, as far as it fits. */
function encodingsOf(length: number): Uint8Array[] {
  const four = [0x80 + Math.floor(length / 2 ** 24), (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff]
  return [
    ...(length < 0x40 ? [Uint8Array.of(length)] : []),
    ...(length < 0x4000 ? [Uint8Array.of(0x40 + (length >>> 8), length & 0xff)] : []),
    Uint8Array.from(four),
  ]
}
