// What those outside the group may not do: external senders, new members who propose themselves, external commits
// (RFC 9420 §12.1.8, §12.2, §12.4.3.2).
import { toHex, utf8 } from '../../../src/bytes.ts'
import { basicCredential, type KeyPackage, type Proposal } from '../../../src/mls.ts'
import { type Cast, clientOf, EXTRA_PROPOSAL, IMPOSTOR, personOf, stateOf } from '../cast.ts'
import { type ExternalForgery, forgeExternalCommit } from '../forge/commit.ts'
import { type FramingTampering, forgeMessage } from '../forge/message.ts'
import { demanding, externalSender, four, holes, knowing } from './groups.ts'
import { type CaseSpec, type Chapter, covered, following, type Made, sends } from './scene.ts'
import { seeded } from './suites.ts'

type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>
type Client = Parameters<typeof forgeExternalCommit>[1]

const remove = (removed: number): Proposal => ({ proposalType: 3, removed })

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

const senderCases: CaseSpec[] = [
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
      ['another-group', 'for another group', 'GROUP_ID_MISMATCH', (framed) => ({ ...framed, groupId: utf8('another') })],
      ['a-past-epoch', 'for a past epoch', 'GROUP_EPOCH_PAST', (framed) => ({ ...framed, epoch: framed.epoch - 1n })],
      ['a-later-epoch', 'for a later epoch', 'GROUP_EPOCH_AHEAD', (framed) => ({ ...framed, epoch: framed.epoch + 1n })],
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

/** Erin's external commit. */
async function joins(cast: Cast, forgery: ExternalForgery, client: Partial<Client> = {}): Promise<Made> {
  const erin = { ...personOf(cast, 'erin').client, ...client }
  return following(await forgeExternalCommit(stateOf(cast, 'carol'), erin, forgery))
}

function joinCase(spec: Spec, bad: (cast: Cast) => ExternalForgery, good: (cast: Cast) => ExternalForgery = () => ({})): CaseSpec {
  return { start: 'member', ...spec, make: (cast, broken) => joins(cast, (broken ? bad : good)(cast)) }
}

/** Dave comes back with an external commit that removes his old leaf. */
async function rejoins(cast: Cast, forgery: ExternalForgery, client: Partial<Client> = {}): Promise<Made> {
  const dave = { ...personOf(cast, 'dave').client, ...client }
  const proposals = [remove(3)]
  return following(await forgeExternalCommit(stateOf(cast, 'carol'), dave, { proposals, ...forgery }))
}

const formCases: CaseSpec[] = [
  joinCase(
    {
      name: 'external-commit-without-init',
      about: 'an external commit has no ExternalInit',
      rows: [46],
      sections: ['12.2', '12.4.3.2'],
      code: 'COMMIT_EXTERNAL_FORM',
    },
    () => ({ inits: () => [] }),
  ),
  joinCase(
    {
      name: 'external-commit-with-two-inits',
      about: 'an external commit has two ExternalInits, which are the same',
      rows: [46],
      sections: ['12.2', '12.4.3.2'],
      code: 'COMMIT_EXTERNAL_FORM',
    },
    () => ({ inits: (init) => [init, init] }),
  ),
  joinCase(
    {
      name: 'external-commit-with-two-removes',
      about: 'an external commit removes two members',
      rows: [46],
      sections: ['12.2', '12.4.3.2'],
      code: 'COMMIT_EXTERNAL_FORM',
    },
    () => ({ proposals: [remove(0), remove(3)] }),
  ),
  joinCase(
    {
      name: 'external-commit-with-an-add',
      about: 'an external commit adds somebody else',
      rows: [46],
      sections: ['12.2', '12.4.3.2'],
      code: 'COMMIT_EXTERNAL_FORM',
    },
    (cast) => ({ proposals: [{ proposalType: 1, keyPackage: personOf(cast, 'frank').keyPackage.keyPackage }] }),
  ),
  joinCase(
    {
      name: 'external-commit-with-extensions',
      about: 'an external commit changes the extensions',
      rows: [46],
      sections: ['12.2', '12.4.3.2'],
      code: 'COMMIT_EXTERNAL_FORM',
    },
    () => ({ proposals: [{ proposalType: 7, extensions: [] }] }),
  ),
  joinCase(
    {
      name: 'external-commit-with-an-update',
      about: 'an external commit has an Update',
      rows: [46],
      sections: ['12.2', '12.4.3.2'],
      code: 'COMMIT_EXTERNAL_FORM',
    },
    (cast) => ({ proposals: [{ proposalType: 2, leafNode: personOf(cast, 'frank').keyPackage.keyPackage.leafNode }] }),
  ),
  joinCase(
    {
      name: 'external-commit-with-a-custom-type',
      about: 'an external commit has a proposal of a type that the RFC does not know',
      rows: [46],
      sections: ['12.2', '12.4.3.2'],
      code: 'COMMIT_EXTERNAL_FORM',
    },
    () => ({ proposals: [{ proposalType: EXTRA_PROPOSAL, data: utf8('for private use') }] }),
  ),
  {
    name: 'external-commit-by-reference',
    about: 'an external commit refers to a proposal that was sent in the group',
    rows: [46],
    sections: ['12.4.3.2'],
    start: 'member',
    code: 'COMMIT_EXTERNAL_FORM',
    async make(cast, broken) {
      const proposal = await sends(stateOf(cast, 'alice'), remove(3))
      const { state, reference } = knowing(stateOf(cast, 'carol'), proposal)
      const forgery = broken ? { references: [reference] } : {}
      return following(await forgeExternalCommit(state, personOf(cast, 'erin').client, forgery), [proposal])
    },
  },
  joinCase(
    {
      name: 'external-commit-without-path',
      about: 'an external commit has no path',
      rows: [10, 40, 46],
      sections: ['12.4.3.2'],
      code: 'COMMIT_PATH_MISSING',
    },
    () => ({ path: 'none' }),
  ),
  joinCase(
    {
      name: 'external-commit-in-another-place',
      about: 'the joiner takes another leaf than the leftmost blank one, and signs for it',
      rows: [45, 19],
      sections: ['12.4.2', '12.4.3.2'],
      start: 'gaps',
      code: 'LEAF_SIGNATURE',
    },
    () => ({ leafIndex: 5 }),
  ),
  joinCase(
    {
      name: 'external-init-of-zeros',
      about: 'the KEM output of the ExternalInit leads to a Diffie-Hellman result of zeros',
      rows: [61],
      traps: ['hpke-bounds'],
      sections: ['8.3', '9180 §7.1.4'],
      code: 'CRYPTO_OPEN_FAILED',
    },
    () => ({ inits: () => [{ proposalType: 6, kemOutput: new Uint8Array(32) }] }),
  ),
  joinCase(
    {
      name: 'external-init-too-short',
      about: 'the KEM output of the ExternalInit is a byte short',
      rows: [61],
      traps: ['hpke-bounds'],
      sections: ['8.3', '9180 §7.1.4'],
      code: 'CRYPTO_OPEN_FAILED',
    },
    () => ({ inits: () => [{ proposalType: 6, kemOutput: new Uint8Array(31).fill(9) }] }),
  ),
  joinCase(
    {
      name: 'external-init-of-another-secret',
      about: 'the ExternalInit does not carry the init secret that the joiner uses',
      rows: [14],
      sections: ['8.3', '12.4.2'],
      code: 'COMMIT_CONFIRMATION_TAG',
    },
    () => ({ inits: () => [{ proposalType: 6, kemOutput: Uint8Array.of(9, ...new Uint8Array(31)) }] }),
  ),
]

const joinerCases: CaseSpec[] = [
  {
    name: 'rejoin-of-nobody',
    about: 'an external commit removes a blank leaf',
    rows: [33, 47],
    sections: ['12.2', '12.1.3'],
    start: 'gaps',
    code: 'PROPOSAL_TARGET',
    make: (cast, broken) => joins(cast, broken ? { proposals: [remove(3)] } : {}),
  },
  {
    name: 'rejoin-of-leaf-2-to-the-31',
    about: 'an external commit removes leaf 2^31 + 3, which wraps to 3',
    rows: [47, 62],
    traps: ['signed-indices'],
    sections: ['12.2', '12.1.3'],
    start: 'member',
    code: 'PROPOSAL_TARGET',
    make: (cast, broken) => rejoins(cast, broken ? { proposals: [remove(0x8000_0003)] } : {}),
  },
  {
    name: 'rejoin-as-somebody-else',
    about: 'the joiner removes a member whose credential is another',
    rows: [47, 21],
    sections: ['12.2', '5.3.1'],
    start: 'member',
    code: 'LEAF_IDENTITY_CHANGED',
    make: (cast, broken) =>
      rejoins(cast, {}, broken ? { credential: basicCredential(utf8('not dave')) } : {}),
  },
  {
    name: 'rejoin-with-the-old-key',
    about: 'the joiner keeps the encryption key of the leaf that it replaces',
    rows: [47, 27],
    sections: ['12.2', '7.3'],
    start: 'member',
    code: 'LEAF_KEY_UNCHANGED',
    make: (cast, broken) => {
      const leafKeyPair = stateOf(cast, 'dave').own.privateKeys.get(6)
      return rejoins(cast, broken && leafKeyPair !== undefined ? { path: { leafKeyPair } } : {})
    },
  },
  {
    name: 'rejoin-with-source-update',
    about: "the joiner's leaf node has the source update",
    rows: [20, 47],
    sections: ['12.2', '7.3'],
    start: 'member',
    code: 'LEAF_SOURCE',
    make: (cast, broken) =>
      rejoins(cast, broken ? { path: { leaf: { content: (leaf) => ({ ...leaf, origin: { source: 2 } }) } } } : {}),
  },
  {
    name: 'join-of-an-impostor',
    about: 'the joiner has a credential that the authentication service does not vouch for',
    rows: [21],
    sections: ['5.3.1', '12.4.3.2'],
    start: 'vigilant',
    code: 'LEAF_CREDENTIAL_INVALID',
    make: (cast, broken) => joins(cast, {}, broken ? { credential: basicCredential(IMPOSTOR) } : {}),
  },
  {
    name: 'join-with-a-members-signature-key',
    about: 'the joiner has the signature key of a member, who stays',
    rows: [26],
    sections: ['7.3', '16.7'],
    start: 'member',
    code: 'TREE_DUPLICATE_KEY',
    make: (cast, broken) => {
      const { signatureKeyPair } = stateOf(cast, 'dave').own
      return broken ? joins(cast, { framing: { signer: signatureKeyPair } }, { signatureKeyPair }) : joins(cast, {})
    },
  },
  {
    name: 'join-without-required-capabilities',
    about: 'the joiner lacks what the group requires',
    rows: [22],
    sections: ['7.3', '11.1'],
    start: 'demanding',
    code: 'LEAF_CAPABILITIES_MISSING',
    make: (cast, broken) => joins(cast, {}, broken ? { capabilities: {} } : {}),
  },
  {
    name: 'join-signed-for-another-group',
    about: "the joiner's leaf node is signed for another group",
    rows: [19],
    sections: ['7.2', '7.3'],
    start: 'member',
    code: 'LEAF_SIGNATURE',
    make: (cast, broken) =>
      joins(cast, broken ? { path: { leaf: { place: { groupId: utf8('another'), leafIndex: 4 } } } } : {}),
  },
]

export const outsiders: Chapter = {
  file: 'outsiders',
  description: 'What external senders, new members who propose themselves and external joiners may not do.',
  async scenes() {
    const cast = await four(seeded(1, 'outsiders'))
    return {
      member: { cast, receiver: 'bob' },
      vigilant: { cast, receiver: 'bob', start: { refused_identities: [toHex(IMPOSTOR)] } },
      demanding: { cast: await demanding(seeded(1, 'outsiders demanding')), receiver: 'bob' },
      gaps: { cast: await gaps(), receiver: 'bob' },
    }
  },
  cases: [...senderCases, ...formCases, ...joinerCases],
}

/** Alice 0, Bob 1, Frank 2, nobody 3, Carol 4; Erin is not in the group. */
async function gaps(): Promise<Cast> {
  return renamed(await holes(seeded(1, 'outsiders gaps')), [
    ['erin', 'carol'],
    ['gina', 'erin'],
  ])
}

function renamed(cast: Cast, names: readonly (readonly [from: string, to: string])[]): Cast {
  const people = new Map(cast.people)
  for (const [from, to] of names) people.set(to, { ...personOf(cast, from), name: to })
  return { ...cast, people }
}
