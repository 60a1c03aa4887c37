// Group infos in Welcomes that are not what their signer may say (RFC 9420 §12.4.3).
import { concat, toHex, utf8 } from '../../../../src/bytes.ts'
import { stateOf } from '../../cast.ts'
import { patchedSuite } from '../../seeded-suite.ts'
import type { CaseSpec } from '../scene.ts'
import { welcomeCase } from './make.ts'

export const groupInfoCases: CaseSpec[] = [
  welcomeCase(
    {
      name: 'signed-by-another-leaf',
      about: 'the group info is signed by Bob in the name of Alice',
      rows: [49],
      traps: ['new-key-without-path'],
      sections: ['12.4.3', '12.4.3.1'],
      code: 'JOIN_GROUP_INFO_SIGNATURE',
    },
    (cast) => ({ signer: stateOf(cast, 'bob').own.signatureKeyPair }),
  ),
  welcomeCase(
    {
      name: 'changed-after-signing',
      about: 'the group info has an extension more than its signature covers',
      rows: [49],
      sections: ['12.4.3'],
      code: 'JOIN_GROUP_INFO_SIGNATURE',
    },
    () => ({
      signed: (info) => ({ ...info, extensions: [...info.extensions, { extensionType: 0x0a0a, data: utf8('more') }] }),
    }),
  ),
  ...(
    [
      ['blank', 'a blank leaf', 7],
      ['outside', 'a leaf beyond the last', 8],
      ['2-to-the-31', 'leaf 2^31, which wraps to 0', 0x8000_0000],
      ['2-to-the-30', 'leaf 2^30, whose node index wraps', 0x4000_0000],
      ['the-last', 'leaf 2^32 - 1', 0xffff_ffff],
    ] as const
  ).map(([which, where, signer]) =>
    welcomeCase(
      {
        name: `signer-${which}`,
        about: `the group info says that its signer is at ${where}`,
        rows: [49, 62],
        traps: ['signed-indices'],
        sections: ['12.4.3.1'],
        code: 'JOIN_SIGNER',
      },
      () => ({ groupInfo: (content) => ({ ...content, signer }) }),
    ),
  ),
  ...(
    [
      ['changed', 'differs in a bit', (tag: Uint8Array) => tag.map((byte, i) => (i === 0 ? byte ^ 1 : byte))],
      ['shortened', 'is cut to its first half', (tag: Uint8Array) => tag.slice(0, 16)],
      ['empty', 'is empty', () => new Uint8Array(0)],
    ] as const
  ).map(([which, what, tamper]) =>
    welcomeCase(
      {
        name: `group-info-tag-${which}`,
        about: `the group info's confirmation tag ${what}; the signature covers it`,
        rows: [49],
        traps: ['tag-lengths'],
        sections: ['12.4.3.1'],
        code: 'JOIN_CONFIRMATION_TAG',
      },
      () => ({ groupInfo: (content) => ({ ...content, confirmationTag: tamper(content.confirmationTag) }) }),
    ),
  ),
  welcomeCase(
    {
      name: 'group-of-version-2',
      about: 'the group context is of protocol version 2',
      rows: [49],
      sections: ['12.4.3.1'],
      code: 'JOIN_SUITE_MISMATCH',
    },
    () => ({ forgery: (honest) => ({ groupContext: { ...honest.groupContext, version: 2 } }) }),
  ),
  welcomeCase(
    {
      name: 'group-of-another-suite',
      about: 'the group context is of suite 3',
      rows: [49],
      sections: ['12.4.3.1'],
      code: 'JOIN_SUITE_MISMATCH',
    },
    () => ({ forgery: (honest) => ({ groupContext: { ...honest.groupContext, cipherSuite: 3 } }) }),
  ),
  welcomeCase(
    {
      name: 'tree-hash-changed',
      about: "the group context's tree hash is not the tree's",
      rows: [50],
      sections: ['12.4.3.1', '12.4.3.3'],
      code: 'TREE_HASH_MISMATCH',
    },
    () => ({ treeHash: (hash) => hash.map((byte) => byte ^ 1) }),
  ),
  welcomeCase(
    {
      name: 'tree-missing',
      about: 'the tree is neither in the Welcome nor given',
      rows: [50],
      sections: ['12.4.3.1', '12.4.3.3'],
      code: 'JOIN_TREE_MISSING',
    },
    () => ({ ratchetTree: () => undefined }),
  ),
  welcomeCase(
    {
      name: 'group-info-trailing-byte',
      about: 'a byte follows the group info',
      rows: [4],
      sections: ['12.4.3'],
      code: 'CODEC_TRAILING_BYTES',
    },
    () => ({ encodedGroupInfo: (bytes) => concat(bytes, Uint8Array.of(0)) }),
  ),
  welcomeCase(
    {
      name: 'group-info-extension-twice',
      about: 'the group info has an extension type twice, which its signature covers',
      rows: [5],
      sections: ['13.4'],
      code: 'EXTENSION_DUPLICATE',
    },
    () => {
      const twice = utf8('an extension that occurs twice')
      const from = concat(Uint8Array.of(0xf0, 0x02, twice.length), twice)
      const to = concat(Uint8Array.of(0x1a, 0x1a, twice.length), twice)
      return {
        groupInfo: (content) => ({
          ...content,
          extensions: [
            ...content.extensions,
            { extensionType: 0x1a1a, data: utf8('once') },
            { extensionType: 0xf002, data: twice },
          ],
        }),
        forgery: (_, { suite }) => ({ suite: patchedSuite(suite, { from, to }) }),
      }
    },
  ),
  welcomeCase(
    {
      name: 'group-id-of-an-own-group',
      about: 'the client is in a group with this id already',
      rows: [56],
      sections: ['12.4.3'],
      code: 'GROUP_ID_TAKEN',
    },
    () => ({ attempt: { own_groups: [toHex(utf8('another group')), toHex(utf8('negative suite'))] } }),
    { attempt: { own_groups: [toHex(utf8('another group'))] } },
  ),
]
