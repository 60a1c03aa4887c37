// The modules for ratchet tree and group, in one list.
import { passiveClient } from './passive-client.ts'
import type { VectorSuite } from './suite.ts'
import { treeMath } from './tree-math.ts'
import { treeModifications, treeOperations } from './tree-operations.ts'
import { parentHashes, pathSecrets, treeHashes, treeValidation } from './tree-validation.ts'
import { treekem } from './treekem.ts'
import { welcome } from './welcome.ts'

export const treeAndGroup: readonly VectorSuite[] = [
  parentHashes,
  passiveClient,
  pathSecrets,
  treeHashes,
  treekem,
  treeMath,
  treeModifications,
  treeOperations,
  treeValidation,
  welcome,
]
