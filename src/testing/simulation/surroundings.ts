// What all devices of a simulation share.

import type { SessionSettings } from '../../session/settings.ts'
import type { FrameReader } from './frame-reader.ts'
import type { Ledger } from './ledger.ts'
import type { SimulatedNetwork } from './network.ts'
import type { Trace } from './trace.ts'
import type { VirtualClock } from './virtual-clock.ts'

export interface Surroundings {
  readonly clock: VirtualClock
  readonly network: SimulatedNetwork
  readonly frames: FrameReader
  readonly ledger: Ledger
  readonly trace: Trace
  readonly settings: Partial<SessionSettings>
}
