// The modules for codec, key schedule and framing, in one list.
import { cryptoBasics, labelledSignatures } from './crypto-basics.ts'
import { exporter, keySchedule, pskSecret, transcriptHashes } from './key-schedule.ts'
import { messageProtection } from './message-protection.ts'
import { deserialization, keyPackageReferences, messages, proposalReferences } from './messages.ts'
import { reuseGuard, secretTree, senderDataKeys } from './secret-tree.ts'
import type { VectorSuite } from './suite.ts'

export const scheduleAndFraming: readonly VectorSuite[] = [
  cryptoBasics,
  deserialization,
  exporter,
  keyPackageReferences,
  keySchedule,
  labelledSignatures,
  messageProtection,
  messages,
  proposalReferences,
  pskSecret,
  reuseGuard,
  secretTree,
  senderDataKeys,
  transcriptHashes,
]
