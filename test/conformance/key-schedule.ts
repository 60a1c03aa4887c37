// Key schedule, pre-shared keys, exporter and transcript: key-schedule.json, psk_secret.json and transcript-hashes.json of
// the working group (the last also from OpenMLS), and epoch_secret_exporter_test_vector.json of mls-rs.
import { toHex } from '../../src/bytes.ts'
import { decode } from '../../src/codec/reader.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { decodeAuthenticatedContent } from '../../src/framing/authenticated-content.ts'
import { MLS10, PskType } from '../../src/messages/code-points.ts'
import { encodedGroupContext } from '../../src/messages/group-context.ts'
import { mlsExporter } from '../../src/schedule/exporter.ts'
import {
  deriveEpochSecrets,
  deriveJoinerSecret,
  deriveWelcomeSecret,
  externalKeyPair,
} from '../../src/schedule/key-schedule.ts'
import { derivePskSecret } from '../../src/schedule/psk.ts'
import { confirmationTag, confirmedTranscriptHash, interimTranscriptHash } from '../../src/schedule/transcript.ts'
import { isListWith } from './json-shape.ts'
import type { VectorSuite } from './suite.ts'
import { bytes, expectBytes, expectTrue, isListOf, runSuiteCases } from './vector-cases.ts'

interface KeyScheduleVector {
  readonly cipher_suite: number
  readonly group_id: string
  readonly initial_init_secret: string
  readonly epochs: readonly {
    readonly tree_hash: string
    readonly commit_secret: string
    readonly psk_secret: string
    readonly confirmed_transcript_hash: string
    readonly group_context: string
    readonly joiner_secret: string
    readonly welcome_secret: string
    readonly init_secret: string
    readonly sender_data_secret: string
    readonly encryption_secret: string
    readonly exporter_secret: string
    readonly epoch_authenticator: string
    readonly external_secret: string
    readonly confirmation_key: string
    readonly membership_key: string
    readonly resumption_psk: string
    readonly external_pub: string
    readonly exporter: {
      readonly label: string
      readonly context: string
      readonly length: number
      readonly secret: string
    }
  }[]
}

export const keySchedule: VectorSuite = {
  name: 'key-schedule',
  recognises: (json) => isListWith(json, ['cipher_suite', 'group_id', 'initial_init_secret', 'epochs']),
  run: (json, provider, report) =>
    runSuiteCases<KeyScheduleVector>(json, provider, report, async (suite, vector) => {
      let initSecret = new Secret(bytes(vector.initial_init_secret))
      for (const [epoch, expected] of vector.epochs.entries()) {
        const groupContext = {
          version: MLS10,
          cipherSuite: vector.cipher_suite,
          groupId: bytes(vector.group_id),
          epoch: BigInt(epoch),
          treeHash: bytes(expected.tree_hash),
          confirmedTranscriptHash: bytes(expected.confirmed_transcript_hash),
          extensions: [],
        }
        expectBytes('group_context', encodedGroupContext(groupContext), expected.group_context)
        const commitSecret = new Secret(bytes(expected.commit_secret))
        const pskSecret = new Secret(bytes(expected.psk_secret))
        const joinerSecret = deriveJoinerSecret(suite, initSecret, commitSecret, groupContext)
        expectBytes('joiner_secret', joinerSecret.bytes, expected.joiner_secret)
        const welcomeSecret = deriveWelcomeSecret(suite, joinerSecret, pskSecret)
        expectBytes('welcome_secret', welcomeSecret.bytes, expected.welcome_secret)

        const secrets = deriveEpochSecrets(suite, joinerSecret, pskSecret, groupContext)
        expectBytes('init_secret', secrets.initSecret.bytes, expected.init_secret)
        expectBytes('sender_data_secret', secrets.senderDataSecret.bytes, expected.sender_data_secret)
        expectBytes('encryption_secret', secrets.encryptionSecret.bytes, expected.encryption_secret)
        expectBytes('exporter_secret', secrets.exporterSecret.bytes, expected.exporter_secret)
        expectBytes('epoch_authenticator', secrets.epochAuthenticator.bytes, expected.epoch_authenticator)
        expectBytes('external_secret', secrets.externalSecret.bytes, expected.external_secret)
        expectBytes('confirmation_key', secrets.confirmationKey.bytes, expected.confirmation_key)
        expectBytes('membership_key', secrets.membershipKey.bytes, expected.membership_key)
        expectBytes('resumption_psk', secrets.resumptionPsk.bytes, expected.resumption_psk)

        const external = await externalKeyPair(suite, secrets.externalSecret)
        expectBytes('external_pub', external.publicKey, expected.external_pub)
        const { label, context, length, secret } = expected.exporter
        expectBytes('exporter', mlsExporter(suite, secrets.exporterSecret, label, bytes(context), length), secret)
        initSecret = secrets.initSecret
      }
    }),
}

