// Keys that are not new, not unique, or none (RFC 9420 §7.3, §16.7).
import type { LeafNodeContent } from '../../../../src/mls.ts'
import { leafAt } from '../../../../src/tree/ratchet-tree.ts'
import { type Cast, clientOf, stateOf } from '../../cast.ts'
import { forgeCommit } from '../../forge/commit.ts'
import { knowing } from '../groups.ts'
import { type CaseSpec, commits, following } from '../scene.ts'
import { forgedUpdate } from '../updates.ts'
import { bothCases, committedUpdate, pathCase, saying, type Tamper, updateCase } from './make.ts'

export const keyCases: CaseSpec[] = [
  updateCase(
    {
      name: 'update-keeps-its-key',
      about: 'an Update keeps the encryption key',
      rows: [27],
      sections: ['7.3'],
      code: 'LEAF_KEY_UNCHANGED',
    },
    (cast) => {
      const { encryptionKey } = member(cast, 0)
      return { content: (leaf) => ({ ...leaf, encryptionKey }) }
    },
  ),
  {
    name: 'path-keeps-the-leaf-key',
    about: "a commit keeps its sender's encryption key",
    rows: [42],
    sections: ['7.5', '12.4.2'],
    start: 'member',
    code: 'LEAF_KEY_UNCHANGED',
    make: (cast, broken) => {
      const kept = stateOf(cast, 'carol').own.privateKeys.get(4)
      return commits(cast, 'carol', { path: broken && kept !== undefined ? { leafKeyPair: kept } : {} })
    },
  },
  ...bothCases(
    {
      name: 'encryption-key-short',
      about: "leaf node's encryption key is a byte short",
      rows: [61],
      sections: ['5.1.1', '7.3'],
      code: 'LEAF_KEY_INVALID',
    },
    saying((leaf) => ({ encryptionKey: leaf.encryptionKey.slice(1) })),
  ),
  ...bothCases(
    {
      name: 'encryption-key-of-small-order',
      about: "leaf node's encryption key leads to a Diffie-Hellman result of zeros",
      rows: [61],
      traps: ['hpke-bounds'],
      sections: ['5.1.1', '9180 §7.1.4'],
      code: 'LEAF_KEY_INVALID',
    },
    saying(() => ({ encryptionKey: new Uint8Array(32) })),
  ),
  ...bothCases(
    {
      name: 'signature-key-of-small-order',
      about: "leaf node's signature key is the neutral element, under which anybody can sign, and somebody did",
      rows: [61],
      sections: ['5.1.1', '7.3'],
      code: 'LEAF_SIGNATURE',
    },
    () => ({
      content: (leaf) => ({ ...leaf, signatureKey: Uint8Array.of(1, ...new Uint8Array(31)) }),
      // R is the base point and S is 1: S·B = R + k·A, whatever k is.
      signed: (leaf) => ({
        ...leaf,
        signature: Uint8Array.of(0x58, ...new Uint8Array(31).fill(0x66), 1, ...new Uint8Array(31)),
      }),
    }),
  ),
  ...bothCases(
    {
      name: 'signature-key-short',
      about: "leaf node's signature key is a byte short",
      rows: [61],
      sections: ['5.1.1', '7.3'],
      code: 'LEAF_KEY_INVALID',
    },
    saying((leaf) => ({ signatureKey: leaf.signatureKey.slice(1) })),
  ),
  updatedKeyCase('signature-key-of-a-member', 'the signature key of another member', 'TREE_DUPLICATE_KEY', (cast) => {
    const { signatureKeyPair } = stateOf(cast, 'carol').own
    return {
      content: (leaf) => ({ ...leaf, signatureKey: signatureKeyPair.publicKey }),
      signer: signatureKeyPair,
    }
  }),
  updatedKeyCase('encryption-key-of-a-member', 'the encryption key of another member', 'TREE_DUPLICATE_KEY', (cast) => {
    const { encryptionKey } = member(cast, 2)
    return { content: (leaf) => ({ ...leaf, encryptionKey }) }
  }),
  pathCase(
    {
      name: 'path-signature-key-of-a-member',
      about: "a commit's leaf node has the signature key of another member",
      rows: [26],
      sections: ['7.3', '16.7'],
      code: 'TREE_DUPLICATE_KEY',
    },
    (cast) => {
      const { signatureKeyPair } = stateOf(cast, 'dave').own
      return {
        content: (leaf) => ({ ...leaf, signatureKey: signatureKeyPair.publicKey }),
        signer: signatureKeyPair,
      }
    },
  ),
  {
    name: 'two-updates-with-one-signature-key',
    about: 'two Updates in a commit bring the same new signature key',
    rows: [26],
    sections: ['7.3', '16.7'],
    start: 'member',
    code: 'TREE_DUPLICATE_KEY',
    async make(cast, broken) {
      const one = await clientOf(cast.suite, 'one')
      const other = broken ? one : await clientOf(cast.suite, 'other')
      const carol = stateOf(cast, 'carol')
      const updates = await Promise.all(
        (
          [
            ['alice', one],
            ['dave', other],
          ] as const
        ).map(([who, { signatureKeyPair }]) =>
          forgedUpdate(cast, who, {
            content: (leaf) => ({ ...leaf, signatureKey: signatureKeyPair.publicKey }),
            signer: signatureKeyPair,
          }),
        ),
      )
      let state = carol
      const references: Uint8Array[] = []
      for (const update of updates) {
        const known = knowing(state, update)
        state = known.state
        references.push(known.reference)
      }
      return following(await forgeCommit(state, { references }), updates)
    },
  },
]

/** A leaf node whose key is somebody else's, in an Update that is committed: the tree that results is invalid. */
function updatedKeyCase(name: string, what: string, code: CaseSpec['code'], tamper: Tamper): CaseSpec {
  return {
    name: `update-with-${name}`,
    about: `an Update with ${what} is committed`,
    rows: [26],
    sections: ['7.3', '12.2', '16.7'],
    start: 'member',
    code,
    make: (cast, broken) => committedUpdate(cast, broken ? tamper : () => ({}), 'dave'),
  }
}

function member(cast: Cast, leafIndex: number): LeafNodeContent {
  const leaf = leafAt(stateOf(cast, 'alice').tree, leafIndex)
  if (leaf === undefined) throw new Error(`leaf ${leafIndex} is blank`)
  return leaf
}
