// PSKs and ReInits that a commit may not have (RFC 9420 §8.4, §11.2, §12.1.4, §12.1.5, §12.2).
import { utf8 } from '../../../src/bytes.ts'
import type { PreSharedKeyId, Proposal } from '../../../src/mls.ts'
import { type Cast, commitBy, PSK_ID, personOf, stateOf } from '../cast.ts'
import { forgeMessage } from '../forge/message.ts'
import { four } from './groups.ts'
import { type CaseSpec, type Chapter, commits, processing, proposes, secretOf } from './scene.ts'
import { seeded } from './suites.ts'

const NONCE = new Uint8Array(32).fill(0x5a)
const external = (pskId: Uint8Array, pskNonce = NONCE): PreSharedKeyId => ({ pskType: 1, pskId, pskNonce })
const resumption = (cast: Cast, usage: 1 | 2 | 3): PreSharedKeyId => {
  const { groupId, epoch } = stateOf(cast, 'carol').groupContext
  return { pskType: 2, usage, pskGroupId: groupId, pskEpoch: epoch, pskNonce: NONCE }
}
const psk = (id: PreSharedKeyId): Proposal => ({ proposalType: 4, psk: id })
const reinit = (version = 1): Proposal => ({
  proposalType: 5,
  groupId: utf8('what comes next'),
  version,
  cipherSuite: 1,
  extensions: [],
})

type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'>

/** Proposals of Carol's commit, which needs no path. */
function listCase(
  spec: Spec,
  bad: (cast: Cast) => readonly Proposal[],
  good: (cast: Cast) => readonly Proposal[],
): CaseSpec {
  return {
    start: 'member',
    ...spec,
    make: (cast, broken) => commits(cast, 'carol', { proposals: (broken ? bad : good)(cast), path: 'none' }),
  }
}

/** The same proposal, committed by value and sent on its own. */
function bothCases(spec: Spec, bad: (cast: Cast) => Proposal, good: (cast: Cast) => Proposal): CaseSpec[] {
  return [
    {
      start: 'member',
      ...spec,
      make: (cast, broken) => commits(cast, 'carol', { proposals: [(broken ? bad : good)(cast)], path: 'none' }),
    },
    {
      start: 'member',
      ...spec,
      name: `propose-${spec.name}`,
      make: (cast, broken) => proposes(cast, broken, 'alice', (broken ? bad : good)(cast), 'carol'),
    },
  ]
}

const pskCases: CaseSpec[] = [
  ...(
    [
      ['empty', 0],
      ['short', 31],
      ['long', 33],
    ] as const
  ).flatMap(([which, length]) =>
    bothCases(
      {
        name: `psk-nonce-${which}`,
        about: `a PSK's nonce has ${length} bytes, where KDF.Nh is 32`,
        rows: [35],
        sections: ['8.4', '12.1.4'],
        code: 'PSK_NONCE_LENGTH',
      },
      () => psk(external(PSK_ID, new Uint8Array(length).fill(1))),
      () => psk(external(PSK_ID)),
    ),
  ),
  ...(
    [
      ['reinit', 2],
      ['branch', 3],
    ] as const
  ).flatMap(([which, usage]) =>
    bothCases(
      {
        name: `psk-usage-${which}`,
        about: `a resumption PSK with usage ${which} outside of the first commit of a new group`,
        rows: [35],
        sections: ['11.2', '11.3', '12.1.4'],
        code: 'PSK_USAGE',
      },
      (cast) => psk(resumption(cast, usage)),
      (cast) => psk(resumption(cast, 1)),
    ),
  ),
  listCase(
    {
      name: 'psk-twice',
      about: 'a commit names the same PSK with the same nonce twice',
      rows: [35],
      sections: ['12.2'],
      code: 'PSK_DUPLICATE',
    },
    () => [psk(external(PSK_ID)), psk(external(PSK_ID))],
    () => [
      psk(external(PSK_ID)),
      psk(
        external(
          PSK_ID,
          NONCE.map((byte) => byte + 1),
        ),
      ),
    ],
  ),
  {
    name: 'psk-unknown',
    about: 'a commit names a PSK that the receiver does not have',
    rows: [35],
    sections: ['12.4.2'],
    start: 'member',
    code: 'PSK_UNKNOWN',
    make: (cast, broken) =>
      commits(cast, 'carol', {
        proposals: [psk(external(broken ? utf8('of which only Carol knows') : PSK_ID))],
        path: 'none',
        ...(broken && { psks: () => secretOf(7, 32) }),
      }),
  },
  {
    name: 'psk-of-a-later-epoch',
    about: 'a commit names the resumption PSK of an epoch that has not begun',
    rows: [35],
    sections: ['8.4', '12.4.2'],
    start: 'member',
    code: 'PSK_UNKNOWN',
    make: (cast, broken) => {
      const id = resumption(cast, 1)
      const named = broken && id.pskType === 2 ? { ...id, pskEpoch: 0xffff_ffff_ffff_ffffn } : id
      const psks = { psks: () => secretOf(7, 32) }
      return commits(cast, 'carol', { proposals: [psk(named)], path: 'none', ...(broken && psks) })
    },
  },
  {
    name: 'psk-of-another-value',
    about: 'a commit is made with another value of the PSK that it names',
    rows: [14, 35],
    sections: ['8.4', '12.4.2'],
    start: 'member',
    code: 'COMMIT_CONFIRMATION_TAG',
    make: (cast, broken) =>
      commits(cast, 'carol', {
        proposals: [psk(external(PSK_ID))],
        path: 'none',
        ...(broken && { psks: () => secretOf(7, 32) }),
      }),
  },
]

