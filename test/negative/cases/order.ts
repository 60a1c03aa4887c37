// Commits by members who applied the proposals in another order or in other places than everybody else (RFC 9420 §12.3).
import type { PreSharedKeyId, Proposal } from '../../../src/mls.ts'
import { addLeaves, type RatchetTree, replaceLeaves } from '../../../src/tree/ratchet-tree.ts'
import { Branch, blankSubtree } from '../../../src/tree/subtree.ts'
import { type Cast, PSK_ID, personOf, stateOf } from '../cast.ts'
import type { Outcome } from '../forge/apply.ts'
import type { CommitForgery } from '../forge/commit.ts'
import { four, holes } from './groups.ts'
import { type CaseSpec, type Chapter, commits } from './scene.ts'
import { seeded } from './suites.ts'

type Spec = Pick<CaseSpec, 'name' | 'about' | 'code'> & Partial<CaseSpec>

/** A commit whose outcome is another than its proposals have. */
function orderCase(
  spec: Spec,
  who: string,
  proposals: (cast: Cast) => readonly Proposal[],
  other: (cast: Cast) => CommitForgery,
  more: CommitForgery = {},
): CaseSpec {
  return {
    rows: [45],
    sections: ['12.3', '12.1.1'],
    start: 'holes',
    ...spec,
    make: (cast, broken) => commits(cast, who, { proposals: proposals(cast), ...more, ...(broken ? other(cast) : {}) }),
  }
}

const add = (cast: Cast, name: string): Proposal => ({
  proposalType: 1,
  keyPackage: personOf(cast, name).keyPackage.keyPackage,
})

const psk = (last: number): Proposal => ({ proposalType: 4, psk: pskId(last) })
const pskId = (last: number): PreSharedKeyId => ({
  pskType: 1,
  pskId: PSK_ID,
  pskNonce: Uint8Array.of(...new Uint8Array(31), last),
})

/** The leaves of the members that are added, chosen otherwise. */
function placed(base: (cast: Cast) => RatchetTree, order: (names: Outcome['added']) => Outcome['added']) {
  return (cast: Cast): CommitForgery => ({
    outcome: (outcome) => {
      const ordered = order(outcome.added)
      const { tree, leafIndices } = addLeaves(
        base(cast),
        ordered.map(({ keyPackage }) => keyPackage.leafNode),
      )
      const added = ordered.map(({ keyPackage }, i) => ({ keyPackage, leafIndex: leafIndices[i] as number }))
      return { ...outcome, tree, added }
    },
  })
}

const before = (cast: Cast): RatchetTree => stateOf(cast, 'alice').tree

