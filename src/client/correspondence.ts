// What a client needs to leave things for people who are in no group with it, and to take what they leave.

import type { CipherSuite } from '../crypto/labels.ts'
import type { Store } from '../storage/store.ts'
import type { FrameArchive } from '../topics/frame-archive.ts'
import type { Transport } from '../transport/transport.ts'
import type { LeftTopic } from './left-topics.ts'
import type { OwnIdentity } from './own-identity.ts'

export interface Correspondence {
  readonly suite: CipherSuite
  readonly wire: CipherSuite
  readonly store: Store
  readonly archive: FrameArchive
  readonly transport: Transport
  /** In milliseconds since the Unix epoch. */
  readonly clock: () => number
  readonly own: OwnIdentity
  /** Something was left on a topic for others. */
  noteTopic(topic: LeftTopic): void
  warn(error: unknown): void
}
