// What a relay keeps and does at most, so that nobody can use up what is there for all.

import type { ConversationLimits } from '../topics/conversations.ts'
import type { Rate } from '../topics/token-buckets.ts'

export interface RelayLimits extends ConversationLimits {
  /** Of all frames together. When there are more, the largest topics make room. */
  readonly maxBytes: number
  /** Of all topics together: what is known of each frame is in memory. */
  readonly maxFrames: number
  /** Of the frames of one topic: its oldest go first, and in a mailbox the latest of whoever left most there. */
  readonly maxTopicBytes: number
  readonly maxTopicFrames: number
  /** For how long a frame is kept, from its arrival on. */
  readonly keepMs: number
  readonly maxTopics: number
  /** For how long a topic is carried when its pin is not renewed. */
  readonly maxPinMs: number
  /** Of all key packages together. */
  readonly maxStockBytes: number
  /** Key packages of one device that are to be handed out once. */
  readonly maxOneTime: number
  readonly maxKeyPackageBytes: number
  /** For each peer: */
  readonly frames: Rate
  readonly frameBytes: Rate
  readonly requests: Rate
  /** Topics that were not carried before. */
  readonly newTopics: Rate
  readonly takes: Rate
  /** For each device: key packages that are handed out once. Beyond, the last-resort one is. */
  readonly oneTimeTakes: Rate
}

/** The limits of a relay of a certain size. @param keepMs - for how long a frame is kept */
export function relayLimits(
  maxBytes: number = GIBIBYTE,
  maxFrames: number = DEFAULT_MAX_FRAMES,
  keepMs: number = 7 * DAY_MS,
): RelayLimits {
  return {
    maxBytes,
    maxTopicBytes: Math.min(256 * MEBIBYTE, Math.ceil(maxBytes / 4)),
    maxFrames,
    maxTopicFrames: Math.ceil(maxFrames / 4),
    keepMs,
    maxTopics: 10_000,
    maxPinMs: 30 * DAY_MS,
    maxStockBytes: Math.max(16 * MEBIBYTE, Math.ceil(maxBytes / 8)),
    maxOneTime: 100,
    maxKeyPackageBytes: 16_384,
    frames: { burst: 65_536, perSecond: 64 },
    frameBytes: { burst: 128 * MEBIBYTE, perSecond: MEBIBYTE },
    requests: { burst: 2_048, perSecond: 8 },
    newTopics: { burst: 1_024, perSecond: 1 / 60 },
    takes: { burst: 64, perSecond: 1 / 30 },
    oneTimeTakes: { burst: 32, perSecond: 1 / 60 },
    maxConversations: 64,
    maxConversationsOfPeer: 8,
  }
}

/** About half a gigabyte of memory. */
const DEFAULT_MAX_FRAMES = 400_000

const MEBIBYTE = 1_048_576
const GIBIBYTE: number = 1024 * MEBIBYTE
const DAY_MS = 86_400_000