const cases: CaseSpec[] = [
  orderCase(
    {
      name: 'adds-in-reverse',
      about: 'the first of two new members is given the second free leaf',
      code: 'COMMIT_CONFIRMATION_TAG',
    },
    'erin',
    (cast) => [add(cast, 'gina'), add(cast, 'hugo')],
    placed(before, (added) => [...added].reverse()),
    { path: 'none' },
  ),
  orderCase(
    {
      name: 'add-at-the-end',
      about: 'a new member is given the first leaf behind the last member, not the leftmost blank one',
      code: 'COMMIT_CONFIRMATION_TAG',
    },
    'alice',
    (cast) => [add(cast, 'gina')],
    (cast) => ({
      outcome: (outcome) => {
        const [newcomer] = outcome.added
        if (newcomer === undefined) return outcome
        const tree = replaceLeaves(before(cast), new Map([[5, newcomer.keyPackage.leafNode]]))
        return { ...outcome, tree, added: [{ ...newcomer, leafIndex: 5 }] }
      },
    }),
    { path: 'none' },
  ),
  orderCase(
    {
      name: 'add-before-remove',
      about: 'a new member is not given the leaf of a member that the same commit removes',
      code: 'TREE_PARENT_HASH',
    },
    'erin',
    (cast) => [add(cast, 'gina'), { proposalType: 3, removed: 2 }],
    (cast) => ({
      outcome: (outcome) => {
        const [newcomer] = outcome.added
        if (newcomer === undefined) return outcome
        // Leaf 3 is the only blank one among the first four before the removal.
        const { tree } = addLeaves(before(cast), [newcomer.keyPackage.leafNode])
        return {
          ...outcome,
          tree: replaceLeaves(tree, new Map([[2, undefined]])),
          added: [{ ...newcomer, leafIndex: 3 }],
        }
      },
    }),
  ),
  orderCase(
    {
      name: 'removal-without-truncation',
      about: 'the tree keeps its right half when the last member in it is removed',
      sections: ['7.7', '12.1.3'],
      code: 'PATH_DECRYPT_FAILED',
    },
    'alice',
    () => [{ proposalType: 3, removed: 4 }],
    () => ({
      outcome: (outcome) => {
        const { root } = outcome.tree
        return { ...outcome, tree: { ...outcome.tree, root: new Branch(undefined, root, blankSubtree(root.level, 4)) } }
      },
    }),
  ),
  orderCase(
    {
      name: 'path-of-the-removed-kept',
      about: 'the path of a removed member is not blanked',
      sections: ['12.1.3', '12.3'],
      code: 'PATH_LENGTH',
      start: 'member',
    },
    'carol',
    () => [{ proposalType: 3, removed: 3 }],
    (cast) => ({ outcome: (outcome) => ({ ...outcome, tree: before(cast) }) }),
  ),
  orderCase(
    {
      name: 'unmerged-leaf-not-entered',
      about: 'a new member is not entered in the unmerged leaves above it',
      sections: ['7.1', '12.1.1'],
      code: 'COMMIT_CONFIRMATION_TAG',
      start: 'holes',
    },
    'erin',
    (cast) => [add(cast, 'gina')],
    () => ({
      outcome: (outcome) => {
        const { root } = outcome.tree
        if (!(root instanceof Branch) || root.parentNode === undefined) throw new Error('the root is blank')
        const unmergedLeaves = root.parentNode.unmergedLeaves.filter((leafIndex) => leafIndex !== 3)
        const forged = new Branch({ ...root.parentNode, unmergedLeaves }, root.left, root.right)
        return { ...outcome, tree: { ...outcome.tree, root: forged } }
      },
    }),
    { path: 'none' },
  ),
  {
    name: 'psks-in-reverse',
    about: 'two PSKs enter the key schedule in another order than that of their proposals',
    rows: [45],
    sections: ['8.4', '12.1.4', '12.3'],
    start: 'member',
    code: 'COMMIT_CONFIRMATION_TAG',
    make: (cast, broken) =>
      commits(cast, 'carol', {
        proposals: [psk(1), psk(2)],
        path: 'none',
        ...(broken && { pskOrder: (ids) => [...ids].reverse() }),
      }),
  },
  {
    name: 'old-extensions',
    about: 'the new epoch keeps the extensions that the commit replaces',
    rows: [45],
    sections: ['12.1.7', '12.3'],
    start: 'member',
    code: 'PATH_DECRYPT_FAILED',
    make: (cast, broken) =>
      commits(cast, 'carol', {
        proposals: [{ proposalType: 7, extensions: [] }],
        ...(broken && {
          outcome: (outcome: Outcome) => ({
            ...outcome,
            extensions: [{ extensionType: 1, data: Uint8Array.of(1, 0) }],
          }),
        }),
      }),
  },
]

export const order: Chapter = {
  file: 'order',
  description: 'Commits by members who applied the proposals in another order or in other places than everybody else.',
  scenes: async () => ({
    member: { cast: await four(seeded(1, 'order')), receiver: 'bob' },
    holes: { cast: await holes(seeded(1, 'order holes')), receiver: 'bob' },
  }),
  cases,
}
