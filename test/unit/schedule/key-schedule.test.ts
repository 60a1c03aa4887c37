// Key schedule, pre-shared keys, transcript and exporter beyond what the vectors show (RFC 9420 §8).
import { describe, expect, it } from 'vitest'
import type { Secret } from '../../../src/crypto/secret.ts'
import { PskType, WireFormat } from '../../../src/messages/code-points.ts'
import type { FramedContent } from '../../../src/messages/framed-content.ts'
import { mlsExporter } from '../../../src/schedule/exporter.ts'
import {
  deriveEpochSecrets,
  deriveJoinerSecret,
  epochSecretsFromEpochSecret,
  externalInitReceive,
  externalInitSend,
  externalKeyPair,
  welcomeKeyAndNonce,
  zeroSecret,
} from '../../../src/schedule/key-schedule.ts'
import { derivePskSecret } from '../../../src/schedule/psk.ts'
import { confirmationTag, confirmedTranscriptHash, interimTranscriptHash } from '../../../src/schedule/transcript.ts'
import { codeOf, groupContext, rejectionCodeOf, secretOf, suiteOf } from './schedule-fixtures.ts'

const suite = suiteOf(1)

describe('the key schedule (RFC 9420 §8)', () => {
  it('derives nine different secrets of Nh bytes', () => {
    const secrets = Object.values(epochSecretsFromEpochSecret(suite, secretOf(1)))
    expect(secrets).toHaveLength(9)
    expect(secrets.every((secret) => secret.length === suite.hash.length)).toBe(true)
    expect(new Set(secrets.map((secret: Secret) => secret.bytes.join())).size).toBe(9)
  })

  it('leaves its inputs as they were', () => {
    const inputs = [secretOf(1), secretOf(2), secretOf(3)] as const
    const joiner = deriveJoinerSecret(suite, inputs[0], inputs[1], groupContext())
    welcomeKeyAndNonce(suite, joiner, inputs[2])
    const once = deriveEpochSecrets(suite, joiner, inputs[2], groupContext())
    const twice = deriveEpochSecrets(suite, joiner, inputs[2], groupContext())
    expect(twice.initSecret.bytes).toEqual(once.initSecret.bytes)
    expect(inputs.map((secret) => secret.bytes[0])).toEqual([1, 2, 3])
  })

  it('binds the secrets to the group context', () => {
    const joiners = [3n, 4n].map((epoch) => deriveJoinerSecret(suite, secretOf(1), secretOf(2), groupContext(epoch)))
    expect(joiners[0]?.bytes).not.toEqual(joiners[1]?.bytes)
    const epochs = [3n, 4n].map((epoch) =>
      deriveEpochSecrets(suite, secretOf(1), zeroSecret(suite), groupContext(epoch)),
    )
    expect(epochs[0]?.exporterSecret.bytes).not.toEqual(epochs[1]?.exporterSecret.bytes)
  })

  it('prints no secret', () => {
    const secrets = epochSecretsFromEpochSecret(suite, secretOf(1))
    expect(JSON.stringify(secrets)).toBe(
      JSON.stringify(Object.fromEntries(Object.keys(secrets).map((name) => [name, '[secret]']))),
    )
  })

  it('makes keys and nonces for Welcomes of the lengths that the AEAD has', () => {
    for (const id of [1, 3, 5]) {
      const other = suiteOf(id)
      const joiner = secretOf(1, other.hash.length)
      const { key, nonce } = welcomeKeyAndNonce(other, joiner, zeroSecret(other))
      expect([key.length, nonce.length]).toEqual([other.aead.keyLength, other.aead.nonceLength])
    }
  })
})

describe('external initialization (RFC 9420 §8.3)', () => {
  it('gives joiner and members the same init secret', async () => {
    const external = await externalKeyPair(suite, secretOf(7))
    const { initSecret, kemOutput } = await externalInitSend(suite, external.publicKey)
    const received = await externalInitReceive(suite, secretOf(7), kemOutput)
    expect(received.bytes).toEqual(initSecret.bytes)
    expect(initSecret.length).toBe(suite.hash.length)
    // Once more from the same secret: nothing was consumed.
    expect((await externalInitReceive(suite, secretOf(7), kemOutput)).bytes).toEqual(initSecret.bytes)
  })

  it('refuses a public key and a KEM output that are none', async () => {
    expect(await rejectionCodeOf(externalInitSend(suite, new Uint8Array(31)))).toBe('CRYPTO_BAD_KEY')
    expect(await rejectionCodeOf(externalInitSend(suite, new Uint8Array(32)))).toBe('CRYPTO_BAD_KEY')
    expect(await rejectionCodeOf(externalInitReceive(suite, secretOf(7), new Uint8Array(31)))).toBe(
      'CRYPTO_OPEN_FAILED',
    )
  })
})

