// Messages that are framed, signed or tagged as no message may be (RFC 9420 §6.1, §6.2, §8.1).
import { concat, utf8 } from '../../../src/bytes.ts'
import { type Cast, clientOf, commitBy, personOf, stateOf } from '../cast.ts'
import { forgeCommit, forgeExternalCommit } from '../forge/commit.ts'
import { type FramingTampering, forgeMessage } from '../forge/message.ts'
import { externalSender, four, holes } from './groups.ts'
import { type CaseSpec, type Chapter, commits, covered, following, type Made, orHonestCommit, processing, proposes } from './scene.ts'
import { seeded } from './suites.ts'

const application = { contentType: 1, applicationData: utf8('hello') } as const
const removeDave = { proposalType: 3, removed: 3 } as const

/** A commit of Carol's with something wrong in its framing. */
function framingCase(
  spec: Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>,
  tampering: (cast: Cast) => FramingTampering | Promise<FramingTampering>,
): CaseSpec {
  return {
    start: 'member',
    ...spec,
    make: async (cast, broken) => commits(cast, 'carol', broken ? { framing: await tampering(cast) } : {}),
  }
}

/** Some bytes of an honest commit changed. */
function bytesCase(
  spec: Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'>,
  mutate: (message: Uint8Array) => Uint8Array,
): CaseSpec {
  return {
    start: 'member',
    ...spec,
    async make(cast, broken) {
      const forged = await forgeCommit(stateOf(cast, 'carol'))
      return broken ? processing(mutate(forged.message)) : following(forged)
    },
  }
}

function withByte(message: Uint8Array, at: number, value: number): Uint8Array {
  const changed = message.slice()
  changed[at] = value
  return changed
}

/** Behind version, wire format, the group id of 14 bytes and the epoch. */
const SENDER_TYPE = 4 + 15 + 8
/** Behind the sender's type and index and the empty authenticated data. */
const CONTENT_TYPE = SENDER_TYPE + 5 + 1

const tagCases: CaseSpec[] = (
  [
    ['changed', 'differs in its last bit', (tag) => withByte(tag, 31, (tag[31] as number) ^ 1)],
    ['shortened', 'is cut to its first 16 bytes', (tag) => tag.slice(0, 16)],
    ['lengthened', 'is followed by a byte', (tag) => concat(tag, Uint8Array.of(0))],
    ['empty', 'is empty', () => new Uint8Array(0)],
  ] satisfies [string, string, (tag: Uint8Array) => Uint8Array][]
).flatMap(([how, what, tamper]) => [
  framingCase(
    {
      name: `membership-tag-${how}`,
      about: `the membership tag ${what}`,
      rows: [12],
      traps: ['tag-lengths'],
      sections: ['6.2'],
      code: 'FRAMING_MEMBERSHIP_TAG',
    },
    () => ({ membershipTag: tamper }),
  ),
  framingCase(
    {
      name: `confirmation-tag-${how}`,
      about: `the confirmation tag ${what}`,
      rows: [14],
      traps: ['tag-lengths'],
      sections: ['6.1', '8.1', '12.4.2'],
      code: 'COMMIT_CONFIRMATION_TAG',
    },
    () => ({ confirmationTag: tamper }),
  ),
])

