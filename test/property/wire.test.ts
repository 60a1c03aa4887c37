// Every structure on the wire reads back as it was written, whatever it holds, and nothing else reads as it (RFC 9420 §2.1).
import fc, { type Arbitrary } from 'fast-check'
import { describe, expect, test } from 'vitest'
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
          expect(isPeerError(() => decode(decoder, bytes.slice(0, -1)))).toBe(true)
          expect(codeOf(() => decode(decoder, Uint8Array.of(...bytes.slice(0, 5000), 0)))).toMatch(/^[A-Z]+_/)
        }),
        runs(150),
      )
    },
  }
}