interface PskSecretVector {
  readonly cipher_suite: number
  readonly psks: readonly { readonly psk_id: string; readonly psk: string; readonly psk_nonce: string }[]
  readonly psk_secret: string
}

export const pskSecret: VectorSuite = {
  name: 'psk_secret',
  recognises: (json) => isListWith(json, ['cipher_suite', 'psks', 'psk_secret']),
  run: (json, provider, report) =>
    runSuiteCases<PskSecretVector>(json, provider, report, (suite, vector) => {
      const psks = vector.psks.map(({ psk_id, psk, psk_nonce }) => ({
        id: { pskType: PskType.external, pskId: bytes(psk_id), pskNonce: bytes(psk_nonce) },
        secret: new Secret(bytes(psk)),
      }))
      expectBytes('psk_secret', derivePskSecret(suite, psks).bytes, vector.psk_secret)
    }),
}

interface TranscriptHashesVector {
  readonly cipher_suite: number
  readonly confirmation_key: string
  readonly authenticated_content: string
  readonly interim_transcript_hash_before: string
  readonly confirmed_transcript_hash_after: string
  readonly interim_transcript_hash_after: string
}

export const transcriptHashes: VectorSuite = {
  name: 'transcript-hashes',
  recognises: (json) =>
    isListWith(json, [
      'cipher_suite',
      'confirmation_key',
      'authenticated_content',
      'interim_transcript_hash_before',
      'confirmed_transcript_hash_after',
      'interim_transcript_hash_after',
    ]),
  run: (json, provider, report) =>
    runSuiteCases<TranscriptHashesVector>(json, provider, report, (suite, vector) => {
      const { wireFormat, content, auth } = decode(decodeAuthenticatedContent, bytes(vector.authenticated_content))
      const { signature, confirmationTag: tag } = auth
      if (tag === undefined) throw new Error('the content is not a commit')
      const interim = bytes(vector.interim_transcript_hash_before)
      const confirmed = confirmedTranscriptHash(suite, interim, { wireFormat, content, signature })
      expectBytes('the confirmed hash', confirmed, vector.confirmed_transcript_hash_after)
      const expectedTag = confirmationTag(suite, new Secret(bytes(vector.confirmation_key)), confirmed)
      expectBytes('the confirmation tag', tag, toHex(expectedTag))
      expectBytes(
        'the interim hash',
        interimTranscriptHash(suite, confirmed, tag),
        vector.interim_transcript_hash_after,
      )
    }),
}

interface ExporterVector {
  readonly cipher_suite: number
  readonly input: string
  readonly output: string
}

/** The input is an exporter secret and a context, both as long as a hash; the label is `test`. */
export const exporter: VectorSuite = {
  name: 'exporter',
  recognises: (json) => {
    if (!isListOf(json, ['cipher_suite', 'input', 'output'])) return false
    return (json as readonly Partial<ExporterVector>[]).every(
      ({ input, output }) => typeof output === 'string' && input?.length === 2 * output.length,
    )
  },
  run: (json, provider, report) =>
    runSuiteCases<ExporterVector>(json, provider, report, (suite, vector) => {
      const { length } = suite.hash
      const input = bytes(vector.input)
      expectTrue('the input is two hashes long', input.length === 2 * length)
      const secret = new Secret(input.slice(0, length))
      expectBytes('the export', mlsExporter(suite, secret, 'test', input.slice(length), length), vector.output)
    }),
}
