// How the cases of leaf nodes are made: Updates of Alice and commits of Carol whose leaf node is wrong.
import type { LeafNodeContent } from '../../../../src/mls.ts'
import { type Cast, stateOf } from '../../cast.ts'
import { forgeCommit } from '../../forge/commit.ts'
import type { LeafTampering } from '../../forge/leaf.ts'
import { knowing } from '../groups.ts'
import { type CaseSpec, commits, following, type Made, proposes } from '../scene.ts'
import { forgedUpdate, updateLeaf } from '../updates.ts'

type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>

/** What is wrong with a leaf node, given the group. The control has nothing wrong. */
export type Tamper = (cast: Cast, leafIndex: number) => LeafTampering | Promise<LeafTampering>

/** Alice proposes an Update with a wrong leaf node. */
export function updateCase(spec: Spec, tamper: Tamper): CaseSpec {
  return {
    start: 'member',
    ...spec,
    async make(cast, broken) {
      const leafNode = await updateLeaf(cast, 'alice', broken ? await tamper(cast, 0) : {})
      return proposes(cast, broken, 'alice', { proposalType: 2, leafNode }, 'carol')
    },
  }
}

/** Carol commits with a wrong leaf node in the path. */
export function pathCase(spec: Spec, tamper: Tamper): CaseSpec {
  return {
    start: 'member',
    ...spec,
    make: async (cast, broken) => commits(cast, 'carol', { path: broken ? { leaf: await tamper(cast, 2) } : {} }),
  }
}

/** The same wrong leaf node, once in an Update and once in a path. */
export function bothCases(spec: Spec, tamper: Tamper): CaseSpec[] {
  return [
    updateCase({ ...spec, name: `update-${spec.name}`, about: `an Update's ${spec.about}` }, tamper),
    pathCase({ ...spec, name: `path-${spec.name}`, about: `a commit's ${spec.about}` }, tamper),
  ]
}

export const saying =
  (change: (leaf: LeafNodeContent) => Partial<LeafNodeContent>): Tamper =>
  () => ({ content: (leaf) => ({ ...leaf, ...change(leaf) }) })

/** An Update of Alice as it is sent, and a commit of it. */
export async function committedUpdate(cast: Cast, tamper: Tamper, committer = 'carol'): Promise<Made> {
  const update = await forgedUpdate(cast, 'alice', await tamper(cast, 0))
  const { state, reference } = knowing(stateOf(cast, committer), update)
  return following(await forgeCommit(state, { references: [reference] }), [update])
}
