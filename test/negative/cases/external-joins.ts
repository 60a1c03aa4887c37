// Group infos with which nobody can join by an external commit (RFC 9420 §12.4.3, §12.4.3.2).
import { concat, toHex, utf8 } from '../../../src/bytes.ts'
import { type Extension, encodeMlsMessage, externalPubExtension } from '../../../src/mls.ts'
import { externalKeyPair } from '../../../src/schedule/key-schedule.ts'
import { type Cast, EXTRA_EXTENSION, personOf, stateOf } from '../cast.ts'
import { forgeGroupInfo, treeExtension, type WelcomeTampering } from '../forge/welcome.ts'
import { four, holes } from './groups.ts'
import type { CaseSpec, Chapter, Made } from './scene.ts'
import { seeded } from './suites.ts'

type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>

/** What is wrong with a group info. */
type Wrong = WelcomeTampering & {
  readonly externalPub?: (honest: Extension) => Extension | undefined
  readonly attempt?: Partial<Made>
}

/** Alice's group info for Erin. */
async function invites(cast: Cast, { externalPub, attempt, ...tampering }: Wrong): Promise<Made> {
  const alice = stateOf(cast, 'alice')
  const { suite, groupContext, confirmationTag, tree, own } = alice
  const honest = externalPubExtension((await externalKeyPair(suite, alice.secrets.externalSecret)).publicKey)
  const said = externalPub === undefined ? honest : externalPub(honest)
  const groupInfo = await forgeGroupInfo({
    suite,
    groupContext: { ...groupContext, treeHash: tampering.treeHash?.(groupContext.treeHash) ?? groupContext.treeHash },
    confirmationTag,
    extensions: [...treeExtension(tree, tampering), ...(said === undefined ? [] : [said])],
    signer: own,
    tampering,
  })
  return {
    operation: 'join_external',
    messages: [toHex(encodeMlsMessage({ wireFormat: 4, groupInfo }))],
    outcome: { kind: 'joined' },
    ...attempt,
  }
}

function inviteCase(spec: Spec, wrong: (cast: Cast) => Wrong, right: Wrong = {}): CaseSpec {
  return {
    start: 'joiner',
    witness: 'member',
    ...spec,
    make: (cast, broken) => invites(cast, broken ? wrong(cast) : right),
  }
}

