// How two peers prove to each other that they hold a topic's key, before either says what it has (spec/reconciliation.md).

import { concat, EMPTY, toHex, utf8 } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { CoterieError, fail } from '../errors.ts'
import { TOPIC_KEY_BYTES, type TopicKeys, topicPublicKey } from '../wire/topic.ts'
import type { TimedStream } from './timed-stream.ts'

/** What a proof is made with. */
export interface Prover {
  readonly wire: CipherSuite
  /** Own name on the transport. */
  readonly peer: string
  /** The keys of a topic that this client is on, or has left something on. */
  topicKeys(name: string): TopicKeys | undefined
  /** Whether a topic is carried here for others, without its key, as relays do (spec/relay.md). */
  carries?(name: string): boolean
  /** Whether a peer is a relay that this client uses for a topic: those do not hold the keys of what they carry. */
  isRelay?(peer: string, topic: string): boolean
}

/** What a proof is about. Bound to both peers, so that nobody can pass on somebody else's. */
interface ProofTerms {
  readonly protocol: string
  readonly topicKey: Uint8Array
  /** Of whoever verifies. */
  readonly challenge: Uint8Array
  readonly prover: string
  readonly verifier: string
}

/** Proves itself to the other side and lets that prove itself. @throws CoterieError `SYNC_PROOF`, `SYNC_MALFORMED` (peer) */
export async function proveAsking(
  prover: Prover,
  stream: TimedStream,
  protocol: string,
  topic: TopicKeys,
): Promise<void> {
  const { wire, peer } = prover
  const topicKey = topic.keyPair.publicKey
  const own = wire.randomBytes(CHALLENGE_BYTES)
  await stream.send(concat(topicKey, own))
  const challenge = decodeMessage((reader) => reader.fixed(CHALLENGE_BYTES), await stream.receive())
  await prove(prover, stream, topic, { protocol, topicKey, challenge, prover: peer, verifier: stream.peer })
  const terms = { protocol, topicKey, challenge: own, prover: stream.peer, verifier: peer }
  const proof = decodeMessage((reader) => reader.opaque(), await stream.receive())
  if (proof.length > 0 || prover.isRelay?.(stream.peer, topic.name) !== true) await verify(prover, terms, proof)
}

/**
 * Lets the other side prove itself, then does so too. Whoever cannot learns nothing, not even whether the topic is known here.
 * @throws CoterieError `SYNC_PROOF`, `SYNC_MALFORMED` (peer)
 */
export async function proveAnswering(
  prover: Prover,
  stream: TimedStream,
  protocol: string,
): Promise<Pick<TopicKeys, 'name'>> {
  const { wire, peer } = prover
  const hello = decodeMessage(
    (reader) => ({ topicKey: reader.fixed(TOPIC_KEY_BYTES), challenge: reader.fixed(CHALLENGE_BYTES) }),
    await stream.receive(),
  )
  const { topicKey } = hello
  const own = wire.randomBytes(CHALLENGE_BYTES)
  await stream.send(own)
  const proof = decodeMessage((reader) => reader.opaque(), await stream.receive())
  await verify(prover, { protocol, topicKey, challenge: own, prover: stream.peer, verifier: peer }, proof)
  const name = toHex(topicKey)
  const topic = prover.topicKeys(name)
  if (topic === undefined && prover.carries?.(name) === true) {
    await stream.send(encode((writer) => writer.opaque(EMPTY), undefined))
    return { name }
  }
  if (topic === undefined) return fail('SYNC_PROOF', 'a stream about a topic that is not known here')
  const terms = { protocol, topicKey, challenge: hello.challenge, prover: peer, verifier: stream.peer }
  await prove(prover, stream, topic, terms)
  return topic
}

/** What the topic's key signs. */
function proofContent({ protocol, topicKey, challenge, prover, verifier }: ProofTerms): Uint8Array {
  return encode((writer) => {
    writer.fixed(LABEL)
    for (const field of [utf8(protocol), topicKey, challenge, utf8(prover), utf8(verifier)]) writer.opaque(field)
  }, undefined)
}

/** Decodes a message of a peer's. @throws CoterieError `SYNC_MALFORMED` (peer) */
export function decodeMessage<T>(decoder: Decoder<T>, message: Uint8Array): T {
  try {
    return decode(decoder, message)
  } catch (cause) {
    if (!CoterieError.is(cause) || cause.code.startsWith('SYNC_')) throw cause
    return fail('SYNC_MALFORMED', 'a message that cannot be parsed', { cause })
  }
}

async function prove({ wire }: Prover, stream: TimedStream, topic: TopicKeys, terms: ProofTerms): Promise<void> {
  const signature = await wire.signature.sign(topic.keyPair.privateKey, proofContent(terms))
  await stream.send(encode((writer) => writer.opaque(signature), undefined))
}

async function verify({ wire }: Prover, terms: ProofTerms, signature: Uint8Array): Promise<void> {
  const publicKey = topicPublicKey(toHex(terms.topicKey))
  try {
    if (publicKey === undefined) fail('SYNC_PROOF', 'a proof about something that is not a topic')
    await wire.signature.verify(publicKey, proofContent(terms), signature)
  } catch (cause) {
    fail('SYNC_PROOF', 'a peer that does not hold the key of the topic', { cause })
  }
}

const CHALLENGE_BYTES = 32
const LABEL = /* @__PURE__ */ utf8('coterie proof 1')
