// Back-pressure that gossipsub itself does not have: a peer whose frames come faster than they are judged is not read from
// until they are, so that what it sends waits with it and not in this process's memory.

import type { GossipSub } from '@libp2p/gossipsub'
import type { PeerId } from '../transport.ts'

/** Stops or goes on reading what a peer sends over gossip. Does nothing where its stream cannot be seen, or has ended. */
export function holdBack(pubsub: GossipSub, peer: PeerId, isFull: boolean): void {
  const stream = streamFrom(pubsub, peer)
  if (stream === undefined) return
  try {
    if (isFull && stream.readStatus === 'readable') {
      // The other side may fill its window meanwhile; with less room than that the stream would be reset.
      stream.maxReadBufferLength = READ_BUFFER_BYTES
      stream.pause()
    } else if (!isFull && stream.readStatus === 'paused') stream.resume()
  } catch {
    // The stream has ended; so has what it would bring.
  }
}

interface Pausable {
  readonly readStatus: string
  maxReadBufferLength: number
  pause(): void
  resume(): void
}

/** Not part of gossipsub's interface. */
function streamFrom(pubsub: GossipSub, peer: PeerId): Pausable | undefined {
  if (!('streamsInbound' in pubsub) || !(pubsub.streamsInbound instanceof Map)) return undefined
  const inbound: unknown = pubsub.streamsInbound.get(peer)
  if (typeof inbound !== 'object' || inbound === null || !('rawStream' in inbound)) return undefined
  const { rawStream } = inbound
  return isPausable(rawStream) ? rawStream : undefined
}

function isPausable(stream: unknown): stream is Pausable {
  return (
    typeof stream === 'object' &&
    stream !== null &&
    'readStatus' in stream &&
    'pause' in stream &&
    typeof stream.pause === 'function' &&
    'resume' in stream &&
    typeof stream.resume === 'function'
  )
}

/** More than the largest window that yamux grows to. */
const READ_BUFFER_BYTES = 32 * 1024 * 1024
