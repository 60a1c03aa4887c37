// Leaves that a joiner must not accept (RFC 9420 §7.3, §12.4.3.1).
import { utf8 } from '../../../../src/bytes.ts'
import { basicCredential, type LeafNodeContent } from '../../../../src/mls.ts'
import { addLeaves } from '../../../../src/tree/ratchet-tree.ts'
import { EXTRA_CREDENTIAL, IMPOSTOR, NOW_MS, personOf, stateOf } from '../../cast.ts'
import { leafOf, withLeaf, withSignedLeaf } from '../../forge/tree.ts'
import type { CaseSpec } from '../scene.ts'
import { bothResealed, member, treeCase } from './make.ts'

export const leafCases: CaseSpec[] = [
  treeCase(
    {
      name: 'tree-leaf-signature',
      about: 'an unmerged leaf of the tree has a wrong signature',
      rows: [19, 50],
      sections: ['7.3', '12.4.3.1'],
      code: 'LEAF_SIGNATURE',
    },
    (tree) => withLeaf(tree, 3, { ...leafOf(tree, 3), signature: leafOf(tree, 3).signature.map((byte) => byte ^ 1) }),
  ),
  treeCase(
    {
      name: 'tree-leaf-signed-for-another-index',
      about: 'two members have changed places: the signature of one of them is for its old leaf index',
      rows: [19, 50],
      sections: ['7.2', '7.3', '12.4.3.1'],
      code: 'LEAF_SIGNATURE',
    },
    (tree, cast) => bothResealed(withLeaf(withLeaf(tree, 2, leafOf(tree, 3)), 3, leafOf(tree, 2)), cast),
  ),
  ...(
    [
      [
        'extension-unlisted',
        'has an extension that it does not list',
        [24, 50],
        'LEAF_EXTENSION_UNSUPPORTED',
        { extensions: [{ extensionType: 0xf0aa, data: utf8('unlisted') }] },
        'joiner',
      ],
      [
        'expired',
        'expired a day ago',
        [25, 50],
        'LEAF_LIFETIME',
        { origin: { source: 1, lifetime: { notBefore: 0n, notAfter: BigInt(NOW_MS / 1000 - 86_400) } } },
        'joiner',
      ],
      [
        'valid-for-too-long',
        'is valid for longer than 366 days',
        [25, 50],
        'LEAF_LIFETIME',
        { origin: { source: 1, lifetime: { notBefore: 0n, notAfter: BigInt(NOW_MS / 1000 + 86_400) } } },
        'joiner',
      ],
      [
        'of-an-impostor',
        'has a credential that nobody vouches for',
        [21, 50],
        'LEAF_CREDENTIAL_INVALID',
        { credential: basicCredential(IMPOSTOR) },
        'vigilant',
      ],
      [
        'credential-type-unsupported',
        'has a credential type that Dave does not support',
        [23, 50],
        'LEAF_CREDENTIAL_UNSUPPORTED',
        { credential: { credentialType: EXTRA_CREDENTIAL, content: utf8('frank') } },
        'joiner',
      ],
      [
        'key-of-small-order',
        'has an encryption key that leads to a Diffie-Hellman result of zeros',
        [50, 61],
        'LEAF_KEY_INVALID',
        { encryptionKey: new Uint8Array(32) },
        'joiner',
      ],
    ] satisfies [string, string, number[], CaseSpec['code'], Partial<LeafNodeContent>, string][]
  ).map(([which, what, rows, code, change, start]) =>
    treeCase(
      {
        name: `tree-leaf-${which}`,
        about: `an unmerged leaf of the tree ${what}; its signature is right`,
        rows,
        sections: ['7.3', '12.4.3.1'],
        start,
        code,
      },
      (tree, cast) =>
        withSignedLeaf(cast.suite, tree, 3, member(cast, 'frank'), (content) => ({ ...content, ...change })),
    ),
  ),
  treeCase(
    {
      name: 'own-leaf-missing',
      about: "the joiner's leaf is not in the tree",
      rows: [50],
      sections: ['12.4.3.1'],
      code: 'JOIN_OWN_LEAF',
    },
    (_, cast) => {
      const { keyPackage } = personOf(cast, 'gina').keyPackage
      return addLeaves(stateOf(cast, 'alice').tree, [keyPackage.leafNode]).tree
    },
  ),
  treeCase(
    {
      name: 'own-leaf-of-another-key-package',
      about: "the joiner's leaf in the tree has another lifetime than in the key package",
      rows: [50],
      sections: ['12.4.3.1'],
      code: 'JOIN_OWN_LEAF',
    },
    (tree, cast) => {
      const { signatureKeyPair } = personOf(cast, 'erin').client
      const lifetime = { notBefore: BigInt(NOW_MS / 1000 - 60), notAfter: BigInt(NOW_MS / 1000 + 60) }
      return withSignedLeaf(cast.suite, tree, 6, { signatureKeyPair, groupId: new Uint8Array(0) }, (content) => ({
        ...content,
        origin: { source: 1, lifetime },
      }))
    },
  ),
]
