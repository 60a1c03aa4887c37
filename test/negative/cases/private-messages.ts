// PrivateMessages whose encryption, sender data, generation or padding is wrong (RFC 9420 §6.3, §9, §15.3).
import { concat, utf8 } from '../../../src/bytes.ts'
import { type Cast, commitBy, personOf, stateOf } from '../cast.ts'
import { forgeMessage } from '../forge/message.ts'
import { four, holes } from './groups.ts'
import { encryptionCases } from './private-messages/encryption.ts'
import { saying, says, sealingCase } from './private-messages/make.ts'
import { senderCases } from './private-messages/senders.ts'
import { type CaseSpec, type Chapter, commits } from './scene.ts'
import { seeded } from './suites.ts'

const paddingCases: CaseSpec[] = [
  sealingCase(
    { name: 'padding-last-byte', about: 'the last of 16 padding bytes is not zero', rows: [15], sections: ['6.3.1'] },
    { padding: concat(new Uint8Array(15), Uint8Array.of(1)) },
    { padding: new Uint8Array(16) },
  ),
  sealingCase(
    { name: 'padding-first-byte', about: 'the first of 16 padding bytes is not zero', rows: [15], sections: ['6.3.1'] },
    { padding: concat(Uint8Array.of(0x80), new Uint8Array(15)) },
    { padding: new Uint8Array(16) },
  ),
  {
    name: 'padding-of-a-commit',
    about: "a commit's padding is not zero",
    rows: [15],
    sections: ['6.3.1'],
    start: 'member',
    code: 'FRAMING_DECRYPT_FAILED',
    make: (cast, broken) => {
      const padding = new Uint8Array(32).fill(broken ? 0xff : 0)
      return commits(cast, 'carol', { wireFormat: 2, framing: { sealing: { padding } } })
    },
  },
]

const generationCases: CaseSpec[] = [
  {
    name: 'replay',
    about: 'a message comes a second time',
    rows: [16],
    traps: ['secret-tree-persistence'],
    sections: ['9.1', '9.2'],
    start: 'member',
    code: 'FRAMING_GENERATION_USED',
    make: (cast, broken) => saying(says(cast, 'carol'), says(cast, 'carol', { sealing: { skip: broken ? 0 : 1 } })),
  },
  {
    name: 'replay-of-a-late-message',
    about: 'a message that came out of order comes a second time',
    rows: [16],
    sections: ['9.1', '9.2', '15.3'],
    start: 'member',
    code: 'FRAMING_GENERATION_USED',
    make: (cast, broken) =>
      saying(
        says(cast, 'carol', { sealing: { skip: 3 } }),
        says(cast, 'carol', { sealing: { skip: 1 } }),
        says(cast, 'carol', { sealing: { skip: broken ? 1 : 2 } }),
      ),
  },
  {
    name: 'generation-used-by-another-message',
    about: 'two messages of one generation, with different contents',
    rows: [16],
    sections: ['9.1'],
    start: 'member',
    code: 'FRAMING_GENERATION_USED',
    async make(cast, broken) {
      const first = await forgeMessage(stateOf(cast, 'carol'), { contentType: 1, applicationData: utf8('one') }, 2)
      const second = says(cast, 'carol', { sealing: { skip: broken ? 0 : 1 } })
      return saying(Promise.resolve(first), second)
    },
  },
  sealingCase(
    {
      name: 'generation-beyond-the-window',
      about: 'a message is 1,001 generations ahead, where 1,000 are allowed',
      rows: [16],
      sections: ['15.3'],
      code: 'FRAMING_GENERATION_TOO_FAR',
    },
    { skip: 1001 },
    { skip: 1000 },
  ),
  sealingCase(
    {
      name: 'generation-2-to-the-31',
      about: 'the sender data name generation 2^31',
      rows: [16, 62],
      traps: ['signed-indices'],
      sections: ['9.1', '15.3'],
      code: 'FRAMING_GENERATION_TOO_FAR',
    },
    { senderData: (data) => ({ ...data, generation: 0x8000_0000 }) },
  ),
  sealingCase(
    {
      name: 'generation-the-last',
      about: 'the sender data name the last generation there can be',
      rows: [16, 62],
      traps: ['signed-indices'],
      sections: ['9.1', '15.3'],
      code: 'FRAMING_GENERATION_TOO_FAR',
    },
    { senderData: (data) => ({ ...data, generation: 0xffff_ffff }) },
  ),
]

const pastCases: CaseSpec[] = [
  {
    name: 'past-epoch-current-key',
    about: "a late message of the epoch before is signed by whoever is now at its sender's leaf",
    rows: [13],
    traps: ['past-epoch-credential'],
    sections: ['6.1', '15.3'],
    start: 'member-later',
    code: 'FRAMING_SIGNATURE',
    make: (cast, broken) =>
      saying(says(cast, 'dave, removed since', broken ? { signer: stateOf(cast, 'erin').own.signatureKeyPair } : {})),
  },
  {
    name: 'past-epoch-replay',
    about: 'a late message of the epoch before comes a second time',
    rows: [16],
    sections: ['9.2', '15.3'],
    start: 'member-later',
    code: 'FRAMING_GENERATION_USED',
    make: (cast, broken) =>
      saying(
        says(cast, 'dave, removed since'),
        says(cast, 'dave, removed since', { sealing: { skip: broken ? 0 : 1 } }),
      ),
  },
  {
    name: 'past-epoch-forgotten',
    about: 'application data of an epoch whose keys are gone: those of three past epochs are kept',
    rows: [7],
    sections: ['6', '15.3'],
    start: 'member-much-later',
    code: 'GROUP_EPOCH_PAST',
    make: (cast, broken) => saying(says(cast, broken ? 'carol four epochs ago' : 'carol three epochs ago')),
  },
]

function joinedBy(cast: Cast, earlier: Cast, who: string, name: string): Cast {
  return { ...cast, people: new Map(cast.people).set(name, { ...personOf(earlier, who), name }) }
}

/** Dave was removed, and Erin took his place. */
async function later(): Promise<Cast> {
  const before = await four(seeded(1, 'private messages'))
  const removed = await commitBy(before, 'alice', [], { proposals: [{ proposalType: 3, removed: 3 }] })
  return joinedBy(await commitBy(removed, 'carol', ['erin']), before, 'dave', 'dave, removed since')
}

async function muchLater(): Promise<Cast> {
  const fourAgo = await four(seeded(1, 'private messages'))
  const threeAgo = await commitBy(fourAgo, 'alice')
  let cast = threeAgo
  for (const name of ['dave', 'alice', 'carol']) cast = await commitBy(cast, name)
  cast = joinedBy(cast, fourAgo, 'carol', 'carol four epochs ago')
  return joinedBy(cast, threeAgo, 'carol', 'carol three epochs ago')
}

export const privateMessages: Chapter = {
  file: 'private-messages',
  description: 'PrivateMessages whose encryption, sender data, generation or padding is wrong.',
  scenes: async () => ({
    member: { cast: await four(seeded(1, 'private messages')), receiver: 'bob' },
    'member-later': { cast: await later(), receiver: 'bob' },
    'member-much-later': { cast: await muchLater(), receiver: 'bob' },
    holes: { cast: await holes(seeded(1, 'private messages holes')), receiver: 'bob' },
  }),
  cases: [...paddingCases, ...generationCases, ...encryptionCases, ...senderCases, ...pastCases],
}
