// Vectors of what clients and relays say to each other (spec/relay.md). `node test/wire/relay-vectors.ts` writes
// spec/vectors/wire/.

import { writeFileSync } from 'node:fs'
import { toHex } from '../../src/bytes.ts'
import {
  encodeRelayAnswer,
  encodeRelayRequest,
  type RelayAnswer,
  type RelayRequest,
  relayRequestContent,
  stockKeys,
} from '../../src/wire/relay-messages.ts'
import type { WireVectorFile } from './wire-vectors.ts'
import { wireSuite } from './wire-vectors.ts'

const CHALLENGE: Uint8Array = new Uint8Array(32).fill(9)
const CLIENT = 'client'
const RELAY = 'relay'

type Vector = WireVectorFile['vectors'][number]

export async function relayVectors(): Promise<WireVectorFile> {
  const { signature } = wireSuite()
  const seed = new Uint8Array(32).fill(1)
  const key = await signature.importPrivateKey(seed)
  const inboxSeed = new Uint8Array(32).fill(2)
  const stock = await stockKeys(wireSuite(), { seed: inboxSeed, publicKey: new Uint8Array(32) })
  const device = key.publicKey
  const requests: readonly RelayRequest[] = [
    { kind: 'pin', topic: key.publicKey, seconds: 2_592_000, isMailbox: false },
    { kind: 'pin', topic: key.publicKey, seconds: 2_592_000, isMailbox: true },
    {
      kind: 'deposit',
      device,
      stock: stock.keyPair.publicKey,
      oneTime: [Uint8Array.of(1, 2, 3), new Uint8Array(80).fill(4)],
      lastResort: Uint8Array.of(5),
    },
    { kind: 'deposit', device, stock: stock.keyPair.publicKey, oneTime: [], lastResort: undefined },
    { kind: 'take', device },
  ]
  const requestVectors = requests.map(async (request): Promise<Vector> => {
    const signer = request.kind === 'take' ? stock.keyPair : key
    const content = relayRequestContent(request, { challenge: CHALLENGE, client: CLIENT, relay: RELAY })
    const signed = await signature.sign(signer.privateKey, content)
    return {
      request: request.kind,
      key_seed: toHex(seed),
      inbox_seed: toHex(inboxSeed),
      stock_key: stock.name,
      challenge: toHex(CHALLENGE),
      client: CLIENT,
      relay: RELAY,
      signed: toHex(content),
      message: toHex(encodeRelayRequest({ request, signature: signed })),
    }
  })
  return { name: 'relay', vectors: [...(await Promise.all(requestVectors)), ...ANSWERS.map(answerVector)] }
}

function answerVector(answer: RelayAnswer): Vector {
  const fields = answer.kind === 'taken' ? { ...answer, keyPackage: toHex(answer.keyPackage) } : answer
  return { answer: JSON.stringify(fields), message: toHex(encodeRelayAnswer(answer)) }
}

const ANSWERS: readonly RelayAnswer[] = [
  { kind: 'pinned', seconds: 604_800 },
  { kind: 'deposited', oneTime: 20 },
  { kind: 'taken', keyPackage: Uint8Array.of(1, 2, 3), isLastResort: false },
  { kind: 'taken', keyPackage: Uint8Array.of(5), isLastResort: true },
  { kind: 'none' },
  { kind: 'refused', retry: false },
  { kind: 'refused', retry: true },
]

if (import.meta.main) {
  const { name, vectors } = await relayVectors()
  const path = new URL(`../../spec/vectors/wire/${name}.json`, import.meta.url)
  writeFileSync(path, `${JSON.stringify(vectors, undefined, 2)}\n`)
}
