// Lists of proposals that no commit may cover (RFC 9420 §12.2, §12.4).
import { utf8 } from '../../../src/bytes.ts'
import type { Proposal } from '../../../src/mls.ts'
import { EXTRA_PROPOSAL, personOf, stateOf } from '../cast.ts'
import { four, holes } from './groups.ts'
import { covers, custom, inUse, listCase, remove, requiring } from './proposal-lists/make.ts'
import { committerCases, targetCases } from './proposal-lists/targets.ts'
import { type CaseSpec, type Chapter, commits, proposes, sends } from './scene.ts'
import { seeded } from './suites.ts'
import { forgedUpdate } from './updates.ts'

const contextCases: CaseSpec[] = [
  listCase(
    {
      name: 'extension-unsupported',
      about: 'an extension is brought into use that Dave does not support, who stays',
      rows: [30],
      traps: ['removed-members-counted'],
      sections: ['12.1.7', '13.4'],
      code: 'GROUP_EXTENSION_UNSUPPORTED',
    },
    [{ proposalType: 7, extensions: [inUse] }],
    [{ proposalType: 7, extensions: [inUse] }, remove(3)],
  ),
  listCase(
    {
      name: 'required-capability-unsupported',
      about: 'a proposal type is required that Dave does not support, who stays',
      rows: [22, 30],
      traps: ['removed-members-counted'],
      sections: ['11.1', '12.1.7'],
      code: 'GROUP_REQUIRED_CAPABILITIES',
    },
    [{ proposalType: 7, extensions: [requiring(EXTRA_PROPOSAL)] }],
    [{ proposalType: 7, extensions: [requiring(EXTRA_PROPOSAL)] }, remove(3)],
  ),
  listCase(
    {
      name: 'grease-extension-in-use',
      about: 'a GREASE extension is brought into use, which nobody lists',
      rows: [30, 58],
      sections: ['13.4', '13.5'],
      code: 'GROUP_EXTENSION_UNSUPPORTED',
    },
    [{ proposalType: 7, extensions: [{ extensionType: 0x0a0a, data: utf8('grease') }] }],
    [{ proposalType: 7, extensions: [] }],
  ),
  listCase(
    {
      name: 'two-group-context-extensions',
      about: 'a commit changes the extensions twice, to the same',
      rows: [31],
      sections: ['12.2'],
      code: 'COMMIT_MULTIPLE_GCE',
    },
    [
      { proposalType: 7, extensions: [] },
      { proposalType: 7, extensions: [] },
    ],
    [{ proposalType: 7, extensions: [] }],
  ),
]

