// HPKE test vectors as RFC 9180 Appendix A and its successor drafts publish them: all modes, all that the suites' parts allow.
import { EMPTY } from '../../src/bytes.ts'
import type { AeadPrimitive, CryptoProvider, KeyPair, SuitePrimitives } from '../../src/crypto/contract.ts'
import { setupBaseRecipient, setupBaseSender } from '../../src/crypto/hpke.ts'
import { type HpkePsk, setupRecipient, setupSender } from '../../src/crypto/hpke-modes.ts'
import { fail } from '../../src/errors.ts'
import type { VectorSuite } from './suite.ts'
import { bytes, expectBytes, expectTrue, runCases } from './vector-cases.ts'

interface HpkeVector {
  /** 0 base, 1 PSK, 2 authenticated, 3 both. */
  readonly mode: number
  readonly kem_id: number
  readonly kdf_id: number
  readonly aead_id: number
  readonly info: string
  readonly ikmE: string
  readonly ikmR: string
  readonly ikmS?: string
  readonly skRm: string
  readonly pkRm: string
  readonly pkSm?: string
  readonly psk?: string
  readonly psk_id?: string
  readonly enc: string
  readonly shared_secret: string
  readonly encryptions: readonly {
    readonly aad: string
    readonly pt: string
    readonly ct: string
    readonly sequence_number?: number
  }[]
  readonly exports: readonly {
    readonly exporter_context: string
    readonly L: number
    readonly exported_value: string
  }[]
}

/** RFC 9180 §7.3: no encryption, secrets are exported only. */
const EXPORT_ONLY = 0xffff

export const hpkeVectors: VectorSuite = {
  name: 'hpke',
  recognises(json) {
    if (!Array.isArray(json)) return false
    const first: unknown = json[0]
    return typeof first === 'object' && first !== null && 'kem_id' in first && 'kdf_id' in first && 'exports' in first
  },
  run: (json, provider, report) =>
    runCases<HpkeVector>(json, report, async (vector) => {
      const suites = offered(provider)
      const withKem = suites.find(({ kem }) => kem.id === vector.kem_id)
      if (withKem === undefined) return `KEM ${codePoint(vector.kem_id)} is not offered`
      const recipient = await checkKeys(withKem, vector)
      if (vector.mode === 0) await checkEncapsulation(withKem, vector, recipient)

      const withKdf = suites.find(({ kdfId }) => kdfId === vector.kdf_id)
      if (withKdf === undefined) return `KDF ${codePoint(vector.kdf_id)} is not offered; the KEM part passed`
      const aead = aeadOf(suites, vector.aead_id)
      if (aead === undefined) return `AEAD ${codePoint(vector.aead_id)} is not offered; the KEM part passed`
      await checkContexts({ ...withKem, hash: withKdf.hash, kdfId: withKdf.kdfId, aead }, vector, recipient)
      return undefined
    }),
}

async function checkKeys({ kem }: SuitePrimitives, vector: HpkeVector): Promise<KeyPair> {
  const recipient = await kem.deriveKeyPair(bytes(vector.ikmR))
  expectBytes('the recipient public key', recipient.publicKey, vector.pkRm)
  // Files differ in whether they clamp X448 private keys before writing them down, so the public keys are compared.
  const imported = await kem.importPrivateKey(bytes(vector.skRm))
  expectBytes('the public key of the imported private key', imported.publicKey, vector.pkRm)
  expectTrue('the recipient public key is valid', kem.validatePublicKey(bytes(vector.pkRm)))
  return imported
}

async function checkEncapsulation({ kem }: SuitePrimitives, vector: HpkeVector, recipient: KeyPair): Promise<void> {
  const { enc, sharedSecret } = await kem.encap(bytes(vector.pkRm), bytes(vector.ikmE))
  expectBytes('enc', enc, vector.enc)
  expectBytes('shared_secret', sharedSecret.bytes, vector.shared_secret)
  const found = await kem.decap(bytes(vector.enc), recipient)
  expectBytes('the decapsulated shared_secret', found.bytes, vector.shared_secret)
}

async function checkContexts(suite: SuitePrimitives, vector: HpkeVector, recipient: KeyPair): Promise<void> {
  const info = bytes(vector.info)
  const ikmE = bytes(vector.ikmE)
  const psk: { readonly psk?: HpkePsk } =
    vector.psk === undefined ? {} : { psk: { psk: bytes(vector.psk), pskId: bytes(vector.psk_id ?? '') } }
  const sender = vector.ikmS === undefined ? {} : { sender: await suite.kem.deriveKeyPair(bytes(vector.ikmS)) }
  const senderPublicKey = vector.pkSm === undefined ? {} : { senderPublicKey: bytes(vector.pkSm) }

  const sending =
    vector.mode === 0
      ? await setupBaseSender(suite, recipient.publicKey, info, ikmE)
      : await setupSender(suite, recipient.publicKey, info, { ...psk, ...sender }, ikmE)
  expectBytes('enc', sending.enc, vector.enc)
  const receiving =
    vector.mode === 0
      ? await setupBaseRecipient(suite, bytes(vector.enc), recipient, info)
      : await setupRecipient(suite, bytes(vector.enc), recipient, info, { ...psk, ...senderPublicKey })

  let sequence = 0
  for (const [index, encryption] of vector.encryptions.entries()) {
    const wanted = encryption.sequence_number ?? index
    for (; sequence < wanted; sequence++) receiving.open(EMPTY, sending.context.seal(EMPTY, EMPTY))
    const aad = bytes(encryption.aad)
    expectBytes(`ct ${wanted}`, sending.context.seal(aad, bytes(encryption.pt)), encryption.ct)
    expectBytes(`pt ${wanted}`, receiving.open(aad, bytes(encryption.ct)), encryption.pt)
    sequence++
  }
  for (const { exporter_context, L, exported_value } of vector.exports) {
    expectBytes('the sender’s export', sending.context.export(bytes(exporter_context), L), exported_value)
    expectBytes('the recipient’s export', receiving.export(bytes(exporter_context), L), exported_value)
  }
}

function offered(provider: CryptoProvider): SuitePrimitives[] {
  return provider.suites.flatMap((id) => provider.suite(id) ?? [])
}

function aeadOf(suites: readonly SuitePrimitives[], id: number): AeadPrimitive | undefined {
  if (id === EXPORT_ONLY) return EXPORT_ONLY_AEAD
  return suites.find(({ aead }) => aead.id === id)?.aead
}

const EXPORT_ONLY_AEAD: AeadPrimitive = {
  id: EXPORT_ONLY,
  keyLength: 0,
  nonceLength: 0,
  seal: () => fail('ARGUMENT_INVALID', 'the export-only suite does not encrypt'),
  open: () => fail('ARGUMENT_INVALID', 'the export-only suite does not decrypt'),
}

function codePoint(id: number): string {
  return `0x${id.toString(16).padStart(4, '0')}`
}
