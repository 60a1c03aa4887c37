// What clients ask of relays, and what those answer (spec/relay.md): to carry a topic, to keep key packages for others
// (RFC 9420 §16.8), and to give one away.

import { utf8 } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { type Encoder, encode } from '../codec/writer.ts'
import { hkdfExpand } from '../crypto/hkdf.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import type { InboxAddress } from './inbox.ts'
import { TOPIC_KEY_BYTES, type TopicKeys, topicFromSeed } from './topic.ts'

/** Asks a relay to carry a topic. Signed by the topic's key. */
export interface PinRequest {
  readonly kind: 'pin'
  /** The topic's public key. */
  readonly topic: Uint8Array
  /** For how long. */
  readonly seconds: number
  /** Whether many leave things in it for one owner, who alone takes them. */
  readonly isMailbox: boolean
}

/** Leaves key packages of a device with a relay. Signed by the device's key. */
export interface DepositRequest {
  readonly kind: 'deposit'
  /** The device's signature key. */
  readonly device: Uint8Array
  /** The public key of those who may take; see `stockKeys`. */
  readonly stock: Uint8Array
  /** `KeyPackage`s, each to be handed out once. */
  readonly oneTime: readonly Uint8Array[]
  /** A `KeyPackage` that is handed out when there is no other. */
  readonly lastResort: Uint8Array | undefined
}

/** Takes a key package of a device. Signed by the key of its stock. */
export interface TakeRequest {
  readonly kind: 'take'
  /** The device's signature key. */
  readonly device: Uint8Array
}

export type RelayRequest = PinRequest | DepositRequest | TakeRequest

export interface SignedRelayRequest {
  readonly request: RelayRequest
  readonly signature: Uint8Array
}

/** Whom a request is between. Bound to both and to a challenge, so that nobody can pass on somebody else's. */
export interface RelayTerms {
  /** Of the relay, 32 bytes. */
  readonly challenge: Uint8Array
  /** The names of both on the transport. */
  readonly client: string
  readonly relay: string
}

export type RelayAnswer =
  /** @property seconds - for how long the topic is carried */
  | { readonly kind: 'pinned'; readonly seconds: number }
  /** @property oneTime - how many key packages of the device are there now that can be handed out once */
  | { readonly kind: 'deposited'; readonly oneTime: number }
  | { readonly kind: 'taken'; readonly keyPackage: Uint8Array; readonly isLastResort: boolean }
  /** There is no key package of this device. */
  | { readonly kind: 'none' }
  /** @property retry - whether it may be accepted later */
  | { readonly kind: 'refused'; readonly retry: boolean }

/** The key pair that everybody with a contact card derives to take key packages of its device. */
export async function stockKeys(suite: CipherSuite, address: InboxAddress): Promise<TopicKeys> {
  return topicFromSeed(suite, hkdfExpand(suite.hash, address.seed, utf8('coterie stock 1'), 32))
}

/** What a request's signature is over. */
export function relayRequestContent(request: RelayRequest, { challenge, client, relay }: RelayTerms): Uint8Array {
  return encode((writer) => {
    writer.fixed(LABEL)
    for (const field of [challenge, utf8(client), utf8(relay)]) writer.opaque(field)
    encodeContent(writer, request)
  }, undefined)
}

export function encodeRelayRequest({ request, signature }: SignedRelayRequest): Uint8Array {
  return encode((writer) => {
    encodeContent(writer, request)
    writer.opaque(signature)
  }, undefined)
}

/** @throws CoterieError `RELAY_MALFORMED` (peer) */
export function decodeRelayRequest(message: Uint8Array): SignedRelayRequest {
  return read((reader) => ({ request: decodeContent(reader), signature: reader.opaque() }), message)
}

export function encodeRelayAnswer(answer: RelayAnswer): Uint8Array {
  return encode((writer) => {
    writer.uint8(AnswerKind[answer.kind])
    if (answer.kind === 'pinned') writer.uint32(answer.seconds)
    if (answer.kind === 'deposited') writer.uint16(answer.oneTime)
    if (answer.kind === 'taken') {
      writer.uint8(answer.isLastResort ? 1 : 0)
      writer.opaque(answer.keyPackage)
    }
    if (answer.kind === 'refused') writer.uint8(answer.retry ? 1 : 0)
  }, undefined)
}

/** @throws CoterieError `RELAY_MALFORMED` (peer) */
export function decodeRelayAnswer(message: Uint8Array): RelayAnswer {
  return read((reader) => {
    const kind = reader.uint8()
    if (kind === AnswerKind.pinned) return { kind: 'pinned', seconds: reader.uint32() }
    if (kind === AnswerKind.deposited) return { kind: 'deposited', oneTime: reader.uint16() }
    if (kind === AnswerKind.taken) {
      return { kind: 'taken', isLastResort: flag(reader.uint8()), keyPackage: reader.opaque() }
    }
    if (kind === AnswerKind.none) return { kind: 'none' }
    if (kind === AnswerKind.refused) return { kind: 'refused', retry: flag(reader.uint8()) }
    return fail('RELAY_MALFORMED', `an unknown kind ${kind} of answer`)
  }, message)
}

const encodeContent: Encoder<RelayRequest> = (writer, request) => {
  writer.uint8(RequestKind[request.kind])
  if (request.kind === 'pin') {
    writer.fixed(request.topic)
    writer.uint32(request.seconds)
    writer.uint8(request.isMailbox ? 1 : 0)
    return
  }
  writer.opaque(request.device)
  if (request.kind === 'take') return
  writer.fixed(request.stock)
  writer.vector(request.oneTime, (inner, keyPackage) => inner.opaque(keyPackage))
  writer.optional(request.lastResort, (inner, keyPackage) => inner.opaque(keyPackage))
}

const decodeContent: Decoder<RelayRequest> = (reader) => {
  const kind = reader.uint8()
  if (kind === RequestKind.pin) {
    const [topic, seconds] = [reader.fixed(TOPIC_KEY_BYTES), reader.uint32()]
    return { kind: 'pin', topic, seconds, isMailbox: flag(reader.uint8()) }
  }
  if (kind === RequestKind.take) return { kind: 'take', device: reader.opaque() }
  if (kind !== RequestKind.deposit) return fail('RELAY_MALFORMED', `an unknown kind ${kind} of request`)
  return {
    kind: 'deposit',
    device: reader.opaque(),
    stock: reader.fixed(TOPIC_KEY_BYTES),
    oneTime: reader.vector((inner) => inner.opaque()),
    lastResort: reader.optional((inner) => inner.opaque()),
  }
}

function flag(byte: number): boolean {
  if (byte > 1) fail('RELAY_MALFORMED', 'something that is neither yes nor no')
  return byte === 1
}

function read<T>(decoder: Decoder<T>, message: Uint8Array): T {
  try {
    return decode(decoder, message)
  } catch (cause) {
    if (!CoterieError.is(cause)) throw cause
    return fail('RELAY_MALFORMED', 'a message between client and relay that cannot be parsed', { cause })
  }
}

/** The name of the protocol on the transport. */
export const RELAY_PROTOCOL = 'relay'

/** The bytes of a relay's challenge. */
export const CHALLENGE_BYTES = 32

const RequestKind = { pin: 1, deposit: 2, take: 3 } as const
const AnswerKind = { pinned: 1, deposited: 2, taken: 3, none: 4, refused: 5 } as const
const LABEL = /* @__PURE__ */ utf8('coterie relay 1')
