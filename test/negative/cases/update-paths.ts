// Update paths that do not fit the tree, the rest of the group or themselves (RFC 9420 §7.4–§7.6, §7.9, §12.4.2).
import { concat } from '../../../src/bytes.ts'
import type { UpdatePathNode } from '../../../src/messages/commit.ts'
import { leafAt } from '../../../src/tree/ratchet-tree.ts'
import { Branch } from '../../../src/tree/subtree.ts'
import { treeHash } from '../../../src/tree/hash.ts'
import { type Cast, personOf, stateOf } from '../cast.ts'
import type { PathTampering } from '../forge/path.ts'
import { four, holes } from './groups.ts'
import { type CaseSpec, type Chapter, commits } from './scene.ts'
import { seeded } from './suites.ts'

type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>

/** Carol commits nothing, with a wrong path. Bob is in the other half of the tree: what he decrypts is for the root. */
function pathCase(spec: Spec, tamper: (cast: Cast) => PathTampering, who = 'carol'): CaseSpec {
  return {
    start: 'member',
    ...spec,
    make: (cast, broken) => commits(cast, who, { path: broken ? tamper(cast) : {} }),
  }
}

const nodes = (change: (nodes: readonly UpdatePathNode[]) => readonly UpdatePathNode[]): (() => PathTampering) => {
  return () => ({ nodes: change })
}

const ciphertexts = (
  at: number,
  change: (sealed: UpdatePathNode['encryptedPathSecret']) => UpdatePathNode['encryptedPathSecret'],
): (() => PathTampering) =>
  nodes((all) =>
    all.map((node, i) => (i === at ? { ...node, encryptedPathSecret: change(node.encryptedPathSecret) } : node)),
  )

const last = <T>(values: readonly T[]): T => {
  const value = values.at(-1)
  if (value === undefined) throw new Error('there is nothing')
  return value
}

const lengthCases: CaseSpec[] = [
  pathCase(
    {
      name: 'path-too-short',
      about: 'the path lacks its last node, the root',
      rows: [41],
      sections: ['7.6', '12.4.2'],
      code: 'PATH_LENGTH',
    },
    nodes((all) => all.slice(0, -1)),
  ),
  pathCase(
    {
      name: 'path-too-long',
      about: 'the path has a node more than the filtered direct path',
      rows: [41],
      sections: ['7.6', '12.4.2'],
      code: 'PATH_LENGTH',
    },
    nodes((all) => [...all, { ...last(all), encryptionKey: new Uint8Array(32).fill(3) }]),
  ),
  pathCase(
    {
      name: 'path-empty',
      about: 'the path has no nodes',
      rows: [41],
      sections: ['7.6', '12.4.2'],
      code: 'PATH_LENGTH',
    },
    nodes(() => []),
  ),
  pathCase(
    {
      name: 'path-of-the-unfiltered-direct-path',
      about: 'the path has a node whose copath child has an empty resolution',
      rows: [41],
      sections: ['4.1.2', '7.6'],
      start: 'holes',
      code: 'PATH_LENGTH',
    },
    // Erin is alone in her half of the tree: her filtered direct path is the root.
    nodes((all) => [{ encryptionKey: new Uint8Array(32).fill(3), encryptedPathSecret: [] }, ...all]),
    'erin',
  ),
  pathCase(
    {
      name: 'ciphertext-missing',
      about: 'the root has one ciphertext less than the resolution has nodes',
      rows: [41],
      sections: ['7.6'],
      code: 'PATH_CIPHERTEXT_COUNT',
    },
    ciphertexts(1, (sealed) => sealed.slice(1)),
  ),
  pathCase(
    {
      name: 'ciphertext-too-many',
      about: 'the root has a ciphertext more than the resolution has nodes',
      rows: [41],
      sections: ['7.6'],
      code: 'PATH_CIPHERTEXT_COUNT',
    },
    ciphertexts(1, (sealed) => [...sealed, last(sealed)]),
  ),
  pathCase(
    {
      name: 'ciphertext-missing-for-somebody-else',
      about: 'a node that does not concern the receiver has no ciphertexts',
      rows: [41],
      sections: ['7.6'],
      code: 'PATH_CIPHERTEXT_COUNT',
    },
    ciphertexts(0, () => []),
  ),
  {
    name: 'ciphertext-for-a-new-member',
    about: 'the path is also encrypted to the leaf that the commit adds',
    rows: [41],
    sections: ['7.5', '7.6'],
    start: 'member',
    code: 'PATH_CIPHERTEXT_COUNT',
    make: (cast, broken) => {
      const { keyPackage } = personOf(cast, 'erin').keyPackage
      return commits(cast, 'carol', {
        proposals: [{ proposalType: 1, keyPackage }],
        path: broken ? { excluded: new Set() } : {},
      })
    },
  },
  pathCase(
    {
      name: 'ciphertext-missing-for-an-unmerged-leaf',
      about: 'the path is not encrypted to an unmerged leaf, as if it were new',
      rows: [41],
      sections: ['4.1.1', '7.6'],
      start: 'holes',
      code: 'PATH_CIPHERTEXT_COUNT',
    },
    () => ({ excluded: new Set([2]) }),
    'erin',
  ),
]

