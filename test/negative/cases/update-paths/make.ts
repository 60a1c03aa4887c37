// How the cases of update paths are made: Carol commits nothing, with a wrong path.
import type { UpdatePathNode } from '../../../../src/messages/commit.ts'
import type { Cast } from '../../cast.ts'
import type { PathTampering } from '../../forge/path.ts'
import { type CaseSpec, commits } from '../scene.ts'

type Spec = Pick<CaseSpec, 'name' | 'about' | 'rows' | 'sections' | 'code'> & Partial<CaseSpec>

/** Carol commits nothing, with a wrong path. Bob is in the other half of the tree: what he decrypts is for the root. */
export function pathCase(spec: Spec, tamper: (cast: Cast) => PathTampering, who = 'carol'): CaseSpec {
  return {
    start: 'member',
    ...spec,
    make: (cast, broken) => commits(cast, who, { path: broken ? tamper(cast) : {} }),
  }
}

export const nodes = (
  change: (nodes: readonly UpdatePathNode[]) => readonly UpdatePathNode[],
): (() => PathTampering) => {
  return () => ({ nodes: change })
}

export const ciphertexts = (
  at: number,
  change: (sealed: UpdatePathNode['encryptedPathSecret']) => UpdatePathNode['encryptedPathSecret'],
): (() => PathTampering) =>
  nodes((all) =>
    all.map((node, i) => (i === at ? { ...node, encryptedPathSecret: change(node.encryptedPathSecret) } : node)),
  )

export const last = <T>(values: readonly T[]): T => {
  const value = values.at(-1)
  if (value === undefined) throw new Error('there is nothing')
  return value
}
