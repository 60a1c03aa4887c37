// Every module of the conformance run. Nothing here reads files or knows the runtime, so browsers can run it too.
import { hpkeVectors } from './hpke.ts'
import { mlsRsPrimitives } from './mls-rs-primitives.ts'
import { outOfScope } from './out-of-scope.ts'
import { scheduleAndFraming } from './schedule-framing.ts'
import type { VectorSuite } from './suite.ts'
import { treeAndGroup } from './tree-and-group.ts'
import { wycheproof } from './wycheproof.ts'

export const allSuites: readonly VectorSuite[] = [
  hpkeVectors,
  wycheproof,
  ...mlsRsPrimitives,
  ...scheduleAndFraming,
  ...treeAndGroup,
  ...outOfScope,
]