const placeCases: CaseSpec[] = [
  framingCase(
    {
      name: 'another-group',
      about: 'a commit is for another group, and consistently so',
      rows: [6],
      sections: ['6', '12.4.2'],
      code: 'GROUP_ID_MISMATCH',
    },
    () => ({ framed: (content) => ({ ...content, groupId: utf8('another  group') }) }),
  ),
  framingCase(
    {
      name: 'another-group-longer-id',
      about: "a commit's group id begins with the group's own",
      rows: [6],
      traps: ['tag-lengths'],
      sections: ['6', '12.4.2'],
      code: 'GROUP_ID_MISMATCH',
    },
    () => ({ framed: (content) => ({ ...content, groupId: concat(content.groupId, Uint8Array.of(0)) }) }),
  ),
  framingCase(
    {
      name: 'commit-of-the-next-epoch',
      about: 'a commit says that it was sent in the epoch that it begins',
      rows: [7],
      sections: ['12.4.2'],
      code: 'GROUP_EPOCH_AHEAD',
    },
    () => ({ framed: (content) => ({ ...content, epoch: content.epoch + 1n }) }),
  ),
  framingCase(
    {
      name: 'commit-of-the-last-epoch',
      about: 'a commit says that it was sent in the last epoch there can be',
      rows: [7],
      traps: ['signed-indices'],
      sections: ['12.4.2'],
      code: 'GROUP_EPOCH_AHEAD',
    },
    () => ({ framed: (content) => ({ ...content, epoch: 0xffff_ffff_ffff_ffffn }) }),
  ),
  {
    name: 'commit-of-the-epoch-before',
    about: 'a commit from the epoch before, valid there',
    rows: [7],
    sections: ['12.4.2'],
    start: 'member-later',
    code: 'GROUP_EPOCH_PAST',
    make: (cast, broken) =>
      orHonestCommit(cast, broken, 'carol', async () => (await forgeCommit(stateOf(cast, 'dave in the epoch before'))).message),
  },
  {
    name: 'proposal-of-the-epoch-before',
    about: 'a proposal from the epoch before, valid there',
    rows: [7],
    sections: ['12.1'],
    start: 'member-later',
    code: 'GROUP_EPOCH_PAST',
    async make(cast, broken) {
      const sender = broken ? 'dave in the epoch before' : 'dave'
      return proposes(cast, broken, sender, { proposalType: 3, removed: 0 }, 'carol')
    },
  },
  {
    name: 'proposal-of-the-next-epoch',
    about: 'a proposal of a later epoch',
    rows: [7],
    sections: ['12.1'],
    start: 'member',
    code: 'GROUP_EPOCH_AHEAD',
    make: (cast, broken) =>
      proposes(cast, broken, 'dave', { proposalType: 3, removed: 0 }, 'carol', {
        framing: broken ? { framed: (content) => ({ ...content, epoch: content.epoch + 1n }) } : {},
      }),
  },
]

