// Updates and Removes of nobody, of one member twice, or of the committer (RFC 9420 §12.1.3, §12.2).
import { type CaseSpec, commits, proposes } from '../scene.ts'
import { forgedUpdate, updateLeaf } from '../updates.ts'
import { covers, listCase, remove } from './make.ts'

export const committerCases: CaseSpec[] = [
  {
    name: 'update-of-the-committer-by-value',
    about: "a commit has an Update by value, which is its own sender's",
    rows: [32],
    sections: ['12.2'],
    start: 'member',
    code: 'COMMIT_UPDATES_COMMITTER',
    async make(cast, broken) {
      const leafNode = await updateLeaf(cast, 'carol')
      return commits(cast, 'carol', { proposals: broken ? [{ proposalType: 2, leafNode }] : [] })
    },
  },
  {
    name: 'update-of-the-committer-by-reference',
    about: 'a commit refers to an Update of its own sender, at leaf 0',
    rows: [32],
    traps: ['leaf-zero'],
    sections: ['12.2'],
    start: 'member',
    code: 'COMMIT_UPDATES_COMMITTER',
    make: async (cast, broken) => covers(cast, broken ? 'alice' : 'carol', [await forgedUpdate(cast, 'alice')]),
  },
  listCase(
    {
      name: 'remove-of-the-committer',
      about: 'a commit removes its sender, at leaf 0',
      rows: [32],
      traps: ['leaf-zero'],
      sections: ['12.2'],
      code: 'COMMIT_REMOVES_COMMITTER',
    },
    [remove(0)],
    [remove(2)],
    { outcome: (outcome) => outcome },
    'alice',
  ),
]

export const targetCases: CaseSpec[] = [
  ...(
    [
      ['a-blank-leaf', 3, 'a blank leaf'],
      ['a-leaf-outside', 8, 'a leaf beyond the last'],
      ['2-to-the-31', 0x8000_0000, 'leaf 2^31, which wraps to 0'],
      ['2-to-the-31-and-more', 0x8000_0002, 'leaf 2^31 + 2, which wraps to 2'],
      ['2-to-the-30', 0x4000_0002, 'leaf 2^30 + 2, whose node index wraps'],
      ['2-to-the-32-less-1', 0xffff_ffff, 'leaf 2^32 - 1, which is -1 where it is signed'],
    ] as const
  ).flatMap(([which, removed, where]): CaseSpec[] => [
    {
      name: `remove-${which}`,
      about: `a commit removes ${where}`,
      rows: [33, 62],
      traps: ['signed-indices'],
      sections: ['12.1.3', '12.2'],
      start: 'holes',
      code: 'PROPOSAL_TARGET',
      make: (cast, broken) => commits(cast, 'erin', { proposals: [remove(broken ? removed : 2)] }),
    },
    {
      name: `propose-to-remove-${which}`,
      about: `a member proposes to remove ${where}`,
      rows: [33, 62],
      traps: ['signed-indices'],
      sections: ['12.1.3'],
      start: 'holes',
      code: 'PROPOSAL_TARGET',
      make: (cast, broken) => proposes(cast, broken, 'alice', remove(broken ? removed : 2), 'erin'),
    },
  ]),
  listCase(
    {
      name: 'remove-twice',
      about: 'a commit removes the same member twice',
      rows: [33],
      traps: ['leaf-zero'],
      sections: ['12.2'],
      code: 'COMMIT_DUPLICATE_TARGET',
    },
    [remove(0), remove(0)],
    [remove(0), remove(3)],
  ),
  {
    name: 'update-and-remove',
    about: 'a commit covers an Update of the member at leaf 0, and removes it',
    rows: [33],
    traps: ['leaf-zero'],
    sections: ['12.2'],
    start: 'member',
    code: 'COMMIT_DUPLICATE_TARGET',
    make: async (cast, broken) =>
      covers(cast, 'carol', [await forgedUpdate(cast, 'alice')], { proposals: [remove(broken ? 0 : 3)] }),
  },
  {
    name: 'two-updates-of-one-member',
    about: 'a commit covers two Updates of the member at leaf 0',
    rows: [33],
    traps: ['leaf-zero'],
    sections: ['12.2'],
    start: 'member',
    code: 'COMMIT_DUPLICATE_TARGET',
    async make(cast, broken) {
      const updates = [await forgedUpdate(cast, 'alice'), await forgedUpdate(cast, 'alice')]
      return covers(cast, 'carol', updates, {}, broken ? updates : updates.slice(1))
    },
  },
]
