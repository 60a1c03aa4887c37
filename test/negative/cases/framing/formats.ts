// Versions, wire formats and types that are unknown or in the wrong place (RFC 9420 §6).
import { concat, utf8 } from '../../../../src/bytes.ts'
import { encode } from '../../../../src/codec/writer.ts'
import { encodePreSharedKeyId } from '../../../../src/messages/pre-shared-key.ts'
import type { PreSharedKeyId } from '../../../../src/mls.ts'
import { EXTRA_CREDENTIAL, PSK_ID, personOf, stateOf } from '../../cast.ts'
import { forgeMessage } from '../../forge/message.ts'
import { patched } from '../../seeded-suite.ts'
import { type CaseSpec, covered, orHonestCommit } from '../scene.ts'
import { forgedUpdate } from '../updates.ts'
import { bytesCase, CONTENT_TYPE, framingCase, SENDER_TYPE, withByte } from './make.ts'

const NONCE = new Uint8Array(32).fill(0x5a)

export const formatCases: CaseSpec[] = [
  bytesCase(
    { name: 'version-2', about: 'the protocol version is 2', rows: [8], sections: ['6'], code: 'FRAMING_VERSION' },
    (message) => withByte(message, 1, 2),
  ),
  bytesCase(
    { name: 'wire-format-6', about: 'the wire format is 6', rows: [8], sections: ['6'], code: 'FRAMING_WIRE_FORMAT' },
    (message) => withByte(message, 3, 6),
  ),
  bytesCase(
    {
      name: 'content-type-4',
      about: 'the content type is 4',
      rows: [8],
      sections: ['6'],
      code: 'CODEC_UNKNOWN_VARIANT',
    },
    (message) => withByte(message, CONTENT_TYPE, 4),
  ),
  bytesCase(
    { name: 'sender-type-0', about: 'the sender type is 0', rows: [8], sections: ['6'], code: 'CODEC_UNKNOWN_VARIANT' },
    (message) => withByte(message, SENDER_TYPE, 0),
  ),
  {
    name: 'sender-type-5',
    about: 'the sender type is 5, which has no index',
    rows: [8],
    sections: ['6'],
    start: 'member',
    code: 'CODEC_UNKNOWN_VARIANT',
    async make(cast, broken) {
      const { keyPackage } = personOf(cast, 'erin').keyPackage
      const signer = personOf(cast, 'erin').client.signatureKeyPair
      const content = { contentType: 2, proposal: { proposalType: 1, keyPackage } } as const
      const message = await forgeMessage(stateOf(cast, 'carol'), content, 1, { sender: { senderType: 3 }, signer })
      return covered(cast, broken, broken ? withByte(message, SENDER_TYPE, 5) : message, 'carol')
    },
  },
  bytesCase(
    {
      name: 'proposal-or-ref-type-3',
      about: 'a ProposalOrRef is of type 3',
      rows: [8],
      sections: ['12.4'],
      code: 'CODEC_UNKNOWN_VARIANT',
    },
    // The list of proposals, which is empty, becomes one of a single byte.
    (message) => concat(message.slice(0, CONTENT_TYPE + 1), Uint8Array.of(1, 3), message.slice(CONTENT_TYPE + 2)),
  ),
  framingCase(
    {
      name: 'signed-for-a-private-message',
      about: 'a PublicMessage has the signature of a PrivateMessage with the same content',
      rows: [8, 13],
      sections: ['6.1'],
      code: 'FRAMING_SIGNATURE',
    },
    () => ({ signedFormat: 2 }),
  ),
  {
    name: 'key-package-to-a-member',
    about: 'a member is sent a key package',
    rows: [8],
    sections: ['6'],
    start: 'member',
    code: 'FRAMING_WIRE_FORMAT',
    make: (cast, broken) => orHonestCommit(cast, broken, 'carol', () => personOf(cast, 'erin').keyPackage.message),
  },
  {
    name: 'leaf-node-source-4',
    about: "the source of an Update's leaf node is 4",
    rows: [8, 20],
    sections: ['7.2'],
    start: 'member',
    code: 'CODEC_UNKNOWN_VARIANT',
    async make(cast, broken) {
      const message = await forgedUpdate(cast, 'alice')
      // The last credential type in the capabilities, the source, no extensions, and the length of the signature.
      const around = (source: number): Uint8Array =>
        Uint8Array.of(EXTRA_CREDENTIAL >> 8, EXTRA_CREDENTIAL & 0xff, source, 0, 0x40, 0x40)
      return covered(cast, broken, broken ? patched(message, { from: around(2), to: around(4) }) : message, 'carol')
    },
  },
  ...(
    [
      ['psk-type-3', 'the type of a PSK is 3', { pskType: 1, pskId: PSK_ID, pskNonce: NONCE }, 0, 3],
      [
        'psk-usage-4',
        'the usage of a resumption PSK is 4',
        { pskType: 2, usage: 1, pskGroupId: utf8('negative suite'), pskEpoch: 4n, pskNonce: NONCE },
        1,
        4,
      ],
    ] satisfies [string, string, PreSharedKeyId, number, number][]
  ).map(
    ([name, about, psk, at, value]): CaseSpec => ({
      name,
      about,
      rows: [8, 35],
      sections: ['8.4'],
      start: 'member',
      code: 'CODEC_UNKNOWN_VARIANT',
      async make(cast, broken) {
        const proposal = { proposalType: 4, psk } as const
        const message = await forgeMessage(stateOf(cast, 'alice'), { contentType: 2, proposal })
        const from = encode(encodePreSharedKeyId, psk)
        return covered(
          cast,
          broken,
          broken ? patched(message, { from, to: withByte(from, at, value) }) : message,
          'carol',
        )
      },
    }),
  ),
]
