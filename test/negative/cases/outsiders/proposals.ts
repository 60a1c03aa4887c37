// Proposals from outside that are not allowed, or for another group or epoch (RFC 9420 §12.1.8).
import { utf8 } from '../../../../src/bytes.ts'
import type { KeyPackage, Proposal } from '../../../../src/mls.ts'
import { type Cast, clientOf, EXTRA_PROPOSAL, personOf, stateOf } from '../../cast.ts'
import { type FramingTampering, forgeMessage } from '../../forge/message.ts'
import { externalSender } from '../groups.ts'
import { type CaseSpec, covered, type Made } from '../scene.ts'
import { joins, remove } from './make.ts'

/** The external sender proposes something, which Carol commits if it is right. */
async function senderProposes(
  cast: Cast,
  broken: boolean,
  proposal: Proposal,
  framed?: FramingTampering['framed'],
): Promise<Made> {
  const signer = await externalSender(cast.suite)
  const framing = { sender: { senderType: 2, senderIndex: 0 } as const, signer, ...(framed && { framed }) }
  const content = { contentType: 2, proposal } as const
  return covered(cast, broken, await forgeMessage(stateOf(cast, 'carol'), content, 1, framing), 'carol')
}

/** Erin proposes to add herself. */
async function newcomerProposes(
  cast: Cast,
  broken: boolean,
  keyPackage: KeyPackage,
  tampering: FramingTampering = {},
): Promise<Made> {
  const signer = personOf(cast, 'erin').client.signatureKeyPair
  const framing: FramingTampering = { sender: { senderType: 3 }, signer, ...tampering }
  const content = { contentType: 2, proposal: { proposalType: 1, keyPackage } } as const
  return covered(cast, broken, await forgeMessage(stateOf(cast, 'carol'), content, 1, framing), 'carol')
}

export const senderCases: CaseSpec[] = [
  ...(
    [
      ['an-external-init', { proposalType: 6, kemOutput: new Uint8Array(32).fill(9) }],
      ['a-custom-type', { proposalType: EXTRA_PROPOSAL, data: utf8('for private use') }],
    ] satisfies [string, Proposal][]
  ).map(
    ([which, proposal]): CaseSpec => ({
      name: `external-sender-proposes-${which}`,
      about: `an external sender proposes ${which.replaceAll('-', ' ')}`,
      rows: [38],
      sections: ['12.1.8'],
      start: 'member',
      code: 'PROPOSAL_FROM_EXTERNAL',
      make: (cast, broken) => senderProposes(cast, broken, broken ? proposal : remove(3)),
    }),
  ),
  {
    name: 'external-sender-proposes-an-update',
    about: 'an external sender proposes an Update',
    rows: [38],
    sections: ['12.1.8'],
    start: 'member',
    code: 'PROPOSAL_FROM_EXTERNAL',
    make: (cast, broken) => {
      const { leafNode } = personOf(cast, 'erin').keyPackage.keyPackage
      return senderProposes(cast, broken, broken ? { proposalType: 2, leafNode } : remove(3))
    },
  },
  ...(
    [
      [
        'another-group',
        'for another group',
        'GROUP_ID_MISMATCH',
        (framed) => ({ ...framed, groupId: utf8('another') }),
      ],
      ['a-past-epoch', 'for a past epoch', 'GROUP_EPOCH_PAST', (framed) => ({ ...framed, epoch: framed.epoch - 1n })],
      [
        'a-later-epoch',
        'for a later epoch',
        'GROUP_EPOCH_AHEAD',
        (framed) => ({ ...framed, epoch: framed.epoch + 1n }),
      ],
    ] satisfies [string, string, CaseSpec['code'], NonNullable<FramingTampering['framed']>][]
  ).flatMap(([which, what, code, framed]): CaseSpec[] => [
    {
      name: `external-proposal-for-${which}`,
      about: `an external sender's proposal is ${what}; its signature does not cover a group context`,
      rows: [code === 'GROUP_ID_MISMATCH' ? 6 : 7],
      traps: ['external-binding'],
      sections: ['6.1', '12.1.8'],
      start: 'member',
      code,
      make: (cast, broken) => senderProposes(cast, broken, remove(3), broken ? framed : undefined),
    },
    {
      name: `new-member-proposal-for-${which}`,
      about: `a new member's proposal is ${what}; its signature does not cover a group context`,
      rows: [code === 'GROUP_ID_MISMATCH' ? 6 : 7],
      traps: ['external-binding'],
      sections: ['6.1', '12.1.8'],
      start: 'member',
      code,
      make: (cast, broken) =>
        newcomerProposes(cast, broken, personOf(cast, 'erin').keyPackage.keyPackage, broken ? { framed } : {}),
    },
    {
      name: `external-commit-for-${which}`,
      about: `an external commit is ${what}`,
      rows: [code === 'GROUP_ID_MISMATCH' ? 6 : 7],
      traps: ['external-binding'],
      sections: ['6.1', '12.4.3.2'],
      start: 'member',
      code,
      make: (cast, broken) => joins(cast, broken ? { framing: { framed } } : {}),
    },
  ]),
  {
    name: 'new-member-signs-with-another-key',
    about: "a new member's proposal is signed with another key than its key package's",
    rows: [13],
    sections: ['6.1', '12.1.8'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    make: async (cast, broken) => {
      const { signatureKeyPair } = await clientOf(cast.suite, 'another')
      const { keyPackage } = personOf(cast, 'erin').keyPackage
      return newcomerProposes(cast, broken, keyPackage, broken ? { signer: signatureKeyPair } : {})
    },
  },
]
