// Paths and lists of ciphertexts that are too short or too long (RFC 9420 §7.6).
import { personOf } from '../../cast.ts'
import { type CaseSpec, commits } from '../scene.ts'
import { ciphertexts, last, nodes, pathCase } from './make.ts'

export const lengthCases: CaseSpec[] = [
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