describe('pre-shared keys (RFC 9420 §8.4)', () => {
  const psk = (value: number) => ({
    id: { pskType: PskType.external, pskId: new Uint8Array([value]), pskNonce: new Uint8Array(32).fill(value) },
    secret: secretOf(value),
  })

  it('are zeros where there are none', () => {
    expect(derivePskSecret(suite, []).bytes).toEqual(new Uint8Array(32))
  })

  it('depend on their order and leave the keys as they were', () => {
    const first = psk(1)
    const second = psk(2)
    const forwards = derivePskSecret(suite, [first, second])
    const backwards = derivePskSecret(suite, [second, first])
    expect(forwards.bytes).not.toEqual(backwards.bytes)
    expect(derivePskSecret(suite, [first, second]).bytes).toEqual(forwards.bytes)
  })

  it('are at most as many as a uint16 counts', () => {
    const many = new Array(0x10000).fill(psk(1))
    expect(codeOf(() => derivePskSecret(suite, many))).toBe('ARGUMENT_INVALID')
  })
})

describe('transcript hashes (RFC 9420 §8.2)', () => {
  const content: FramedContent = {
    groupId: new Uint8Array([1]),
    epoch: 0n,
    sender: { senderType: 1, leafIndex: 0 },
    authenticatedData: new Uint8Array(),
    content: { contentType: 3, commit: { proposals: [], path: undefined } },
  }
  const signature = new Uint8Array([9])

  it('cover the wire format, the signature and the hash before', () => {
    const empty = new Uint8Array()
    const hash = (wireFormat: WireFormat, signed: Uint8Array, before: Uint8Array) =>
      confirmedTranscriptHash(suite, before, { wireFormat, content, signature: signed }).join()
    const hashes = [
      hash(WireFormat.publicMessage, signature, empty),
      hash(WireFormat.privateMessage, signature, empty),
      hash(WireFormat.publicMessage, new Uint8Array([8]), empty),
      hash(WireFormat.publicMessage, signature, new Uint8Array(32)),
    ]
    expect(new Set(hashes).size).toBe(4)
  })

  it('frame the confirmation tag as a vector', () => {
    const tag = confirmationTag(suite, secretOf(1), new Uint8Array(32))
    const framed = new Uint8Array([...new Uint8Array(32).fill(2), tag.length, ...tag])
    expect(interimTranscriptHash(suite, new Uint8Array(32).fill(2), tag)).toEqual(suite.hash.digest(framed))
  })
})

describe('the exporter (RFC 9420 §8.5)', () => {
  it('separates labels and contexts', () => {
    const exported = (label: string, context: string) =>
      mlsExporter(suite, secretOf(1), label, new TextEncoder().encode(context), 32).join()
    expect(new Set([exported('a', 'b'), exported('b', 'b'), exported('a', 'a')]).size).toBe(3)
    expect(exported('a', 'b')).toBe(exported('a', 'b'))
  })

  it('exports as much as HKDF can and no more', () => {
    const longest = 255 * suite.hash.length
    const context = new Uint8Array()
    expect(mlsExporter(suite, secretOf(1), 'x', context, longest)).toHaveLength(longest)
    for (const length of [0, -1, 1.5, Number.NaN, longest + 1]) {
      expect(codeOf(() => mlsExporter(suite, secretOf(1), 'x', context, length))).toBe('ARGUMENT_INVALID')
    }
  })

  it('takes no wiped secret', () => {
    const secret = secretOf(1)
    secret.wipe()
    expect(codeOf(() => mlsExporter(suite, secret, 'x', new Uint8Array(), 32))).toBe('CRYPTO_SECRET_WIPED')
  })
})
