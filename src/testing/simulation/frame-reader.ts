// Reads each frame once: all devices of a simulation see the same bytes.

import type { CipherSuite } from '../../crypto/labels.ts'
import { CoterieError } from '../../errors.ts'
import { type Frame, readFrame } from '../../wire/frame.ts'

interface ReadFrame {
  readonly topic: string
  /** Undefined where the frame is none, or is not signed. */
  readonly frame: Frame | undefined
}

export class FrameReader {
  readonly #known = new WeakMap<Uint8Array, ReadFrame>()

  /** What anyone on the topic can check; undefined where it does not pass. */
  async read(wire: CipherSuite, topic: string, bytes: Uint8Array): Promise<Frame | undefined> {
    const known = this.#known.get(bytes)
    if (known?.topic === topic) return known.frame
    const frame = await readOrRefuse(wire, topic, bytes)
    this.#known.set(bytes, { topic, frame })
    return frame
  }
}

async function readOrRefuse(wire: CipherSuite, topic: string, bytes: Uint8Array): Promise<Frame | undefined> {
  try {
    return await readFrame(wire, topic, bytes)
  } catch (error) {
    if (!CoterieError.is(error) || error.origin !== 'peer') throw error
    return undefined
  }
}
