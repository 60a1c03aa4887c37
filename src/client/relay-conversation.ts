// What a client asks of a relay, over one direct stream (spec/relay.md).

import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import { TimedStream } from '../topics/timed-stream.ts'
import type { MessageStream, Transport } from '../transport/transport.ts'
import {
  CHALLENGE_BYTES,
  type DepositRequest,
  decodeRelayAnswer,
  encodeRelayRequest,
  RELAY_PROTOCOL,
  type RelayAnswer,
  type RelayRequest,
  relayRequestContent,
} from '../wire/relay-messages.ts'
import type { TopicKeys } from '../wire/topic.ts'

/** A key package that a relay gave. */
export interface GivenKeyPackage {
  /** A `KeyPackage`. To be checked: a relay may give anything. */
  readonly keyPackage: Uint8Array
  readonly isLastResort: boolean
}

export class RelayConversation {
  readonly #wire: CipherSuite
  readonly #client: string
  readonly #stream: TimedStream
  readonly #challenge: Uint8Array

  private constructor(wire: CipherSuite, client: string, stream: TimedStream, challenge: Uint8Array) {
    this.#wire = wire
    this.#client = client
    this.#stream = stream
    this.#challenge = challenge
  }

  /** Holds a conversation with a relay. @throws CoterieError `RELAY_*`, `SYNC_*`, `TRANSPORT_*`, and what `talk` throws */
  static async with<T>(
    { wire, transport }: { readonly wire: CipherSuite; readonly transport: Transport },
    relay: string,
    talk: (conversation: RelayConversation) => Promise<T>,
  ): Promise<T> {
    const stream: MessageStream = await transport.open(relay, RELAY_PROTOCOL)
    try {
      const timed = new TimedStream(stream, TIME_LIMITS)
      const challenge = await timed.receive()
      if (challenge.length !== CHALLENGE_BYTES) fail('RELAY_MALFORMED', 'a relay that gives no challenge')
      const result = await talk(new RelayConversation(wire, transport.peer, timed, challenge))
      await stream.close()
      return result
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
  }

  /**
   * Asks to carry a topic.
   * @param isMailbox - whether many leave things in it for one owner, who alone takes them
   * @returns for how many seconds it does
   */
  async pin({ keyPair }: TopicKeys, seconds: number, isMailbox: boolean): Promise<number> {
    const answer = await this.#ask({ kind: 'pin', topic: keyPair.publicKey, seconds, isMailbox }, keyPair)
    return answer.kind === 'pinned' ? answer.seconds : unexpected(answer)
  }

  /** Leaves key packages. @returns how many that can be handed out once are there now */
  async deposit(device: KeyPair, packages: Pick<DepositRequest, 'stock' | 'oneTime' | 'lastResort'>): Promise<number> {
    const answer = await this.#ask({ kind: 'deposit', device: device.publicKey, ...packages }, device)
    return answer.kind === 'deposited' ? answer.oneTime : unexpected(answer)
  }

  /** Takes a key package of somebody's device; undefined where there is none. @param stock - see `stockKeys` */
  async take(device: Uint8Array, stock: KeyPair): Promise<GivenKeyPackage | undefined> {
    const answer = await this.#ask({ kind: 'take', device }, stock)
    if (answer.kind === 'none') return undefined
    return answer.kind === 'taken' ? answer : unexpected(answer)
  }

  async #ask(request: RelayRequest, signer: KeyPair): Promise<RelayAnswer> {
    const terms = { challenge: this.#challenge, client: this.#client, relay: this.#stream.peer }
    const signature = await this.#wire.signature.sign(signer.privateKey, relayRequestContent(request, terms))
    await this.#stream.send(encodeRelayRequest({ request, signature }))
    return decodeRelayAnswer(await this.#stream.receive())
  }
}

function unexpected(answer: RelayAnswer): never {
  if (answer.kind !== 'refused') return fail('RELAY_MALFORMED', 'an answer to something else')
  return answer.retry
    ? fail('RELAY_BUSY', 'a relay refuses for now')
    : fail('RELAY_REFUSED', 'a relay refuses a request')
}

/** A relay that is asked for a key package keeps somebody waiting. */
const TIME_LIMITS = { stepMs: 10_000, totalMs: 60_000 }
