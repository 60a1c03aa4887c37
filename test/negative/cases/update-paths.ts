// Update paths that do not fit the tree, the rest of the group or themselves (RFC 9420 §7.4–§7.6, §7.9, §12.4.2).
import { concat } from '../../../src/bytes.ts'
import { treeHash } from '../../../src/tree/hash.ts'
import { stateOf } from '../cast.ts'
import { four, holes } from './groups.ts'
import type { CaseSpec, Chapter } from './scene.ts'
import { seeded } from './suites.ts'
import { keyCases } from './update-paths/keys.ts'
import { lengthCases } from './update-paths/lengths.ts'
import { ciphertexts, last, nodes, pathCase } from './update-paths/make.ts'

const secretCases: CaseSpec[] = [
  pathCase(
    {
      name: 'path-secret-of-another-key',
      about: 'the path secret that the receiver gets does not give the key of its node',
      rows: [43],
      sections: ['7.5', '12.4.2'],
      code: 'PATH_KEY_MISMATCH',
    },
    () => ({ pathSecret: () => new Uint8Array(32).fill(0x11) }),
  ),
  pathCase(
    {
      name: 'path-key-not-derived',
      about: "the root's key is not the one that its path secret gives",
      rows: [43],
      sections: ['7.4', '7.5'],
      code: 'PATH_KEY_MISMATCH',
    },
    () => ({ publicKeys: (keys) => [...keys.slice(0, -1), Uint8Array.of(9, ...new Uint8Array(31))] }),
  ),
  pathCase(
    {
      name: 'path-secret-short',
      about: 'the path secret that the receiver gets is a byte short',
      rows: [43],
      sections: ['7.4', '7.6'],
      code: 'PATH_KEY_MISMATCH',
    },
    () => ({ pathSecret: (secret) => secret.slice(1) }),
  ),
  pathCase(
    {
      name: 'path-ciphertext-changed',
      about: 'the ciphertext for the receiver is changed in one bit',
      rows: [43],
      sections: ['7.6'],
      code: 'PATH_DECRYPT_FAILED',
    },
    ciphertexts(1, (sealed) =>
      sealed.map(({ kemOutput, ciphertext }) => ({
        kemOutput,
        ciphertext: ciphertext.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
      })),
    ),
  ),
  pathCase(
    {
      name: 'path-ciphertext-empty',
      about: 'the ciphertext for the receiver is empty',
      rows: [43],
      traps: ['decoder-past-the-end'],
      sections: ['7.6'],
      code: 'PATH_DECRYPT_FAILED',
    },
    ciphertexts(1, (sealed) => sealed.map(({ kemOutput }) => ({ kemOutput, ciphertext: new Uint8Array(0) }))),
  ),
  pathCase(
    {
      name: 'path-kem-output-zero',
      about: 'the KEM output for the receiver leads to a Diffie-Hellman result of zeros',
      rows: [61],
      traps: ['hpke-bounds'],
      sections: ['7.6', '9180 §7.1.4'],
      code: 'PATH_DECRYPT_FAILED',
    },
    ciphertexts(1, (sealed) => sealed.map(({ ciphertext }) => ({ kemOutput: new Uint8Array(32), ciphertext }))),
  ),
  pathCase(
    {
      name: 'path-encrypted-before-the-merge',
      about: 'the path secrets are encrypted under the tree hash from before the path was merged',
      rows: [43],
      traps: ['provisional-tree-hash'],
      sections: ['7.6', '12.4.1'],
      code: 'PATH_DECRYPT_FAILED',
    },
    (cast) => {
      const { suite, tree } = stateOf(cast, 'carol')
      return { context: (context) => ({ ...context, treeHash: treeHash(suite, tree.root) }) }
    },
  ),
  pathCase(
    {
      name: 'path-encrypted-in-the-old-epoch',
      about: "the path secrets are encrypted under the old epoch's number",
      rows: [43],
      traps: ['provisional-tree-hash'],
      sections: ['7.6', '12.4.1'],
      code: 'PATH_DECRYPT_FAILED',
    },
    () => ({ context: (context) => ({ ...context, epoch: context.epoch - 1n }) }),
  ),
]

const parentHashCases: CaseSpec[] = [
  ...(
    [
      ['changed', 'differs in a bit', (hash) => hash.map((byte, i) => (i === 31 ? byte ^ 1 : byte))],
      ['empty', 'is empty', () => new Uint8Array(0)],
      ['shortened', 'is cut to its first half', (hash) => hash.slice(0, 16)],
      ['lengthened', 'is followed by a byte', (hash) => concat(hash, Uint8Array.of(0))],
    ] satisfies [string, string, (hash: Uint8Array) => Uint8Array][]
  ).map(([which, what, parentHash]) =>
    pathCase(
      {
        name: `parent-hash-${which}`,
        about: `the parent hash in the committer's leaf ${what}`,
        rows: [44],
        traps: ['tag-lengths'],
        sections: ['7.9.2', '12.4.2'],
        code: 'TREE_PARENT_HASH',
      },
      () => ({ parentHash }),
    ),
  ),
  pathCase(
    {
      name: 'parent-hash-of-other-keys',
      about: "a path key is not the one that the leaf's parent hash covers",
      rows: [44],
      sections: ['7.9.2', '12.4.2'],
      code: 'TREE_PARENT_HASH',
    },
    nodes(([first, ...rest]) => [{ ...(first ?? last(rest)), encryptionKey: new Uint8Array(32).fill(4) }, ...rest]),
  ),
]

export const updatePaths: Chapter = {
  file: 'update-paths',
  description: 'Update paths that do not fit the tree, the rest of the group or themselves.',
  scenes: async () => ({
    member: { cast: await four(seeded(1, 'update paths')), receiver: 'bob' },
    holes: { cast: await holes(seeded(1, 'update paths holes')), receiver: 'bob' },
  }),
  cases: [...lengthCases, ...keyCases, ...secretCases, ...parentHashCases],
}
