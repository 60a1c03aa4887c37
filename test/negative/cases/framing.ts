// Messages that are framed, signed or tagged as no message may be (RFC 9420 §6.1, §6.2, §8.1).
import { concat, utf8 } from '../../../src/bytes.ts'
import { type Cast, commitBy, personOf, stateOf } from '../cast.ts'
import { forgeCommit } from '../forge/commit.ts'
import { formatCases } from './framing/formats.ts'
import { framingCase, withByte } from './framing/make.ts'
import { senderCases } from './framing/senders.ts'
import { signatureCases } from './framing/signatures.ts'
import { four, holes } from './groups.ts'
import { type CaseSpec, type Chapter, orHonestCommit, proposes } from './scene.ts'
import { seeded } from './suites.ts'

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
      orHonestCommit(
        cast,
        broken,
        'carol',
        async () => (await forgeCommit(stateOf(cast, 'dave in the epoch before'))).message,
      ),
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
