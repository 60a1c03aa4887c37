// Senders whom the sender data name wrongly, and signatures inside of PrivateMessages (RFC 9420 §6.1, §6.3.2).
import { stateOf } from '../../cast.ts'
import { type CaseSpec, commits } from '../scene.ts'
import { saying, says, sealingCase } from './make.ts'

export const senderCases: CaseSpec[] = [
  ...(
    [
      ['blank', 'a blank leaf', 3],
      ['outside', 'a leaf beyond the last', 8],
      ['2-to-the-31', 'leaf 2^31, which wraps to 0', 0x8000_0000],
      ['2-to-the-30', 'leaf 2^30, whose node index wraps', 0x4000_0000],
      ['the-last', 'leaf 2^32 - 1', 0xffff_ffff],
    ] as const
  ).map(
    ([which, where, leafIndex]): CaseSpec => ({
      ...sealingCase(
        {
          name: `sender-data-leaf-${which}`,
          about: `the sender data name ${where}`,
          rows: [9, 62],
          traps: ['signed-indices'],
          sections: ['6.3.2'],
          start: 'holes',
        },
        {},
      ),
      make: (cast, broken) =>
        saying(says(cast, 'alice', { sealing: broken ? { senderData: (data) => ({ ...data, leafIndex }) } : {} })),
    }),
  ),
  sealingCase(
    {
      name: 'sender-data-of-another-member',
      about: 'the sender data name another member than the one whose key was used',
      rows: [9],
      traps: ['leaf-zero'],
      sections: ['6.3.2'],
    },
    { senderData: (data) => ({ ...data, leafIndex: 0 }) },
  ),
  {
    name: 'private-signed-by-another-member',
    about: 'a PrivateMessage of Carol is signed by Dave',
    rows: [13],
    sections: ['6.1', '6.3.1'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    make: (cast, broken) =>
      saying(says(cast, 'carol', broken ? { signer: stateOf(cast, 'dave').own.signatureKeyPair } : {})),
  },
  {
    name: 'private-signed-for-a-public-message',
    about: 'a PrivateMessage has the signature of a PublicMessage with the same content',
    rows: [8, 13],
    sections: ['6.1', '6.3.1'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    make: (cast, broken) => commits(cast, 'carol', { wireFormat: 2, framing: broken ? { signedFormat: 1 } : {} }),
  },
  {
    name: 'private-confirmation-tag',
    about: 'a commit in a PrivateMessage has the confirmation tag of another',
    rows: [14],
    sections: ['6.1', '12.4.2'],
    start: 'member',
    code: 'COMMIT_CONFIRMATION_TAG',
    make: (cast, broken) =>
      commits(cast, 'carol', { wireFormat: 2, framing: broken ? { confirmationTag: () => new Uint8Array(32) } : {} }),
  },
]
