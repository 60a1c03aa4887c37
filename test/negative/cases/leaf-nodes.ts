// Leaf nodes that may not enter a group: in Updates and in the paths of commits (RFC 9420 §5.3, §7.2, §7.3).
import { toHex, utf8 } from '../../../src/bytes.ts'
import { basicCredential, type LeafNodeOrigin } from '../../../src/mls.ts'
import { EXTRA_CREDENTIAL, IMPOSTOR, stateOf } from '../cast.ts'
import { demanding, four } from './groups.ts'
import { capabilityCases } from './leaf-nodes/capabilities.ts'
import { keyCases } from './leaf-nodes/keys.ts'
import { bothCases, pathCase, saying, type Tamper, updateCase } from './leaf-nodes/make.ts'
import type { CaseSpec, Chapter } from './scene.ts'
import { seeded } from './suites.ts'

const withOrigin = (origin: LeafNodeOrigin): Tamper => saying(() => ({ origin }))

const lifetime = { notBefore: 1_772_000_000n, notAfter: 1_775_000_000n }

const signatureCases: CaseSpec[] = [
  ...bothCases(
    {
      name: 'leaf-signed-by-another',
      about: "leaf node is signed with another member's key",
      rows: [19],
      sections: ['7.2', '7.3'],
      code: 'LEAF_SIGNATURE',
    },
    (cast) => ({ signer: stateOf(cast, 'bob').own.signatureKeyPair }),
  ),
  ...bothCases(
    {
      name: 'leaf-signed-for-another-index',
      about: 'leaf node is signed for another leaf index',
      rows: [19],
      sections: ['7.2', '7.3'],
      code: 'LEAF_SIGNATURE',
    },
    (cast) => ({ place: { groupId: stateOf(cast, 'alice').groupContext.groupId, leafIndex: 1 } }),
  ),
  ...bothCases(
    {
      name: 'leaf-signed-for-another-group',
      about: 'leaf node is signed for another group',
      rows: [19],
      sections: ['7.2', '7.3'],
      code: 'LEAF_SIGNATURE',
    },
    (_, leafIndex) => ({ place: { groupId: utf8('another group'), leafIndex } }),
  ),
  ...bothCases(
    {
      name: 'leaf-changed-after-signing',
      about: 'leaf node says more than its signature covers',
      rows: [19],
      sections: ['7.2', '7.3'],
      code: 'LEAF_SIGNATURE',
    },
    () => ({ signed: (leaf) => ({ ...leaf, capabilities: { ...leaf.capabilities, proposals: [0xf00d] } }) }),
  ),
]

const sourceCases: CaseSpec[] = [
  updateCase(
    {
      name: 'update-with-source-commit',
      about: "an Update's leaf node has the source commit",
      rows: [20],
      sections: ['7.3'],
      code: 'LEAF_SOURCE',
    },
    withOrigin({ source: 3, parentHash: new Uint8Array(32) }),
  ),
  updateCase(
    {
      name: 'update-with-source-key-package',
      about: "an Update's leaf node has the source key_package",
      rows: [20],
      sections: ['7.3'],
      code: 'LEAF_SOURCE',
    },
    withOrigin({ source: 1, lifetime }),
  ),
  pathCase(
    {
      name: 'path-with-source-update',
      about: "a commit's leaf node has the source update",
      rows: [20],
      sections: ['7.3', '12.4.2'],
      code: 'LEAF_SOURCE',
    },
    withOrigin({ source: 2 }),
  ),
  pathCase(
    {
      name: 'path-with-source-key-package',
      about: "a commit's leaf node has the source key_package",
      rows: [20],
      sections: ['7.3', '12.4.2'],
      code: 'LEAF_SOURCE',
    },
    withOrigin({ source: 1, lifetime }),
  ),
]

const credentialCases: CaseSpec[] = [
  ...bothCases(
    {
      name: 'identity-changed',
      about: 'leaf node has the credential of another identity',
      rows: [21],
      sections: ['5.3.1', '7.3'],
      code: 'LEAF_IDENTITY_CHANGED',
    },
    saying(() => ({ credential: basicCredential(utf8('somebody else')) })),
  ),
  updateCase(
    {
      name: 'update-of-an-impostor',
      about: "an Update's credential is one that the authentication service does not vouch for",
      rows: [21],
      sections: ['5.3.1', '7.3'],
      start: 'vigilant',
      code: 'LEAF_CREDENTIAL_INVALID',
    },
    saying(() => ({ credential: basicCredential(IMPOSTOR) })),
  ),
  ...bothCases(
    {
      name: 'credential-type-unlisted',
      about: "leaf node does not list its own credential's type",
      rows: [23],
      sections: ['7.2', '7.3'],
      code: 'LEAF_CREDENTIAL_UNSUPPORTED',
    },
    saying((leaf) => ({ capabilities: { ...leaf.capabilities, credentials: [EXTRA_CREDENTIAL] } })),
  ),
]

export const leafNodes: Chapter = {
  file: 'leaf-nodes',
  description: 'Leaf nodes that may not enter a group, in Updates and in the paths of commits.',
  async scenes() {
    const cast = await four(seeded(1, 'leaf nodes'))
    return {
      member: { cast, receiver: 'bob' },
      vigilant: { cast, receiver: 'bob', start: { refused_identities: [toHex(IMPOSTOR)] } },
      demanding: { cast: await demanding(seeded(1, 'leaf nodes demanding')), receiver: 'bob' },
    }
  },
  cases: [...signatureCases, ...sourceCases, ...credentialCases, ...capabilityCases, ...keyCases],
}
