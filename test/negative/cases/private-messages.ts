// PrivateMessages whose encryption, sender data, generation or padding is wrong (RFC 9420 §6.3, §9, §15.3).
import { concat, utf8 } from '../../../src/bytes.ts'
import { type Cast, commitBy, personOf, stateOf } from '../cast.ts'
import { type FramingTampering, forgeMessage, type SealingTampering } from '../forge/message.ts'
import { four, holes } from './groups.ts'
import { type CaseSpec, type Chapter, commits, type Made, processing } from './scene.ts'
import { seeded } from './suites.ts'

const HELLO = { kind: 'application', application_data: '68656c6c6f' } as const

function says(cast: Cast, who: string, framing: FramingTampering = {}): Promise<Uint8Array> {
  return forgeMessage(stateOf(cast, who), { contentType: 1, applicationData: utf8('hello') }, 2, framing)
}

async function saying(...messages: readonly Promise<Uint8Array>[]): Promise<Made> {
  return { ...processing(...(await Promise.all(messages))), outcome: HELLO }
}

type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections'> & Partial<CaseSpec>

/** Carol says hello, and something is wrong with the way it is encrypted. */
function sealingCase(spec: Spec, bad: SealingTampering, good: SealingTampering = {}): CaseSpec {
  return {
    start: 'member',
    code: 'FRAMING_DECRYPT_FAILED',
    ...spec,
    make: (cast, broken) => saying(says(cast, 'carol', { sealing: broken ? bad : good })),
  }
}

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
    make: (cast, broken) =>
      saying(says(cast, 'carol'), says(cast, 'carol', { sealing: { skip: broken ? 0 : 1 } })),
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

const encryptionCases: CaseSpec[] = [
  sealingCase(
    {
      name: 'nonce-without-reuse-guard',
      about: 'the content is encrypted under the nonce of the key schedule, without the reuse guard',
      rows: [17],
      sections: ['6.3.1'],
    },
    { unguarded: true },
  ),
  sealingCase(
    {
      name: 'reuse-guard-changed',
      about: 'the sender data name another reuse guard than was used',
      rows: [17],
      sections: ['6.3.1'],
    },
    { senderData: (data) => ({ ...data, reuseGuard: data.reuseGuard.map((byte) => byte ^ 1) }) },
  ),
  sealingCase(
    {
      name: 'authenticated-data-changed',
      about: 'the authenticated data of the message are not those that it was encrypted with',
      rows: [18],
      sections: ['6.3.1'],
    },
    { sealed: (message) => ({ ...message, authenticatedData: utf8('added on the way') }) },
  ),
  sealingCase(
    {
      name: 'content-type-changed',
      about: 'the content type of the message is changed on the way',
      rows: [18],
      sections: ['6.3.1', '6.3.2'],
    },
    { sealed: (message) => ({ ...message, contentType: 2 }) },
  ),
  sealingCase(
    {
      name: 'content-aad-of-another-epoch',
      about: 'the content is authenticated with another epoch',
      rows: [18],
      sections: ['6.3.1'],
    },
    { aad: (header) => ({ ...header, epoch: header.epoch + 1n }) },
  ),
  sealingCase(
    {
      name: 'content-aad-of-another-group',
      about: 'the content is authenticated with another group id',
      rows: [18],
      sections: ['6.3.1'],
    },
    { aad: (header) => ({ ...header, groupId: utf8('another') }) },
  ),
  sealingCase(
    {
      name: 'sender-data-aad-of-another-epoch',
      about: 'the sender data are authenticated with another epoch',
      rows: [18],
      sections: ['6.3.2'],
    },
    { senderDataAad: (header) => ({ ...header, epoch: header.epoch - 1n }) },
  ),
  sealingCase(
    {
      name: 'sender-data-aad-of-another-type',
      about: 'the sender data are authenticated with another content type',
      rows: [18],
      sections: ['6.3.2'],
    },
    { senderDataAad: (header) => ({ ...header, contentType: 3 }) },
  ),
  sealingCase(
    { name: 'ciphertext-empty', about: 'the ciphertext is empty', rows: [18], traps: ['decoder-past-the-end'], sections: ['6.3.2'] },
    { sealed: (message) => ({ ...message, ciphertext: new Uint8Array(0) }) },
  ),
  sealingCase(
    {
      name: 'sender-data-cut',
      about: 'the encrypted sender data are shorter than a tag',
      rows: [18],
      traps: ['decoder-past-the-end', 'tag-lengths'],
      sections: ['6.3.2'],
    },
    { sealed: (message) => ({ ...message, encryptedSenderData: message.encryptedSenderData.slice(0, 15) }) },
  ),
  sealingCase(
    {
      name: 'private-message-of-another-group',
      about: 'a PrivateMessage is for another group',
      rows: [6],
      sections: ['6'],
      code: 'GROUP_ID_MISMATCH',
    },
    { sealed: (message) => ({ ...message, groupId: utf8('another') }) },
  ),
  sealingCase(
    {
      name: 'private-message-of-the-next-epoch',
      about: 'a PrivateMessage is of an epoch that has not begun',
      rows: [7],
      sections: ['6'],
      code: 'GROUP_EPOCH_AHEAD',
    },
    { sealed: (message) => ({ ...message, epoch: message.epoch + 1n }) },
  ),
]

