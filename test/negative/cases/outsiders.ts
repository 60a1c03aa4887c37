// What those outside the group may not do: external senders, new members who propose themselves, external commits
// (RFC 9420 §12.1.8, §12.2, §12.4.3.2).
import { toHex, utf8 } from '../../../src/bytes.ts'
import { basicCredential } from '../../../src/mls.ts'
import { type Cast, IMPOSTOR, personOf, stateOf } from '../cast.ts'
import { demanding, four, holes } from './groups.ts'
import { formCases } from './outsiders/forms.ts'
import { joins, rejoins, remove } from './outsiders/make.ts'
import { senderCases } from './outsiders/proposals.ts'
import type { CaseSpec, Chapter } from './scene.ts'
import { seeded } from './suites.ts'

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
    make: (cast, broken) => rejoins(cast, {}, broken ? { credential: basicCredential(utf8('not dave')) } : {}),
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
