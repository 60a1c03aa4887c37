// External commits with too much, too little or the wrong thing in them (RFC 9420 §12.2, §12.4.3.2).
import { utf8 } from '../../../../src/bytes.ts'
import { EXTRA_PROPOSAL, personOf, stateOf } from '../../cast.ts'
import { forgeExternalCommit } from '../../forge/commit.ts'
import { knowing } from '../groups.ts'
import { type CaseSpec, following, sends } from '../scene.ts'
import { joinCase, remove } from './make.ts'

export const formCases: CaseSpec[] = [
  joinCase(
    {
      name: 'external-commit-without-init',
      about: 'an external commit has no ExternalInit',
      rows: [46],
      sections: ['12.2', '12.4.3.2'],
      code: 'COMMIT_EXTERNAL_FORM',
    },
    () => ({ inits: () => [] }),
  ),
  joinCase(
    {
      name: 'external-commit-with-two-inits',
      about: 'an external commit has two ExternalInits, which are the same',
      rows: [46],
      sections: ['12.2', '12.4.3.2'],
      code: 'COMMIT_EXTERNAL_FORM',
    },
    () => ({ inits: (init) => [init, init] }),
  ),
  joinCase(
    {
      name: 'external-commit-with-two-removes',
      about: 'an external commit removes two members',
      rows: [46],
      sections: ['12.2', '12.4.3.2'],
      code: 'COMMIT_EXTERNAL_FORM',
    },
    () => ({ proposals: [remove(0), remove(3)] }),
  ),
  joinCase(
    {
      name: 'external-commit-with-an-add',
      about: 'an external commit adds somebody else',
      rows: [46],
      sections: ['12.2', '12.4.3.2'],
      code: 'COMMIT_EXTERNAL_FORM',
    },
    (cast) => ({ proposals: [{ proposalType: 1, keyPackage: personOf(cast, 'frank').keyPackage.keyPackage }] }),
  ),
  joinCase(
    {
      name: 'external-commit-with-extensions',
      about: 'an external commit changes the extensions',
      rows: [46],
      sections: ['12.2', '12.4.3.2'],
      code: 'COMMIT_EXTERNAL_FORM',
    },
    () => ({ proposals: [{ proposalType: 7, extensions: [] }] }),
  ),
  joinCase(
    {
      name: 'external-commit-with-an-update',
      about: 'an external commit has an Update',
      rows: [46],
      sections: ['12.2', '12.4.3.2'],
      code: 'COMMIT_EXTERNAL_FORM',
    },
    (cast) => ({ proposals: [{ proposalType: 2, leafNode: personOf(cast, 'frank').keyPackage.keyPackage.leafNode }] }),
  ),
  joinCase(
    {
      name: 'external-commit-with-a-custom-type',
      about: 'an external commit has a proposal of a type that the RFC does not know',
      rows: [46],
      sections: ['12.2', '12.4.3.2'],
      code: 'COMMIT_EXTERNAL_FORM',
    },
    () => ({ proposals: [{ proposalType: EXTRA_PROPOSAL, data: utf8('for private use') }] }),
  ),
  {
    name: 'external-commit-by-reference',
    about: 'an external commit refers to a proposal that was sent in the group',
    rows: [46],
    sections: ['12.4.3.2'],
    start: 'member',
    code: 'COMMIT_EXTERNAL_FORM',
    async make(cast, broken) {
      const proposal = await sends(stateOf(cast, 'alice'), remove(3))
      const { state, reference } = knowing(stateOf(cast, 'carol'), proposal)
      const forgery = broken ? { references: [reference] } : {}
      return following(await forgeExternalCommit(state, personOf(cast, 'erin').client, forgery), [proposal])
    },
  },
  joinCase(
    {
      name: 'external-commit-without-path',
      about: 'an external commit has no path',
      rows: [10, 40, 46],
      sections: ['12.4.3.2'],
      code: 'COMMIT_PATH_MISSING',
    },
    () => ({ path: 'none' }),
  ),
  joinCase(
    {
      name: 'external-commit-in-another-place',
      about: 'the joiner takes another leaf than the leftmost blank one, and signs for it',
      rows: [45, 19],
      sections: ['12.4.2', '12.4.3.2'],
      start: 'gaps',
      code: 'LEAF_SIGNATURE',
    },
    () => ({ leafIndex: 5 }),
  ),
  joinCase(
    {
      name: 'external-init-of-zeros',
      about: 'the KEM output of the ExternalInit leads to a Diffie-Hellman result of zeros',
      rows: [61],
      traps: ['hpke-bounds'],
      sections: ['8.3', '9180 §7.1.4'],
      code: 'CRYPTO_OPEN_FAILED',
    },
    () => ({ inits: () => [{ proposalType: 6, kemOutput: new Uint8Array(32) }] }),
  ),
  joinCase(
    {
      name: 'external-init-too-short',
      about: 'the KEM output of the ExternalInit is a byte short',
      rows: [61],
      traps: ['hpke-bounds'],
      sections: ['8.3', '9180 §7.1.4'],
      code: 'CRYPTO_OPEN_FAILED',
    },
    () => ({ inits: () => [{ proposalType: 6, kemOutput: new Uint8Array(31).fill(9) }] }),
  ),
  joinCase(
    {
      name: 'external-init-of-another-secret',
      about: 'the ExternalInit does not carry the init secret that the joiner uses',
      rows: [14],
      sections: ['8.3', '12.4.2'],
      code: 'COMMIT_CONFIRMATION_TAG',
    },
    () => ({ inits: () => [{ proposalType: 6, kemOutput: Uint8Array.of(9, ...new Uint8Array(31)) }] }),
  ),
]
