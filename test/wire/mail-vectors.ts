// Vectors of what members tell each other to hold for inboxes (spec/inbox.md). `node test/wire/mail-vectors.ts` writes
// spec/vectors/wire/.

import { writeFileSync } from 'node:fs'
import { toHex } from '../../src/bytes.ts'
import { encodeMail } from '../../src/session/mail.ts'
import { encodePayload, PayloadKind } from '../../src/session/payload.ts'
import { sealFrame } from '../../src/wire/frame.ts'
import { inboxChannel } from '../../src/wire/inbox.ts'
import { countingSuite, type WireVectorFile } from './wire-vectors.ts'

/** All, in one file: without a frame, with one, and with a large one and a small one. */
export async function mailVectors(): Promise<WireVectorFile> {
  return { name: 'mail', vectors: await Promise.all([[], [300], [2_000, 40]].map(vector)) }
}

async function vector(lengths: readonly number[], at: number): Promise<WireVectorFile['vectors'][number]> {
  const suite = countingSuite()
  const inbox = { seed: new Uint8Array(32).fill(20 + at), publicKey: new Uint8Array(32).fill(9) }
  const { topic, frameKey } = await inboxChannel(suite, inbox)
  const frames: Uint8Array[] = []
  for (const length of lengths) {
    frames.push(await sealFrame(suite, topic, frameKey, new Uint8Array(length).fill(at), 1_790_000_123_456))
  }
  const topicSeed = topic.keyPair.privateKey.bytes
  return {
    inbox_seed: toHex(inbox.seed),
    topic: topic.name,
    topic_seed: toHex(topicSeed),
    frames: frames.map(toHex),
    payload: toHex(encodePayload(PayloadKind.mail, encodeMail({ topicSeed, frames }))),
  }
}

if (import.meta.main) {
  const { name, vectors } = await mailVectors()
  const url = new URL(`../../spec/vectors/wire/${name}.json`, import.meta.url)
  writeFileSync(url, `${JSON.stringify(vectors, null, 2)}\n`)
}
