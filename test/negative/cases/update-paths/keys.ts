// Path keys that are in use, or none (RFC 9420 §12.4.2, §16.7).
import { leafAt } from '../../../../src/tree/ratchet-tree.ts'
import { Branch } from '../../../../src/tree/subtree.ts'
import { personOf, stateOf } from '../../cast.ts'
import { type CaseSpec, commits } from '../scene.ts'
import { last, pathCase } from './make.ts'

export const keyCases: CaseSpec[] = [
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
