// What others leave in this client's inbox (spec/inbox.md): opened, put into effect once, and kept so that it does not come
// again. What is too large for the topic is fetched.

import { toHex } from '../bytes.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError } from '../errors.ts'
import type { FrameArchive } from '../topics/frame-archive.ts'
import type { FramePointer } from '../topics/frame-fetch.ts'
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
  /** Puts a Welcome into effect and archives its frame. @throws CoterieError what `joinGroup` throws */
  takeWelcome(welcome: Uint8Array, frame: Frame): Promise<void>
  /** Fetches a large frame. @param from - who is asked first */
  want(pointer: FramePointer, from: string): void
  warn(error: CoterieError): void
}

export class Inbox {
  readonly #host: InboxHost

  constructor(host: InboxHost) {
    this.#host = host
  }

  get topic(): string {
    return this.#host.inbox.channel.topic.name
  }

  /** What came by the topic: junk is not passed on. */
  async hear(bytes: Uint8Array, from: string): Promise<Verdict> {
    if (bytes.length > MAX_FRAME_BYTES) return 'reject'
    let frame: Frame
    try {
      frame = await readFrame(this.#host.wire, this.topic, bytes)
    } catch (error) {
      if (!CoterieError.is(error) || error.origin !== 'peer') throw error
      this.#host.warn(error)
      return 'reject'
    }
    return this.#host.turns.run(() => this.#takeFrame(frame, from))
  }

  /** What came by another way. What cannot be used is told and forgotten. */
  async take(frames: readonly Frame[], from: string): Promise<void> {
    for (const frame of frames) await this.#host.turns.run(() => this.#takeFrame(frame, from))
  }

  async #takeFrame(frame: Frame, from: string): Promise<Verdict> {
    const { archive, warn } = this.#host
    if (await archive.has(this.topic, toHex(frame.id))) return 'ignore'
    try {
      await this.#use(await this.#open(frame), frame, from)
      return 'accept'
    } catch (error) {
      if (!CoterieError.is(error) || error.origin !== 'peer') throw error
      warn(error)
      // It is as useless the next time, and would be given to this client again and again.
      if (!error.retryable) await archive.write([frame])
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

  async #use({ kind, body }: InboxMessage, frame: Frame, from: string): Promise<void> {
    if (kind === InboxKind.welcome) return this.#host.takeWelcome(body, frame)
    if (kind === InboxKind.pointer) this.#host.want({ topic: this.topic, ...decodePointer(body) }, from)
    await this.#host.archive.write([frame])
  }
}
