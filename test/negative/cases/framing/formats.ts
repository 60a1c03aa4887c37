// Versions, wire formats and types that are unknown or in the wrong place (RFC 9420 §6).
import { concat } from '../../../../src/bytes.ts'
import { personOf } from '../../cast.ts'
import { type CaseSpec, orHonestCommit } from '../scene.ts'
import { bytesCase, CONTENT_TYPE, framingCase, SENDER_TYPE, withByte } from './make.ts'

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
  bytesCase(
    { name: 'sender-type-5', about: 'the sender type is 5', rows: [8], sections: ['6'], code: 'CODEC_UNKNOWN_VARIANT' },
    (message) => withByte(message, SENDER_TYPE, 5),
  ),
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
]