const kindCases: CaseSpec[] = [
  listCase(
    {
      name: 'external-init-of-a-member',
      about: "a member's commit has an ExternalInit",
      rows: [37],
      sections: ['12.1.6', '12.2'],
      code: 'COMMIT_EXTERNAL_INIT',
    },
    [{ proposalType: 6, kemOutput: new Uint8Array(32).fill(9) }],
    [],
  ),
  {
    name: 'propose-an-external-init',
    about: 'a member proposes an ExternalInit',
    rows: [37],
    sections: ['12.1.6'],
    start: 'member',
    code: 'COMMIT_EXTERNAL_INIT',
    make: (cast, broken) =>
      proposes(
        cast,
        broken,
        'alice',
        broken ? { proposalType: 6, kemOutput: new Uint8Array(32).fill(9) } : remove(3),
        'carol',
      ),
  },
  listCase(
    {
      name: 'custom-proposal-unsupported',
      about: 'a commit has a proposal of a type that Dave does not support, who stays',
      rows: [39],
      traps: ['removed-members-counted'],
      sections: ['12.2', '13.2'],
      code: 'COMMIT_PROPOSAL_UNSUPPORTED',
    },
    [custom(EXTRA_PROPOSAL)],
    [custom(EXTRA_PROPOSAL), remove(3)],
  ),
  {
    name: 'custom-proposal-unsupported-by-reference',
    about: 'a commit refers to a proposal of a type that Dave does not support, who stays',
    rows: [39],
    traps: ['removed-members-counted'],
    sections: ['12.2', '13.2'],
    start: 'member',
    code: 'COMMIT_PROPOSAL_UNSUPPORTED',
    make: async (cast, broken) =>
      covers(cast, 'carol', [await sends(stateOf(cast, 'alice'), custom(EXTRA_PROPOSAL))], {
        proposals: broken ? [] : [remove(3)],
      }),
  },
  {
    name: 'extension-unsupported-by-reference',
    about: 'a commit refers to a proposal to use an extension that Dave does not support, who stays',
    rows: [30],
    traps: ['removed-members-counted'],
    sections: ['12.1.7', '13.4'],
    start: 'member',
    code: 'GROUP_EXTENSION_UNSUPPORTED',
    make: async (cast, broken) =>
      covers(cast, 'carol', [await sends(stateOf(cast, 'alice'), { proposalType: 7, extensions: [inUse] })], {
        proposals: broken ? [] : [remove(3)],
      }),
  },
  ...(
    [
      ['grease', 'of a GREASE type', 0x0a0a],
      ['reserved', 'of the reserved type 0', 0],
      ['self-remove', 'of the type 0x000a, which nobody lists', 0x000a],
    ] as const
  ).map(([which, what, proposalType]) =>
    listCase(
      {
        name: `custom-proposal-${which}`,
        about: `a commit has a proposal ${what}`,
        rows: [39, 58],
        traps: ['code-points'],
        sections: ['12.2', '13.2', '13.5'],
        code: 'COMMIT_PROPOSAL_UNSUPPORTED',
      },
      [custom(proposalType)],
      [],
    ),
  ),
  {
    name: 'unknown-reference',
    about: 'a commit refers to a proposal that was never sent',
    rows: [39],
    sections: ['12.4'],
    start: 'member',
    code: 'COMMIT_PROPOSAL_UNKNOWN',
    make: async (cast, broken) => {
      const message = await sends(stateOf(cast, 'alice'), remove(3))
      const made = await covers(cast, 'carol', [message])
      return broken ? { ...made, messages: made.messages.slice(1) } : made
    },
  },
]

const pathCases: CaseSpec[] = [
  {
    name: 'no-path-in-an-empty-commit',
    about: 'a commit has neither proposals nor a path',
    rows: [40],
    sections: ['12.4'],
    start: 'member',
    code: 'COMMIT_PATH_MISSING',
    make: (cast, broken) => commits(cast, 'carol', broken ? { path: 'none' } : {}),
  },
  ...(
    [
      ['a-remove', () => remove(3)],
      ['extensions', () => ({ proposalType: 7, extensions: [] })],
    ] satisfies [string, () => Proposal][]
  ).map(
    ([which, proposal]): CaseSpec => ({
      name: `no-path-with-${which}`,
      about: `a commit with ${which.replace('-', ' ')} has no path`,
      rows: [40],
      sections: ['12.4', '17.4'],
      start: 'member',
      code: 'COMMIT_PATH_MISSING',
      make: (cast, broken) => commits(cast, 'carol', { proposals: [proposal()], ...(broken && { path: 'none' }) }),
    }),
  ),
  {
    name: 'no-path-with-an-add-and-a-remove',
    about: 'a commit with an Add, which needs no path, and a Remove has none',
    rows: [40],
    sections: ['12.4'],
    start: 'member',
    code: 'COMMIT_PATH_MISSING',
    async make(cast, broken) {
      const { keyPackage } = personOf(cast, 'erin').keyPackage
      const proposals = [{ proposalType: 1 as const, keyPackage }, ...(broken ? [remove(3)] : [])]
      return commits(cast, 'carol', { proposals, path: 'none' })
    },
  },
  {
    name: 'no-path-with-an-update',
    about: 'a commit of an Update has no path',
    rows: [40],
    sections: ['12.4'],
    start: 'member',
    code: 'COMMIT_PATH_MISSING',
    make: async (cast, broken) =>
      covers(cast, 'carol', [await forgedUpdate(cast, 'alice')], broken ? { path: 'none' } : {}),
  },
]

export const proposalLists: Chapter = {
  file: 'proposal-lists',
  description: 'Lists of proposals that no commit may cover.',
  scenes: async () => ({
    member: { cast: await four(seeded(1, 'proposal lists')), receiver: 'bob' },
    holes: { cast: await holes(seeded(1, 'proposal lists holes')), receiver: 'bob' },
  }),
  cases: [...contextCases, ...committerCases, ...targetCases, ...kindCases, ...pathCases],
}
