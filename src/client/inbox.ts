// What others leave in this client's inbox (spec/inbox.md): opened, put into effect once, and kept so that it does not come
// again. What is too large for the topic is fetched.

import { toHex } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import type { FrameArchive } from '../topics/frame-archive.ts'
import type { FramePointer } from '../topics/frame-fetch.ts'
import { TokenBuckets } from '../topics/token-buckets.ts'
import type { Sequence } from '../transport/sequence.ts'
import type { Verdict } from '../transport/transport.ts'
import { type Frame, isForKey, MAX_FRAME_BYTES, openFrame, readFrame } from '../wire/frame.ts'
import { decodePointer, InboxKind, type InboxMessage, openFromInbox } from '../wire/inbox.ts'
import type { OwnIdentity } from './own-identity.ts'

/** What an inbox works with. */
export interface InboxHost {
  readonly wire: CipherSuite
  readonly archive: FrameArchive
  readonly inbox: OwnIdentity['inbox']
  /** One thing at a time: the same frame may come by the topic and from several peers at once. */
  readonly turns: Sequence
  /**
   * Puts a Welcome into effect and archives its frame.
   * @param from - the peer that passed it on
   * @throws CoterieError what `joinGroup` throws
   */
  takeWelcome(welcome: Uint8Array, frame: Frame, from: string): Promise<void>
  /** A request by an invite link is in vain. Archives the frame. */
  takeAnswer(body: Uint8Array, frame: Frame): Promise<void>
  /** Somebody has sent their card. Archives the frame. @param from - the peer that passed it on */
  takeContact(body: Uint8Array, frame: Frame, from: string): Promise<void>
  /** In milliseconds. */
  readonly clock: () => number
  /** Whether a peer is a relay that carries this inbox: it brings what many have left. */
  isRelay(peer: string): boolean
  /** Something was not looked at as it came by the topic: whoever has it is to be asked. */
  missed(): void
  /** Fetches a large frame. @param from - who is asked first */
  want(pointer: FramePointer, from: string): void
  warn(error: CoterieError): void
}

export class Inbox {
  readonly #host: InboxHost
  readonly #heard: TokenBuckets
  readonly #given: TokenBuckets

  constructor(host: InboxHost) {
    this.#host = host
    this.#heard = new TokenBuckets(HEARD, host.clock)
    this.#given = new TokenBuckets(GIVEN, host.clock)
  }

  get topic(): string {
    return this.#host.inbox.channel.topic.name
  }

  /** What came by the topic: junk is not passed on. */
  async hear(bytes: Uint8Array, from: string): Promise<Verdict> {
    if (bytes.length > MAX_FRAME_BYTES) return 'reject'
    if (!this.#heard.take(from)) {
      this.#host.missed()
      return 'ignore'
    }
    let frame: Frame
    try {
      frame = await readFrame(this.#host.wire, this.topic, bytes)
    } catch (error) {
      if (!CoterieError.is(error) || error.origin !== 'peer') throw error
      this.#host.warn(error)
      return 'reject'
    }
    return this.#host.turns.run(() => this.#takeFrame(frame, from, (one) => this.#host.archive.write([one])))
  }

  /**
   * What came by another way. What cannot be used is told and forgotten.
   * @throws CoterieError `SYNC_LIMIT` (peer): more than one peer may leave
   */
  async take(frames: readonly Frame[], from: string): Promise<void> {
    if (!this.#host.isRelay(from) && !this.#given.take(from, frames.length)) {
      fail('SYNC_LIMIT', 'too many inbox messages of one peer')
    }
    await this.#host.turns.run(async () => {
      const done: Frame[] = []
      for (const frame of frames) {
        await this.#takeFrame(frame, from, async (one) => {
          done.push(one)
        })
      }
      // Together: each write takes as long as dozens of frames do.
      if (done.length > 0) await this.#host.archive.write(done)
    })
  }

  /** @param remember - what becomes of a frame that is dealt with, or cannot be */
  async #takeFrame(frame: Frame, from: string, remember: Remember): Promise<Verdict> {
    const { archive, warn } = this.#host
    if (await archive.has(this.topic, toHex(frame.id))) return 'ignore'
    try {
      await this.#use(await this.#open(frame), frame, from, remember)
      return 'accept'
    } catch (error) {
      if (!CoterieError.is(error) || error.origin !== 'peer') throw error
      warn(error)
      // It is as useless the next time, and would be given to this client again and again.
      if (error.retryable) return 'ignore'
      await remember(frame)
      return 'reject'
    }
  }

  async #open(frame: Frame): Promise<InboxMessage> {
    const { wire, inbox } = this.#host
    const { channel, keyPair, address } = inbox
    if (!isForKey(wire, frame, channel.frameKey)) {
      throw new CoterieError('INBOX_UNREADABLE', 'an inbox message under another key')
    }
    return openFromInbox(wire, keyPair, address, openFrame(wire, channel.frameKey, frame))
  }

  async #use({ kind, body }: InboxMessage, frame: Frame, from: string, remember: Remember): Promise<void> {
    if (kind === InboxKind.welcome) return this.#host.takeWelcome(body, frame, from)
    if (kind === InboxKind.answer) return this.#host.takeAnswer(body, frame)
    if (kind === InboxKind.contact) return this.#host.takeContact(body, frame, from)
    if (kind === InboxKind.pointer) this.#host.want({ topic: this.topic, ...decodePointer(body) }, from)
    await remember(frame)
  }
}

type Remember = (frame: Frame) => Promise<void>

/** Of one peer, by the topic: a whole class invites somebody at once, and nobody does so twice a second. */
const HEARD = { burst: 128, perSecond: 2 }
/** Of one peer that is no relay of this inbox, over streams. */
const GIVEN = { burst: 1_024, perSecond: 2 }
