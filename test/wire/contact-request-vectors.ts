// Vectors of contact requests (spec/inbox.md). `node test/wire/contact-request-vectors.ts` writes spec/vectors/wire/.

import { writeFileSync } from 'node:fs'
import { toHex } from '../../src/bytes.ts'
import { createKeyPackage, lifetimeOfDays } from '../../src/group/key-packages.ts'
import { certifyDevice } from '../../src/identity/device-credential.ts'
import { seededEntropy } from '../../src/testing/simulation/seeded-entropy.ts'
import { encodeContactCard } from '../../src/wire/contact-card.ts'
import { encodeContactRequest } from '../../src/wire/contact-request.ts'
import { type WireVectorFile, wireSuite } from './wire-vectors.ts'

/** All, in one file. */
export async function contactRequestVectors(): Promise<WireVectorFile> {
  return {
    name: 'contact-request',
    vectors: await Promise.all(['', 'We met at the book fair.', '愛麗絲 ✓'].map(vector)),
  }
}

async function vector(note: string): Promise<WireVectorFile['vectors'][number]> {
  const base = wireSuite()
  const suite = { ...base, ...seededEntropy(base, `contact request ${note}`) }
  const deviceSeed = new Uint8Array(32).fill(2)
  const identity = await suite.signature.importPrivateKey(new Uint8Array(32).fill(1))
  const device = await suite.signature.importPrivateKey(deviceSeed)
  const { keyPackage } = await createKeyPackage(suite, {
    credential: await certifyDevice(suite.signature, identity, 'Bob', device.publicKey),
    signatureKeyPair: device,
    lifetime: lifetimeOfDays(1_790_000_000_000, 90),
  })
  const own = { seed: new Uint8Array(32).fill(5), publicKey: new Uint8Array(32).fill(6) }
  const card = await encodeContactCard(suite, device, { keyPackage, inbox: own, addresses: [], relays: [] })
  const inbox = { seed: new Uint8Array(32).fill(8), publicKey: new Uint8Array(32).fill(9) }
  const sentAtMs = 1_790_000_123_456
  return {
    device_seed: toHex(deviceSeed),
    inbox_seed: toHex(inbox.seed),
    inbox_public_key: toHex(inbox.publicKey),
    card: toHex(card),
    note,
    sent_at_ms: sentAtMs,
    body: toHex(await encodeContactRequest(suite, device, inbox, { card, note, sentAtMs })),
  }
}

if (import.meta.main) {
  const { name, vectors } = await contactRequestVectors()
  const url = new URL(`../../spec/vectors/wire/${name}.json`, import.meta.url)
  writeFileSync(url, `${JSON.stringify(vectors, null, 2)}\n`)
}