const cases: CaseSpec[] = [
  inviteCase(
    {
      name: 'external-pub-missing',
      about: 'the group info has no external_pub',
      rows: [49],
      sections: ['12.4.3.2'],
      code: 'JOIN_EXTERNAL_PUB_MISSING',
    },
    () => ({ externalPub: () => undefined }),
  ),
  inviteCase(
    {
      name: 'external-pub-trailing-byte',
      about: 'a byte follows the key in external_pub',
      rows: [4],
      sections: ['12.4.3.2'],
      code: 'EXTENSION_MALFORMED',
    },
    () => ({ externalPub: (honest) => ({ ...honest, data: concat(honest.data, Uint8Array.of(0)) }) }),
  ),
  inviteCase(
    {
      name: 'external-pub-of-zeros',
      about: 'external_pub leads to a Diffie-Hellman result of zeros',
      rows: [61],
      traps: ['hpke-bounds'],
      sections: ['8.3', '9180 §7.1.4'],
      code: 'CRYPTO_BAD_KEY',
    },
    () => ({ externalPub: () => externalPubExtension(new Uint8Array(32)) }),
  ),
  inviteCase(
    {
      name: 'external-pub-short',
      about: 'external_pub is a byte short',
      rows: [61],
      sections: ['8.3', '5.1.1'],
      code: 'CRYPTO_BAD_KEY',
    },
    () => ({ externalPub: () => externalPubExtension(new Uint8Array(31).fill(9)) }),
  ),
  inviteCase(
    {
      name: 'invite-signed-by-another-leaf',
      about: 'the group info is signed by Carol in the name of Alice',
      rows: [49],
      traps: ['new-key-without-path'],
      sections: ['12.4.3'],
      code: 'JOIN_GROUP_INFO_SIGNATURE',
    },
    (cast) => ({ signer: stateOf(cast, 'carol').own.signatureKeyPair }),
  ),
  inviteCase(
    {
      name: 'invite-changed-after-signing',
      about: "the group info's external_pub is another than the one that was signed",
      rows: [49],
      sections: ['12.4.3', '12.4.3.2'],
      code: 'JOIN_GROUP_INFO_SIGNATURE',
    },
    () => ({
      signed: (info) => ({
        ...info,
        extensions: info.extensions.map((one) =>
          one.extensionType === 4 ? externalPubExtension(new Uint8Array(32).fill(9)) : one,
        ),
      }),
    }),
  ),
  ...(
    [
      ['outside', 'a leaf beyond the last', 4],
      ['2-to-the-31', 'leaf 2^31, which wraps to 0', 0x8000_0000],
    ] as const
  ).map(([which, where, signer]) =>
    inviteCase(
      {
        name: `invite-signer-${which}`,
        about: `the group info says that its signer is at ${where}`,
        rows: [49, 62],
        traps: ['signed-indices'],
        sections: ['12.4.3'],
        code: 'JOIN_SIGNER',
      },
      () => ({ groupInfo: (content) => ({ ...content, signer }) }),
    ),
  ),
  inviteCase(
    {
      name: 'invite-tree-hash-changed',
      about: "the group context's tree hash is not the tree's",
      rows: [50],
      sections: ['12.4.3.2', '12.4.3.3'],
      code: 'TREE_HASH_MISMATCH',
    },
    () => ({ treeHash: (hash) => hash.map((byte) => byte ^ 1) }),
  ),
  inviteCase(
    {
      name: 'invite-tree-missing',
      about: 'the tree is neither in the group info nor given',
      rows: [50],
      sections: ['12.4.3.2', '12.4.3.3'],
      code: 'JOIN_TREE_MISSING',
    },
    () => ({ ratchetTree: () => undefined }),
  ),
  inviteCase(
    {
      name: 'invite-of-another-suite',
      about: 'the group is of suite 3',
      rows: [49],
      sections: ['12.4.3.2'],
      code: 'JOIN_SUITE_MISMATCH',
    },
    () => ({ groupInfo: (content) => ({ ...content, groupContext: { ...content.groupContext, cipherSuite: 3 } }) }),
  ),
  inviteCase(
    {
      name: 'invite-extension-unsupported',
      about: 'the group context has an extension that Dave and nobody else lacks',
      rows: [29, 30],
      sections: ['12.4.3', '13.4'],
      code: 'GROUP_EXTENSION_UNSUPPORTED',
    },
    () => ({
      groupInfo: (content) => ({
        ...content,
        groupContext: {
          ...content.groupContext,
          extensions: [{ extensionType: EXTRA_EXTENSION, data: utf8('in use') }],
        },
      }),
    }),
  ),
  inviteCase(
    {
      name: 'invite-to-an-own-group',
      about: 'the client is in a group with this id already',
      rows: [56],
      sections: ['12.4.3'],
      code: 'GROUP_ID_TAKEN',
    },
    () => ({ attempt: { own_groups: [toHex(utf8('negative suite'))] } }),
  ),
  {
    name: 'invite-trailing-byte',
    about: 'a byte follows the group info',
    rows: [4],
    sections: ['12.4.3'],
    start: 'joiner',
    witness: 'member',
    code: 'CODEC_TRAILING_BYTES',
    async make(cast, broken) {
      const made = await invites(cast, {})
      return broken ? { ...made, messages: made.messages.map((message) => `${message}00`) } : made
    },
  },
  {
    name: 'invite-is-a-key-package',
    about: 'the client is told to join with a key package',
    rows: [8],
    sections: ['6'],
    start: 'joiner',
    witness: 'member',
    code: 'FRAMING_WIRE_FORMAT',
    async make(cast, broken) {
      const made = await invites(cast, {})
      return broken ? { ...made, messages: [toHex(personOf(cast, 'frank').keyPackage.message)] } : made
    },
  },
  ...(
    [
      ['blank', 'a blank leaf', 3],
      ['outside', 'a leaf beyond the last', 8],
      ['2-to-the-31', 'leaf 2^31 + 2, which wraps to 2', 0x8000_0002],
    ] as const
  ).map(
    ([which, where, replaces]): CaseSpec => ({
      name: `rejoin-in-place-of-${which}`,
      about: `the client wants to replace itself at ${where}`,
      rows: [47, 62],
      traps: ['signed-indices'],
      sections: ['12.2', '12.4.3.2'],
      start: 'former',
      witness: 'member-with-gaps',
      code: 'PROPOSAL_TARGET',
      make: (cast, broken) => invites(cast, { attempt: { replaces: broken ? replaces : 2 } }),
    }),
  ),
  {
    name: 'rejoin-in-place-of-somebody-else',
    about: 'the client wants to replace a member who is somebody else',
    rows: [21, 47],
    traps: ['leaf-zero'],
    sections: ['5.3.1', '12.2'],
    start: 'former',
    witness: 'member-with-gaps',
    code: 'LEAF_IDENTITY_CHANGED',
    make: (cast, broken) => invites(cast, { attempt: { replaces: broken ? 0 : 2 } }),
  },
]

export const externalJoins: Chapter = {
  file: 'external-joins',
  description: 'Group infos with which nobody can join by an external commit.',
  async scenes() {
    const cast = await four(seeded(1, 'external joins'))
    const gaps = await holes(seeded(1, 'external joins gaps'))
    return {
      joiner: { cast, receiver: 'erin' },
      member: { cast, receiver: 'bob' },
      former: { cast: gaps, receiver: 'frank', start: { membership: undefined } },
      'member-with-gaps': { cast: gaps, receiver: 'bob' },
    }
  },
  cases,
}
