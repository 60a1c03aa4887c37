// Bytes that are not the encoding of anything (RFC 9420 §2.1, §13.4).
import { concat, utf8 } from '../../../src/bytes.ts'
import type { KeyPackage, LeafNodeContent } from '../../../src/mls.ts'
import { type Cast, EXTRA_EXTENSION, personOf, reseeded, stateOf } from '../cast.ts'
import { forgeCommit } from '../forge/commit.ts'
import { forgeKeyPackage } from '../forge/leaf.ts'
import { type Patch, patched, patchedSuite } from '../seeded-suite.ts'
import { four } from './groups.ts'
import { type CaseSpec, type Chapter, commits, covered, following, type Made, processing } from './scene.ts'
import { seeded } from './suites.ts'
import { forgedUpdate } from './updates.ts'

/** A commit of Carol, taken apart by `mutate` where it is to be broken. */
async function mutated(
  cast: Cast,
  broken: boolean,
  mutate: (message: Uint8Array) => Uint8Array,
  authenticatedData = new Uint8Array(0),
): Promise<Made> {
  const forged = await forgeCommit(stateOf(cast, 'carol'), {
    framing: { framed: (content) => ({ ...content, authenticatedData }) },
  })
  return broken ? processing(mutate(forged.message)) : following(forged)
}

function replaced(message: Uint8Array, at: number, length: number, by: readonly number[]): Uint8Array {
  return concat(message.slice(0, at), Uint8Array.from(by), message.slice(at + length))
}

/** `MLSMessage.version`, `wire_format`, and then the length of the group id, which has 14 bytes. */
const GROUP_ID_LENGTH = 4
/** Behind the group id, the epoch, and the sender's type and index. */
const AUTHENTICATED_DATA_LENGTH = GROUP_ID_LENGTH + 1 + 14 + 8 + 5

function lengthCase(
  name: string,
  about: string,
  code: CaseSpec['code'],
  length: number,
  bytes: number[],
  by: number[],
): CaseSpec {
  const rows = code === 'CODEC_VARINT_NOT_MINIMAL' ? [1] : [2]
  return {
    name,
    about,
    rows,
    traps: ['length-boundaries'],
    sections: ['2.1.2'],
    start: 'member',
    code,
    make: (cast, broken) =>
      mutated(
        cast,
        broken,
        (message) => replaced(message, AUTHENTICATED_DATA_LENGTH, bytes.length, by),
        new Uint8Array(length).fill(0x61),
      ),
  }
}

/** A case in which an extension type occurs twice: the second under another type, which is patched everywhere. */
function duplicateCase(
  where: string,
  make: (
    cast: Cast,
    broken: boolean,
    extensions: readonly { extensionType: number; data: Uint8Array }[],
    patch: Patch,
  ) => Promise<Made>,
): CaseSpec {
  const data = utf8('an extension that occurs twice')
  const from = concat(Uint8Array.of(0xf0, 0x02, data.length), data)
  const to = concat(Uint8Array.of(EXTRA_EXTENSION >> 8, EXTRA_EXTENSION & 0xff, data.length), data)
  return {
    name: `duplicate-extension-${where}`,
    about: `an extension type occurs twice in ${where.replaceAll('-', ' ')}`,
    rows: [5],
    sections: ['13.4'],
    start: 'member',
    code: 'EXTENSION_DUPLICATE',
    make: (cast, broken) => {
      const once = { extensionType: EXTRA_EXTENSION, data: utf8('the first time') }
      const extensions = broken ? [once, { extensionType: 0xf002, data }] : [once]
      return make(reseeded(cast, patchedSuite(cast.suite, { from, to })), broken, extensions, { from, to })
    },
  }
}

