// A flood of frames under many names, one after the other: who is not heard any more comes back as somebody else.

import { RawGossip } from './raw-gossip.ts'

export interface FloodOptions {
  readonly address: string
  readonly topic: string
  readonly frames: number
  /** How many names the frames are spread over. */
  readonly names: number
  /** Makes a number of frames. */
  make(count: number): Promise<readonly Uint8Array[]>
}

/** How it went. */
export interface Flooded {
  readonly thrown: number
  /** How often the victim ended a stream, or did not take anything. */
  readonly cutOff: number
  readonly ms: number
}

export async function flood({ address, topic, frames, names, make }: FloodOptions): Promise<Flooded> {
  const startedMs = performance.now()
  const ofName = Math.ceil(frames / names)
  let [thrown, cutOff] = [0, 0]
  while (thrown < frames && cutOff < 10 * names) {
    const raw = await RawGossip.dial(address, topic).catch(() => undefined)
    const upTo = Math.min(frames, thrown + ofName)
    try {
      while (raw !== undefined && thrown < upTo) {
        const batch = await make(Math.min(BATCH, upTo - thrown))
        await raw.publish(topic, batch)
        thrown += batch.length
      }
      if (raw === undefined) cutOff++
    } catch {
      cutOff++
    }
    await raw?.stop()
  }
  return { thrown, cutOff, ms: performance.now() - startedMs }
}

/** In one message of gossip. */
const BATCH = 250