const senderCases: CaseSpec[] = [
  ...(
    [
      ['blank', 'a blank leaf', 3],
      ['outside', 'a leaf beyond the last', 8],
      ['2-to-the-31', 'leaf 2^31, which wraps to 0', 0x8000_0000],
      ['2-to-the-30', 'leaf 2^30, whose node index wraps', 0x4000_0000],
      ['the-last', 'leaf 2^32 - 1', 0xffff_ffff],
    ] as const
  ).map(
    ([which, where, leafIndex]): CaseSpec => ({
      ...sealingCase(
        {
          name: `sender-data-leaf-${which}`,
          about: `the sender data name ${where}`,
          rows: [9, 62],
          traps: ['signed-indices'],
          sections: ['6.3.2'],
          start: 'holes',
        },
        {},
      ),
      make: (cast, broken) =>
        saying(
          says(cast, 'alice', { sealing: broken ? { senderData: (data) => ({ ...data, leafIndex }) } : {} }),
        ),
    }),
  ),
  sealingCase(
    {
      name: 'sender-data-of-another-member',
      about: "the sender data name another member than the one whose key was used",
      rows: [9],
      traps: ['leaf-zero'],
      sections: ['6.3.2'],
    },
    { senderData: (data) => ({ ...data, leafIndex: 0 }) },
  ),
  {
    name: 'private-signed-by-another-member',
    about: 'a PrivateMessage of Carol is signed by Dave',
    rows: [13],
    sections: ['6.1', '6.3.1'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    make: (cast, broken) =>
      saying(says(cast, 'carol', broken ? { signer: stateOf(cast, 'dave').own.signatureKeyPair } : {})),
  },
  {
    name: 'private-signed-for-a-public-message',
    about: 'a PrivateMessage has the signature of a PublicMessage with the same content',
    rows: [8, 13],
    sections: ['6.1', '6.3.1'],
    start: 'member',
    code: 'FRAMING_SIGNATURE',
    make: (cast, broken) => commits(cast, 'carol', { wireFormat: 2, framing: broken ? { signedFormat: 1 } : {} }),
  },
  {
    name: 'private-confirmation-tag',
    about: 'a commit in a PrivateMessage has the confirmation tag of another',
    rows: [14],
    sections: ['6.1', '12.4.2'],
    start: 'member',
    code: 'COMMIT_CONFIRMATION_TAG',
    make: (cast, broken) =>
      commits(cast, 'carol', { wireFormat: 2, framing: broken ? { confirmationTag: () => new Uint8Array(32) } : {} }),
  },
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
      saying(
        says(cast, 'dave, removed since', broken ? { signer: stateOf(cast, 'erin').own.signatureKeyPair } : {}),
      ),
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
