// What a Byzantine member has to work with.

import type { OutboundFrame } from '../../session/effects.ts'
import type { SimulatedDevice } from './device.ts'
import type { SimulatedNetwork, Station } from './network.ts'
import type { SeededRandom } from './seeded-random.ts'
import type { VirtualClock } from './virtual-clock.ts'

export interface Misdoing {
  readonly device: SimulatedDevice
  readonly others: readonly SimulatedDevice[]
  readonly network: SimulatedNetwork
  readonly clock: VirtualClock
  readonly random: SeededRandom
  /** From 1 to 12: how old, how many, how long. */
  readonly strength: number
}

/** Sends frames that no session of the device knows of. */
export function publish(
  { device, network }: Misdoing,
  frames: readonly Pick<OutboundFrame, 'topic' | 'bytes'>[],
  only?: (to: Station) => boolean,
): void {
  if (!device.online) return
  for (const { topic, bytes } of frames) network.publish(device, topic, bytes, only)
}