const formatCases: CaseSpec[] = [
  bytesCase(
    { name: 'version-2', about: 'the protocol version is 2', rows: [8], sections: ['6'], code: 'FRAMING_VERSION' },
    (message) => withByte(message, 1, 2),
  ),
  bytesCase(
    { name: 'wire-format-6', about: 'the wire format is 6', rows: [8], sections: ['6'], code: 'FRAMING_WIRE_FORMAT' },
    (message) => withByte(message, 3, 6),
  ),
  bytesCase(
    { name: 'content-type-4', about: 'the content type is 4', rows: [8], sections: ['6'], code: 'CODEC_UNKNOWN_VARIANT' },
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

const senderCases: CaseSpec[] = [
  ...([
    ['blank', 'at a blank leaf', 3],
    ['outside', 'beyond the last leaf', 8],
    ['2-to-the-31', 'at leaf 2^31 + 1, which wraps to 1', 0x8000_0001],
    ['2-to-the-30', 'at leaf 2^30 + 4, whose node index wraps', 0x4000_0004],
    ['the-last', 'at leaf 2^32 - 1', 0xffff_ffff],
  ] as const).map(([which, where, leafIndex]): CaseSpec => ({
    name: `sender-leaf-${which}`,
    about: `the sender is said to be ${where}`,
    rows: [9, 62],
    traps: ['signed-indices'],
    sections: ['6.1'],
    start: 'holes',
    code: 'FRAMING_SENDER',
    make: (cast, broken) =>
      commits(cast, 'erin', broken ? { framing: { sender: { senderType: 1, leafIndex } } } : {}),
  })),
  ...([
    ['the-next', 1],
    ['2-to-the-31', 0x8000_0000],
    ['the-last', 0xffff_ffff],
  ] as const).map(([which, senderIndex]): CaseSpec => ({
    name: `external-sender-${which}`,
    about: `a proposal of the external sender ${senderIndex}, where there is only 0`,
    rows: [9, 62],
    traps: ['signed-indices'],
    sections: ['6.1', '12.1.8'],
    start: 'member',
    code: 'FRAMING_SENDER',
    make: async (cast, broken) =>
      fromOutside(cast, broken, { sender: { senderType: 2, senderIndex: broken ? senderIndex : 0 } }),
  })),
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

const signatureCases: CaseSpec[] = [
  framingCase(
    {
      name: 'signed-by-another-member',
      about: 'a commit in the name of Carol is signed by Dave',
      rows: [13],
      sections: ['6.1'],
      code: 'FRAMING_SIGNATURE',
    },
    (cast) => ({ signer: stateOf(cast, 'dave').own.signatureKeyPair }),
  ),
  framingCase(
    {
      name: 'signed-in-another-epoch',
      about: 'the signature covers the group context of the next epoch',
      rows: [13],
      sections: ['6.1'],
      code: 'FRAMING_SIGNATURE',
    },
    (cast) => {
      const { groupContext } = stateOf(cast, 'carol')
      return { signedContext: { ...groupContext, epoch: groupContext.epoch + 1n } }
    },
  ),
  framingCase(
    { name: 'signature-empty', about: 'the signature is empty', rows: [13], sections: ['6.1'], code: 'FRAMING_SIGNATURE' },
    () => ({ signature: () => new Uint8Array(0) }),
  ),
  {
    name: 'new-key-without-a-path',
    about: "a commit without a path is signed with a key that is not in its sender's leaf",
    rows: [13],
    traps: ['new-key-without-path'],
    sections: ['6.1', '12.4'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    async make(cast, broken) {
      const { keyPackage } = personOf(cast, 'erin').keyPackage
      const { signatureKeyPair } = await clientOf(cast.suite, 'carol')
      return commits(cast, 'carol', {
        proposals: [{ proposalType: 1, keyPackage }],
        path: 'none',
        framing: broken ? { signer: signatureKeyPair } : {},
      })
    },
  },
  {
    name: 'new-key-signs-its-own-path',
    about: "a commit is signed with the key that its path brings, not with the one in its sender's leaf",
    rows: [13],
    traps: ['new-key-without-path'],
    sections: ['6.1', '12.4'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    async make(cast, broken) {
      const { signatureKeyPair } = await clientOf(cast.suite, 'carol')
      const { publicKey } = signatureKeyPair
      return commits(cast, 'carol', {
        path: { leaf: { content: (leaf) => ({ ...leaf, signatureKey: publicKey }), signer: signatureKeyPair } },
        framing: broken ? { signer: signatureKeyPair } : {},
      })
    },
  },
  {
    name: 'external-sender-signed-by-a-member',
    about: 'a proposal in the name of the external sender is signed by a member',
    rows: [13],
    sections: ['6.1', '12.1.8'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    make: async (cast, broken) =>
      fromOutside(cast, broken, {
        sender: { senderType: 2, senderIndex: 0 },
        ...(broken && { signer: stateOf(cast, 'carol').own.signatureKeyPair }),
      }),
  },
  {
    name: 'external-commit-signed-by-a-member',
    about: 'an external commit is signed with another key than the one in its path',
    rows: [13],
    sections: ['6.1', '12.4.3.2'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    async make(cast, broken) {
      const framing = broken ? { signer: stateOf(cast, 'carol').own.signatureKeyPair } : {}
      return following(await forgeExternalCommit(stateOf(cast, 'carol'), personOf(cast, 'erin').client, { framing }))
    },
  },
  {
    name: 'external-commit-of-another-group',
    about: "an external commit's signature covers another group context",
    rows: [13],
    sections: ['6.1', '12.4.3.2'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    async make(cast, broken) {
      const { groupContext } = stateOf(cast, 'carol')
      const framing = broken ? { signedContext: { ...groupContext, groupId: utf8('elsewhere') } } : {}
      return following(await forgeExternalCommit(stateOf(cast, 'carol'), personOf(cast, 'erin').client, { framing }))
    },
  },
  {
    name: 'proposal-signature-changed',
    about: "a proposal's signature is changed in one bit, and the membership tag made anew",
    rows: [13],
    sections: ['6.1', '12.1'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    make: (cast, broken) =>
      proposes(cast, broken, 'dave', { proposalType: 3, removed: 0 }, 'carol', {
        framing: broken ? { signature: (signature) => withByte(signature, 5, (signature[5] as number) ^ 0x10) } : {},
      }),
  },
]

const hello = { kind: 'application', application_data: '68656c6c6f' } as const

/** The external sender proposes to remove Dave. */
async function fromOutside(cast: Cast, broken: boolean, tampering: FramingTampering): Promise<Made> {
  const framing = { signer: await externalSender(cast.suite), ...tampering }
  const content = { contentType: 2, proposal: removeDave } as const
  return covered(cast, broken, await forgeMessage(stateOf(cast, 'carol'), content, 1, framing), 'carol')
}

/** The same group an epoch later, with somebody who missed it. */
async function later(): Promise<Cast> {
  const before = await four(seeded(1, 'framing'))
  const after = await commitBy(before, 'alice')
  const left = { ...personOf(before, 'dave'), name: 'dave in the epoch before' }
  return { ...after, people: new Map(after.people).set(left.name, left) }
}

export const framing: Chapter = {
  file: 'framing',
  description: 'Messages that are framed, signed or tagged as no message may be.',
  scenes: async () => ({
    member: { cast: await four(seeded(1, 'framing')), receiver: 'bob' },
    'member-later': { cast: await later(), receiver: 'bob' },
    holes: { cast: await holes(seeded(1, 'framing holes')), receiver: 'bob' },
  }),
  cases: [...placeCases, ...formatCases, ...senderCases, ...tagCases, ...signatureCases],
}