const cases: CaseSpec[] = [
  {
    name: 'length-in-two-bytes',
    about: 'the length of the group id, 14, is encoded in two bytes',
    rows: [1],
    sections: ['2.1.2'],
    start: 'member',
    code: 'CODEC_VARINT_NOT_MINIMAL',
    make: (cast, broken) => mutated(cast, broken, (message) => replaced(message, GROUP_ID_LENGTH, 1, [0x40, 14])),
  },
  {
    name: 'length-in-four-bytes',
    about: 'the length of the group id, 14, is encoded in four bytes',
    rows: [1],
    sections: ['2.1.2'],
    start: 'member',
    code: 'CODEC_VARINT_NOT_MINIMAL',
    make: (cast, broken) => mutated(cast, broken, (message) => replaced(message, GROUP_ID_LENGTH, 1, [0x80, 0, 0, 14])),
  },
  lengthCase(
    'length-63-in-two-bytes',
    'a length of 63 is encoded in two bytes',
    'CODEC_VARINT_NOT_MINIMAL',
    63,
    [0x3f],
    [0x40, 0x3f],
  ),
  lengthCase(
    'length-64-in-four-bytes',
    'a length of 64 is encoded in four bytes',
    'CODEC_VARINT_NOT_MINIMAL',
    64,
    [0x40, 0x40],
    [0x80, 0, 0, 0x40],
  ),
  lengthCase(
    'length-16383-in-four-bytes',
    'a length of 16,383 is encoded in four bytes',
    'CODEC_VARINT_NOT_MINIMAL',
    16383,
    [0x7f, 0xff],
    [0x80, 0, 0x3f, 0xff],
  ),
  lengthCase(
    'length-16384-beyond-the-end',
    'a vector of 16,384 bytes claims to have 0x3fffffff',
    'CODEC_TRUNCATED',
    16384,
    [0x80, 0, 0x40, 0],
    [0xbf, 0xff, 0xff, 0xff],
  ),
  {
    name: 'length-prefix-11',
    about: 'a length has the prefix 11, as eight bytes of QUIC would',
    rows: [2],
    sections: ['2.1.2'],
    start: 'member',
    code: 'CODEC_VARINT_PREFIX',
    make: (cast, broken) =>
      mutated(cast, broken, (message) => replaced(message, GROUP_ID_LENGTH, 1, [0xc0, 0, 0, 0, 0, 0, 0, 14])),
  },
  {
    name: 'length-beyond-the-end',
    about: 'the last vector, the membership tag, claims one byte more than there is',
    rows: [2],
    traps: ['decoder-past-the-end'],
    sections: ['2.1.2'],
    start: 'member',
    code: 'CODEC_TRUNCATED',
    make: (cast, broken) => mutated(cast, broken, (message) => replaced(message, message.length - 33, 1, [33])),
  },
  {
    name: 'cut-in-an-integer',
    about: 'the message ends inside of its epoch',
    rows: [2],
    traps: ['decoder-past-the-end'],
    sections: ['2.1'],
    start: 'member',
    code: 'CODEC_TRUNCATED',
    make: (cast, broken) => mutated(cast, broken, (message) => message.slice(0, GROUP_ID_LENGTH + 1 + 14 + 3)),
  },
  {
    name: 'empty-message',
    about: 'there are no bytes at all',
    rows: [2],
    traps: ['decoder-past-the-end'],
    sections: ['2.1'],
    start: 'member',
    code: 'CODEC_TRUNCATED',
    make: (cast, broken) => mutated(cast, broken, () => new Uint8Array(0)),
  },
  {
    name: 'optional-octet-2',
    about: "the presence octet of the commit's path is 2",
    rows: [3],
    sections: ['2.1.1'],
    start: 'member',
    code: 'CODEC_OPTIONAL_OCTET',
    async make(cast, broken) {
      const forged = await forgeCommit(stateOf(cast, 'carol'))
      if (!broken || forged.path === undefined) return following(forged)
      const { encryptionKey } = forged.path.leafNode
      const from = concat(Uint8Array.of(1, encryptionKey.length), encryptionKey)
      const to = concat(Uint8Array.of(2, encryptionKey.length), encryptionKey)
      return processing(patched(forged.message, { from, to }))
    },
  },
  {
    name: 'trailing-byte',
    about: 'a byte follows the message',
    rows: [4],
    sections: ['2.1', '6'],
    start: 'member',
    code: 'CODEC_TRAILING_BYTES',
    make: (cast, broken) => mutated(cast, broken, (message) => concat(message, Uint8Array.of(0))),
  },
  {
    name: 'trailing-byte-in-required-capabilities',
    about: 'a byte follows the lists of a required_capabilities extension',
    rows: [4],
    sections: ['11.1', '12.1.7'],
    start: 'member',
    code: 'EXTENSION_MALFORMED',
    make: (cast, broken) => {
      const data = new Uint8Array(broken ? 4 : 3)
      return commits(cast, 'alice', { proposals: [{ proposalType: 7, extensions: [{ extensionType: 3, data }] }] })
    },
  },
  {
    name: 'trailing-byte-in-external-senders',
    about: 'a byte follows the list of an external_senders extension',
    rows: [4],
    sections: ['12.1.8.1'],
    start: 'member',
    code: 'EXTENSION_MALFORMED',
    make: (cast, broken) => {
      const data = new Uint8Array(broken ? 2 : 1)
      return commits(cast, 'alice', { proposals: [{ proposalType: 7, extensions: [{ extensionType: 5, data }] }] })
    },
  },
  {
    name: 'trailing-byte-in-application-id',
    about: "a byte follows the content of a leaf's application_id extension",
    rows: [4],
    sections: ['5.3.3', '7.3'],
    start: 'member',
    code: 'EXTENSION_MALFORMED',
    make: (cast, broken) => {
      const data = Uint8Array.from(broken ? [1, 7, 0] : [1, 7])
      const content = (leaf: LeafNodeContent): LeafNodeContent => ({
        ...leaf,
        extensions: [{ extensionType: 1, data }],
      })
      return commits(cast, 'alice', { path: { leaf: { content } } })
    },
  },
  duplicateCase('the-group-context-extensions', async (cast, broken, extensions, patch) => {
    // Dave does not support the extension, so that he goes.
    const forged = await forgeCommit(stateOf(cast, 'alice'), {
      proposals: [
        { proposalType: 7, extensions },
        { proposalType: 3, removed: 3 },
      ],
    })
    return broken ? processing(patched(forged.message, patch)) : following(forged)
  }),
  duplicateCase('the-extensions-of-a-leaf-node', async (cast, broken, extensions, patch) => {
    const message = await forgedUpdate(cast, 'alice', { content: (leaf) => ({ ...leaf, extensions }) })
    return broken ? processing(patched(message, patch)) : covered(cast, false, message, 'carol')
  }),
  duplicateCase('the-extensions-of-a-key-package', async (cast, broken, extensions, patch) => {
    const { client } = personOf(cast, 'erin')
    const content = (keyPackage: Omit<KeyPackage, 'signature'>) => ({ ...keyPackage, extensions })
    const { keyPackage } = await forgeKeyPackage(cast.suite, client, { content })
    const forged = await forgeCommit(stateOf(cast, 'alice'), { proposals: [{ proposalType: 1, keyPackage }] })
    return broken ? processing(patched(forged.message, patch)) : following(forged)
  }),
  duplicateCase('the-extensions-of-a-reinit', async (cast, broken, extensions, patch) => {
    const proposals = [{ proposalType: 5 as const, groupId: utf8('next'), version: 1, cipherSuite: 1, extensions }]
    const forged = await forgeCommit(stateOf(cast, 'alice'), { proposals, path: 'none' })
    return broken ? processing(patched(forged.message, patch)) : following(forged)
  }),
]

export const codec: Chapter = {
  file: 'codec',
  description: 'Bytes that are not the encoding of anything.',
  scenes: async () => ({ member: { cast: await four(seeded(1, 'codec')), receiver: 'bob' } }),
  cases,
}
