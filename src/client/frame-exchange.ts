// Two holders of a topic's key give each other the frames that the other lacks (spec/exchange.md), over a direct stream.

import { concat, fromHex, toHex, utf8 } from '../bytes.ts'
import { type Decoder, decode } from '../codec/reader.ts'
import { encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { fail } from '../errors.ts'
import type { MessageStream } from '../transport/transport.ts'
import type { TopicKeys } from '../wire/topic.ts'

export const EXCHANGE_PROTOCOL = 'exchange'

/** What an exchange works with. */
export interface ExchangeHost {
  readonly wire: CipherSuite
  /** Own name on the transport. */
  readonly peer: string
  /** The keys of a topic that this client is on. */
  topicKeys(name: string): TopicKeys | undefined
  ids(topic: string): Promise<string[]>
  frame(topic: string, id: string): Promise<Uint8Array | undefined>
  /** Takes in a frame, as if it had come by the topic. */
  take(topic: string, frame: Uint8Array, from: string): Promise<void>
}

/** Asks a peer. Resolves when both have what the other had. */
export async function exchange(host: ExchangeHost, stream: MessageStream, topic: TopicKeys): Promise<void> {
  await stream.send(utf8(topic.name))
  const challenge = await expect(stream)
  const signature = await host.wire.signature.sign(
    topic.keyPair.privateKey,
    proofOf(topic.name, challenge, host.peer, stream.peer),
  )
  await stream.send(encode((writer) => writer.opaque(signature), undefined))
  await stream.send(encodeIds(await host.ids(topic.name)))
  const wanted = decode(decodeIds, await expect(stream))
  await sendFrames(host, stream, topic.name, wanted)
  await takeFrames(host, stream, topic.name)
  await stream.close()
}

/** Answers a peer. Whoever cannot prove that it holds the topic's key learns nothing. */
export async function answerExchange(host: ExchangeHost, stream: MessageStream): Promise<void> {
  const name = new TextDecoder().decode(await expect(stream))
  const challenge = host.wire.randomBytes(CHALLENGE_BYTES)
  await stream.send(challenge)
  const signature = decode((reader) => reader.opaque(), await expect(stream))
  const topic = host.topicKeys(name)
  if (topic === undefined) fail('TRANSPORT_PROTOCOL_UNSUPPORTED', 'an exchange about a topic that is not known here')
  const proof = proofOf(name, challenge, stream.peer, host.peer)
  await host.wire.signature.verify(topic.keyPair.publicKey, proof, signature)
  const theirs = new Set(decode(decodeIds, await expect(stream)))
  const ours = await host.ids(name)
  const known = new Set(ours)
  await stream.send(encodeIds([...theirs].filter((id) => !known.has(id))))
  await takeFrames(host, stream, name)
  await sendFrames(
    host,
    stream,
    name,
    ours.filter((id) => !theirs.has(id)),
  )
  await stream.close()
}

async function sendFrames(
  host: ExchangeHost,
  stream: MessageStream,
  topic: string,
  ids: readonly string[],
): Promise<void> {
  for (const id of ids) {
    const frame = await host.frame(topic, id)
    if (frame !== undefined) await stream.send(frame)
  }
  await stream.send(new Uint8Array(0))
}

/** Frames until an empty message. */
async function takeFrames(host: ExchangeHost, stream: MessageStream, topic: string): Promise<void> {
  for (let frame = await expect(stream); frame.length > 0; frame = await expect(stream)) {
    await host.take(topic, frame, stream.peer)
  }
}

async function expect(stream: MessageStream): Promise<Uint8Array> {
  const message = await stream.receive()
  return message ?? fail('TRANSPORT_UNREACHABLE', 'the other side ended an exchange early')
}

/** Bound to both peers, so that nobody can pass on somebody else's proof. */
function proofOf(topic: string, challenge: Uint8Array, prover: string, verifier: string): Uint8Array {
  const fields = encode((writer) => {
    for (const field of [utf8(topic), challenge, utf8(prover), utf8(verifier)]) writer.opaque(field)
  }, undefined)
  return concat(LABEL, fields)
}

function encodeIds(ids: readonly string[]): Uint8Array {
  return encode((writer) => {
    for (const id of ids) writer.fixed(fromHex(id) ?? new Uint8Array(0))
  }, undefined)
}

const decodeIds: Decoder<string[]> = (reader) => {
  const ids: string[] = []
  while (reader.remaining > 0) ids.push(toHex(reader.fixed(FRAME_ID_BYTES)))
  return ids
}

const CHALLENGE_BYTES = 32
const FRAME_ID_BYTES = 32
const LABEL = /* @__PURE__ */ utf8('coterie exchange 1')
