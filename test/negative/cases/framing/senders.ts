// Senders who are nobody, or say what is not theirs to say (RFC 9420 §6.1, §6.2, §12.1.8).
import { utf8 } from '../../../../src/bytes.ts'
import { personOf, stateOf } from '../../cast.ts'
import { type FramingTampering, forgeMessage } from '../../forge/message.ts'
import { externalSender } from '../groups.ts'
import { type CaseSpec, commits, covered, processing } from '../scene.ts'
import { fromOutside, removeDave } from './make.ts'

const application = { contentType: 1, applicationData: utf8('hello') } as const

export const senderCases: CaseSpec[] = [
  ...(
    [
      ['blank', 'at a blank leaf', 3],
      ['outside', 'beyond the last leaf', 8],
      ['2-to-the-31', 'at leaf 2^31 + 1, which wraps to 1', 0x8000_0001],
      ['2-to-the-30', 'at leaf 2^30 + 4, whose node index wraps', 0x4000_0004],
      ['the-last', 'at leaf 2^32 - 1', 0xffff_ffff],
    ] as const
  ).map(
    ([which, where, leafIndex]): CaseSpec => ({
      name: `sender-leaf-${which}`,
      about: `the sender is said to be ${where}`,
      rows: [9, 62],
      traps: ['signed-indices'],
      sections: ['6.1'],
      start: 'holes',
      code: 'FRAMING_SENDER',
      make: (cast, broken) =>
        commits(cast, 'erin', broken ? { framing: { sender: { senderType: 1, leafIndex } } } : {}),
    }),
  ),
  ...(
    [
      ['the-next', 1],
      ['2-to-the-31', 0x8000_0000],
      ['the-last', 0xffff_ffff],
    ] as const
  ).map(
    ([which, senderIndex]): CaseSpec => ({
      name: `external-sender-${which}`,
      about: `a proposal of the external sender ${senderIndex}, where there is only 0`,
      rows: [9, 62],
      traps: ['signed-indices'],
      sections: ['6.1', '12.1.8'],
      start: 'member',
      code: 'FRAMING_SENDER',
      make: async (cast, broken) =>
        fromOutside(cast, broken, { sender: { senderType: 2, senderIndex: broken ? senderIndex : 0 } }),
    }),
  ),
  {
    name: 'external-sender-commits',
    about: 'an external sender sends a commit',
    rows: [10],
    sections: ['6.1'],
    start: 'member',
    code: 'FRAMING_SENDER',
    async make(cast, broken) {
      if (!broken) return fromOutside(cast, false, { sender: { senderType: 2, senderIndex: 0 } })
      const signer = await externalSender(cast.suite)
      return commits(cast, 'carol', { framing: { sender: { senderType: 2, senderIndex: 0 }, signer } })
    },
  },
  {
    name: 'new-member-proposes-a-remove',
    about: 'new_member_proposal sends a Remove',
    rows: [10],
    sections: ['6.1', '12.1.8'],
    start: 'member',
    code: 'FRAMING_SENDER',
    async make(cast, broken) {
      const { keyPackage } = personOf(cast, 'erin').keyPackage
      const proposal = broken ? removeDave : ({ proposalType: 1, keyPackage } as const)
      const signer = personOf(cast, 'erin').client.signatureKeyPair
      const framing: FramingTampering = { sender: { senderType: 3 }, signer }
      const message = await forgeMessage(stateOf(cast, 'carol'), { contentType: 2, proposal }, 1, framing)
      return covered(cast, broken, message, 'carol')
    },
  },
  {
    name: 'new-member-commit-sends-a-proposal',
    about: 'new_member_commit sends a proposal',
    rows: [10],
    sections: ['6.1', '12.4.3.2'],
    start: 'member',
    code: 'FRAMING_SENDER',
    async make(cast, broken) {
      const { keyPackage } = personOf(cast, 'erin').keyPackage
      const signer = personOf(cast, 'erin').client.signatureKeyPair
      const framing: FramingTampering = { sender: { senderType: broken ? 4 : 3 }, signer }
      const content = { contentType: 2, proposal: { proposalType: 1, keyPackage } } as const
      return covered(cast, broken, await forgeMessage(stateOf(cast, 'carol'), content, 1, framing), 'carol')
    },
  },
  {
    name: 'application-data-in-public',
    about: 'application data comes in a PublicMessage',
    rows: [11],
    sections: ['6', '6.2'],
    start: 'member',
    code: 'FRAMING_APPLICATION_IN_PUBLIC',
    async make(cast, broken) {
      const message = await forgeMessage(stateOf(cast, 'carol'), application, broken ? 1 : 2)
      return { ...processing(message), outcome: hello }
    },
  },
  {
    name: 'membership-tag-of-an-outsider',
    about: 'a message of an external sender has a membership tag, which a member made',
    rows: [12],
    sections: ['6.2'],
    start: 'member',
    code: 'CODEC_TRAILING_BYTES',
    async make(cast, broken) {
      const made = await fromOutside(cast, false, { sender: { senderType: 2, senderIndex: 0 } })
      if (!broken) return made
      const [message = ''] = made.messages
      return { operation: 'process', messages: [`${message}20${'00'.repeat(32)}`] }
    },
  },
]

const hello = { kind: 'application', application_data: '68656c6c6f' } as const