const reinitCases: CaseSpec[] = [
  ...bothCases(
    {
      name: 'reinit-to-version-0',
      about: "a ReInit's version is lower than the group's",
      rows: [36],
      sections: ['12.1.5'],
      code: 'PROPOSAL_REINIT_VERSION',
    },
    () => reinit(0),
    () => reinit(1),
  ),
  listCase(
    {
      name: 'reinit-and-psk',
      about: 'a ReInit stands beside a PSK',
      rows: [36],
      sections: ['12.2'],
      code: 'COMMIT_REINIT_NOT_ALONE',
    },
    () => [reinit(), psk(external(PSK_ID))],
    () => [reinit()],
  ),
  listCase(
    {
      name: 'two-reinits',
      about: 'a commit has two ReInits',
      rows: [36],
      sections: ['12.2'],
      code: 'COMMIT_REINIT_NOT_ALONE',
    },
    () => [reinit(), reinit()],
    () => [reinit()],
  ),
  {
    name: 'reinit-and-add',
    about: 'a ReInit stands beside an Add',
    rows: [36],
    sections: ['12.2'],
    start: 'member',
    code: 'COMMIT_REINIT_NOT_ALONE',
    make: (cast, broken) => {
      const { keyPackage } = personOf(cast, 'erin').keyPackage
      const add: Proposal = { proposalType: 1, keyPackage }
      return commits(cast, 'carol', { proposals: broken ? [add, reinit()] : [add], path: 'none' })
    },
  },
  ...(['commit', 'proposal', 'application'] as const).map(
    (what): CaseSpec => ({
      name: `${what}-after-a-reinit`,
      about: `a member sends ${what === 'application' ? 'application data' : `a ${what}`} in a group that was reinitialised`,
      rows: [36],
      sections: ['11.2', '12.4.2'],
      start: 'frozen',
      code: 'GROUP_FROZEN',
      async make(cast, broken) {
        // A message of the epoch before, which is late, is still read.
        const late = stateOf(cast, 'carol before the reinit')
        const state = broken ? { ...stateOf(cast, 'carol'), status: 'active' as const } : late
        if (broken && what === 'commit') return commits(cast, 'carol', {})
        if (broken && what === 'proposal') {
          return processing(await forgeMessage(state, { contentType: 2, proposal: { proposalType: 3, removed: 3 } }))
        }
        return {
          ...processing(await forgeMessage(state, { contentType: 1, applicationData: utf8('hello') }, 2)),
          outcome: { kind: 'application', application_data: '68656c6c6f' },
        }
      },
    }),
  ),
]

async function frozen(): Promise<Cast> {
  const before = await four(seeded(1, 'pre-shared keys'))
  const after = await commitBy(before, 'alice', [], { proposals: [reinit()] })
  const late = { ...personOf(before, 'carol'), name: 'carol before the reinit' }
  return { ...after, people: new Map(after.people).set(late.name, late) }
}

export const preSharedKeys: Chapter = {
  file: 'pre-shared-keys',
  description: 'PSKs and ReInits that a commit may not have.',
  scenes: async () => ({
    member: { cast: await four(seeded(1, 'pre-shared keys')), receiver: 'bob' },
    frozen: { cast: await frozen(), receiver: 'bob' },
  }),
  cases: [...pskCases, ...reinitCases],
}