const keyCases: CaseSpec[] = [
  pathCase(
    {
      name: 'path-key-of-a-member',
      about: "a path key is another member's leaf key",
      rows: [42],
      sections: ['12.4.2', '16.7'],
      code: 'PATH_KEY_REUSED',
    },
    (cast) => {
      const key = leafAt(stateOf(cast, 'carol').tree, 0)?.encryptionKey
      return { publicKeys: ([first, ...rest]) => [key ?? first ?? new Uint8Array(0), ...rest] }
    },
  ),
  pathCase(
    {
      name: 'path-key-unchanged',
      about: 'a path key is the one that its node had before',
      rows: [42],
      sections: ['12.4.2', '16.7'],
      code: 'PATH_KEY_REUSED',
    },
    (cast) => {
      const { root } = stateOf(cast, 'carol').tree
      const key = root instanceof Branch && root.right instanceof Branch && root.right.parentNode?.encryptionKey
      return { publicKeys: ([first, ...rest]) => [key || (first ?? new Uint8Array(0)), ...rest] }
    },
  ),
  pathCase(
    {
      name: 'path-key-twice',
      about: 'two nodes of a path have the same key',
      rows: [42],
      sections: ['12.4.2', '16.7'],
      code: 'PATH_KEY_REUSED',
    },
    () => ({ publicKeys: (keys) => keys.map(() => last(keys)) }),
  ),
  pathCase(
    {
      name: 'path-key-of-its-own-leaf',
      about: "a path key is the new key of the path's leaf",
      rows: [42],
      sections: ['12.4.2', '16.7'],
      code: 'PATH_KEY_REUSED',
    },
    () => ({ publicKeys: (keys, leafKey) => [leafKey, ...keys.slice(1)] }),
  ),
  pathCase(
    {
      name: 'path-leaf-key-of-a-member',
      about: "the key of a path's leaf is another member's",
      rows: [26, 42],
      sections: ['12.4.2', '16.7'],
      code: 'PATH_KEY_REUSED',
    },
    (cast) => {
      const leafKeyPair = stateOf(cast, 'dave').own.privateKeys.get(6)
      return leafKeyPair === undefined ? {} : { leafKeyPair }
    },
  ),
  {
    name: 'path-key-of-a-new-member',
    about: 'a path key is the leaf key of the member that the commit adds',
    rows: [42],
    sections: ['12.4.2', '16.7'],
    start: 'member',
    code: 'PATH_KEY_REUSED',
    make: (cast, broken) => {
      const { keyPackage } = personOf(cast, 'erin').keyPackage
      const { encryptionKey } = keyPackage.leafNode
      return commits(cast, 'carol', {
        proposals: [{ proposalType: 1, keyPackage }],
        path: broken ? { publicKeys: (keys) => [encryptionKey, ...keys.slice(1)] } : {},
      })
    },
  },
  pathCase(
    {
      name: 'path-key-short',
      about: 'a path key is a byte short',
      rows: [61],
      sections: ['5.1.1', '7.6'],
      code: 'TREE_KEY_INVALID',
    },
    () => ({ publicKeys: ([first, ...rest]) => [(first ?? new Uint8Array(0)).slice(1), ...rest] }),
  ),
  pathCase(
    {
      name: 'path-key-of-small-order',
      about: 'a path key leads to a Diffie-Hellman result of zeros',
      rows: [61],
      traps: ['hpke-bounds'],
      sections: ['5.1.1', '9180 §7.1.4'],
      code: 'TREE_KEY_INVALID',
    },
    () => ({ publicKeys: ([, ...rest]) => [new Uint8Array(32), ...rest] }),
  ),
]

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
