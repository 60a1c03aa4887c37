// The secret tree: secret-tree.json of the working group; sender data and reuse guard: the files of mls-rs on them.
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { guardNonce } from '../../src/framing/private-message.ts'
import { openSenderData, sealSenderData, senderDataKey } from '../../src/framing/sender-data.ts'
import { ContentType } from '../../src/messages/code-points.ts'
import {
  createSecretTree,
  DEFAULT_SECRET_TREE_LIMITS,
  nextSendKey,
  type RatchetType,
  receiveKey,
} from '../../src/schedule/secret-tree.ts'
import { isListWith } from './json-shape.ts'
import type { VectorSuite } from './suite.ts'
import { bytes, expectBytes, expectTrue, runCases, runSuiteCases } from './vector-cases.ts'

interface SecretTreeVector {
  readonly cipher_suite: number
  readonly encryption_secret: string
  readonly sender_data: {
    readonly sender_data_secret: string
    readonly ciphertext: string
    readonly key: string
    readonly nonce: string
  }
  readonly leaves: readonly (readonly Generation[])[]
}

interface Generation {
  readonly generation: number
  readonly handshake_key: string
  readonly handshake_nonce: string
  readonly application_key: string
  readonly application_nonce: string
}

export const secretTree: VectorSuite = {
  name: 'secret-tree',
  recognises: (json) => isListWith(json, ['cipher_suite', 'encryption_secret', 'sender_data', 'leaves']),
  run: (json, provider, report) =>
    runSuiteCases<SecretTreeVector>(json, provider, report, (suite, vector) => {
      const { sender_data_secret, ciphertext, key, nonce } = vector.sender_data
      const senderData = senderDataKey(suite, new Secret(bytes(sender_data_secret)), bytes(ciphertext))
      expectBytes('the sender data key', senderData.key, key)
      expectBytes('the sender data nonce', senderData.nonce, nonce)
      for (const [leafIndex, generations] of vector.leaves.entries()) {
        checkLeaf(suite, vector, leafIndex, generations, 'handshake')
        checkLeaf(suite, vector, leafIndex, generations, 'application')
      }
    }),
}

/** As a receiver that jumps, as a receiver that goes back to the first, and as the sender. */
function checkLeaf(
  suite: CipherSuite,
  vector: SecretTreeVector,
  leafIndex: number,
  generations: readonly Generation[],
  type: RatchetType,
): void {
  const start = createSecretTree(suite, new Secret(bytes(vector.encryption_secret)), vector.leaves.length)
  for (const order of [generations, [...generations].reverse()]) {
    let tree = start
    for (const expected of order) {
      const step = receiveKey(suite, tree, leafIndex, type, expected.generation, DEFAULT_SECRET_TREE_LIMITS)
      expectBytes(`the ${type} key of leaf ${leafIndex}`, step.key.key, expected[`${type}_key`])
      expectBytes(`the ${type} nonce of leaf ${leafIndex}`, step.key.nonce, expected[`${type}_nonce`])
      tree = step.tree
    }
  }
  let tree = start
  for (const expected of generations) {
    let step = nextSendKey(suite, tree, leafIndex, type)
    while (step.key.generation < expected.generation) step = nextSendKey(suite, step.tree, leafIndex, type)
    expectBytes(`the ${type} key that leaf ${leafIndex} sends with`, step.key.key, expected[`${type}_key`])
    expectBytes(`the ${type} nonce that leaf ${leafIndex} sends with`, step.key.nonce, expected[`${type}_nonce`])
    tree = step.tree
  }
}

interface SenderDataVector {
  readonly cipher_suite: number
  readonly secret: string
  readonly ciphertext_bytes: string
  readonly expected_key: string
  readonly expected_nonce: string
  readonly sender_data: { readonly sender: number; readonly generation: number; readonly reuse_guard: string }
  readonly sender_data_aad: { readonly epoch: number; readonly group_id: string }
  readonly expected_ciphertext: string
}

export const senderDataKeys: VectorSuite = {
  name: 'sender data',
  recognises: (json) =>
    isListWith(json, [
      'cipher_suite',
      'secret',
      'ciphertext_bytes',
      'expected_key',
      'expected_nonce',
      'sender_data',
      'sender_data_aad',
      'expected_ciphertext',
    ]),
  run: (json, provider, report) =>
    runSuiteCases<SenderDataVector>(json, provider, report, (suite, vector) => {
      const secret = new Secret(bytes(vector.secret))
      const ciphertext = bytes(vector.ciphertext_bytes)
      const { key, nonce } = senderDataKey(suite, secret, ciphertext)
      expectBytes('the key', key, vector.expected_key)
      expectBytes('the nonce', nonce, vector.expected_nonce)

      const { sender, generation, reuse_guard } = vector.sender_data
      const senderData = { leafIndex: sender, generation, reuseGuard: bytes(reuse_guard) }
      const { group_id, epoch } = vector.sender_data_aad
      const context = { groupId: bytes(group_id), epoch: BigInt(epoch), contentType: ContentType.application }
      const sealed = sealSenderData(suite, secret, senderData, context, ciphertext)
      expectBytes('the encrypted sender data', sealed, vector.expected_ciphertext)
      const opened = openSenderData(suite, secret, sealed, context, ciphertext)
      expectTrue('the sender is restored', opened.leafIndex === sender && opened.generation === generation)
      expectBytes('the reuse guard', opened.reuseGuard, reuse_guard)
    }),
}

interface ReuseGuardVector {
  readonly nonce: readonly number[]
  readonly guard: readonly number[]
  readonly result: readonly number[]
}

export const reuseGuard: VectorSuite = {
  name: 'reuse guard',
  recognises: (json) => isListWith(json, ['nonce', 'guard', 'result']),
  run: (json, _provider, report) =>
    runCases<ReuseGuardVector>(json, report, async ({ nonce, guard, result }) => {
      const guarded = guardNonce(Uint8Array.from(nonce), Uint8Array.from(guard))
      expectTrue('the guarded nonce is the one given', guarded.join() === result.join())
      return undefined
    }),
}
