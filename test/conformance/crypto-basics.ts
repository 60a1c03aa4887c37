// The labelled primitives: crypto-basics.json of the working group, and signatures.json of mls-rs.
import { concat, toHex } from '../../src/bytes.ts'
import {
  decryptWithLabel,
  deriveSecret,
  deriveTreeSecret,
  encryptWithLabel,
  expandWithLabel,
  refHash,
  signWithLabel,
  verifyWithLabel,
} from '../../src/crypto/labels.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { isListWith } from './json-shape.ts'
import type { VectorSuite } from './suite.ts'
import { bytes, expectBytes, runSuiteCases } from './vector-cases.ts'

interface CryptoBasics {
  readonly cipher_suite: number
  readonly ref_hash: { readonly label: string; readonly value: string; readonly out: string }
  readonly expand_with_label: {
    readonly secret: string
    readonly label: string
    readonly context: string
    readonly length: number
    readonly out: string
  }
  readonly derive_secret: { readonly secret: string; readonly label: string; readonly out: string }
  readonly derive_tree_secret: {
    readonly secret: string
    readonly label: string
    readonly generation: number
    readonly length: number
    readonly out: string
  }
  readonly sign_with_label: {
    readonly priv: string
    readonly pub: string
    readonly content: string
    readonly label: string
    readonly signature: string
  }
  readonly encrypt_with_label: {
    readonly priv: string
    readonly pub: string
    readonly label: string
    readonly context: string
    readonly plaintext: string
    readonly kem_output: string
    readonly ciphertext: string
  }
}

export const cryptoBasics: VectorSuite = {
  name: 'crypto-basics',
  recognises: (json) =>
    isListWith(json, [
      'cipher_suite',
      'derive_secret',
      'derive_tree_secret',
      'encrypt_with_label',
      'expand_with_label',
      'ref_hash',
      'sign_with_label',
    ]),
  run: (json, provider, report) =>
    runSuiteCases<CryptoBasics>(json, provider, report, async (suite, vector) => {
      const { ref_hash: ref, expand_with_label: expand, derive_secret: derive, derive_tree_secret: tree } = vector
      expectBytes('RefHash', refHash(suite, ref.label, bytes(ref.value)), ref.out)

      const expanded = expandWithLabel(suite, bytes(expand.secret), expand.label, bytes(expand.context), expand.length)
      expectBytes('ExpandWithLabel', expanded, expand.out)
      expectBytes('DeriveSecret', deriveSecret(suite, new Secret(bytes(derive.secret)), derive.label).bytes, derive.out)
      const treeSecret = deriveTreeSecret(suite, bytes(tree.secret), tree.label, tree.generation, tree.length)
      expectBytes('DeriveTreeSecret', treeSecret, tree.out)

      const { label, ...signed } = vector.sign_with_label
      const content = bytes(signed.content)
      const publicKey = bytes(signed.pub)
      const signer = await suite.signature.importPrivateKey(bytes(signed.priv))
      expectBytes('the public signature key', signer.publicKey, signed.pub)
      await verifyWithLabel(
        suite,
        { publicKey, label, content, signature: bytes(signed.signature) },
        'FRAMING_SIGNATURE',
      )
      const signature = await signWithLabel(suite, signer.privateKey, label, content)
      await verifyWithLabel(suite, { publicKey, label, content, signature }, 'FRAMING_SIGNATURE')

      const sealed = vector.encrypt_with_label
      const context = bytes(sealed.context)
      const recipient = await suite.kem.importPrivateKey(bytes(sealed.priv))
      expectBytes('the public encryption key', recipient.publicKey, sealed.pub)
      const given = { kemOutput: bytes(sealed.kem_output), ciphertext: bytes(sealed.ciphertext) }
      const opened = await decryptWithLabel(suite, recipient, sealed.label, context, given)
      expectBytes('DecryptWithLabel', opened, sealed.plaintext)
      const own = await encryptWithLabel(suite, bytes(sealed.pub), sealed.label, context, opened)
      const reopened = await decryptWithLabel(suite, recipient, sealed.label, context, own)
      expectBytes('EncryptWithLabel, decrypted', reopened, sealed.plaintext)
    }),
}

interface SignatureVector {
  readonly cipher_suite: number
  readonly content: string
  readonly context: string
  readonly signature: string
  readonly signer: string
  readonly public: string
}

export const labelledSignatures: VectorSuite = {
  name: 'labelled signatures',
  recognises: (json) => isListWith(json, ['cipher_suite', 'content', 'context', 'signature', 'signer', 'public']),
  run: (json, provider, report) =>
    runSuiteCases<SignatureVector>(json, provider, report, async (suite, vector) => {
      // EdDSA private keys are given with their public keys behind the seed.
      const suffix = vector.signer.endsWith(vector.public) ? vector.public.length : 0
      const seed = vector.signer.slice(0, vector.signer.length - suffix)
      const signer = await suite.signature.importPrivateKey(bytes(seed))
      expectBytes('the public key', signer.publicKey, vector.public)

      const label = 'SignWithLabel'
      const publicKey = bytes(vector.public)
      const content = concat(bytes(vector.context), bytes(vector.content))
      const given = { publicKey, label, content, signature: bytes(vector.signature) }
      await verifyWithLabel(suite, given, 'FRAMING_SIGNATURE')
      const signature = await signWithLabel(suite, signer.privateKey, label, content)
      await verifyWithLabel(suite, { ...given, signature }, 'FRAMING_SIGNATURE')
      // EdDSA is deterministic.
      if (suffix > 0) expectBytes('the signature', signature, toHex(given.signature))
    }),
}
