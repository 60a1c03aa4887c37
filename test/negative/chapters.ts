// The chapters of the negative suite, one for each of its files.
import { additions } from './cases/adds.ts'
import { certificates } from './cases/certificates.ts'
import { codec } from './cases/codec.ts'
import { externalJoins } from './cases/external-joins.ts'
import { framing } from './cases/framing.ts'
import { keyPackages } from './cases/key-packages.ts'
import { leafNodes } from './cases/leaf-nodes.ts'
import { order } from './cases/order.ts'
import { otherSuites } from './cases/other-suites.ts'
import { outsiders } from './cases/outsiders.ts'
import { preSharedKeys } from './cases/pre-shared-keys.ts'
import { privateMessages } from './cases/private-messages.ts'
import { proposalLists } from './cases/proposal-lists.ts'
import type { Chapter } from './cases/scene.ts'
import { successions } from './cases/successions.ts'
import { trees } from './cases/trees.ts'
import { updatePaths } from './cases/update-paths.ts'
import { welcomes } from './cases/welcomes.ts'

export const CHAPTERS: readonly Chapter[] = [
  codec,
  framing,
  privateMessages,
  leafNodes,
  keyPackages,
  additions,
  proposalLists,
  preSharedKeys,
  order,
  updatePaths,
  outsiders,
  trees,
  welcomes,
  successions,
  externalJoins,
  otherSuites,
  certificates,
]
