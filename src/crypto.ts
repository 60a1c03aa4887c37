// `coterie/crypto`: the contract of cryptographic providers, parts to build one from, the registry of cipher suites, and HPKE.

export { checkedAead, type RawAead } from './crypto/aead.ts'
export { composeSuite, type SuiteParts } from './crypto/compose-suite.ts'
export type {
  AeadPrimitive,
  CryptoProvider,
  Encapsulation,
  HashPrimitive,
  KemPrimitive,
  KeyPair,
  SignaturePrimitive,
  SignedBytes,
  SuitePrimitives,
} from './crypto/contract.ts'
export { type DhKemPrimitive, type DhPrimitive, dhKem, type Eventual } from './crypto/dhkem.ts'
export { EDWARDS448, EDWARDS25519, type EddsaCurve } from './crypto/eddsa-strict.ts'
export { hkdfExpand, hkdfExtract } from './crypto/hkdf.ts'
export {
  type HpkeExport,
  type HpkePlaintext,
  type HpkeSealed,
  type HpkeSenderSetup,
  hpkeExportRecipient,
  hpkeExportSender,
  hpkeOpen,
  hpkeSeal,
  hpkeSealAll,
  setupBaseRecipient,
  setupBaseSender,
} from './crypto/hpke.ts'
export type { HpkeRecipientContext, HpkeSenderContext } from './crypto/hpke-context.ts'
export {
  type HpkeExpectedProof,
  type HpkePsk,
  type HpkeSenderProof,
  setupRecipient,
  setupSender,
} from './crypto/hpke-modes.ts'
export { type NistCurve, P256, P384, P521 } from './crypto/nist-curves.ts'
export { createProvider } from './crypto/provider.ts'
export { Secret } from './crypto/secret.ts'
export { type RawSignature, strictEcdsa, strictEddsa } from './crypto/strict-signatures.ts'
export { CIPHER_SUITES, type CipherSuiteInfo } from './crypto/suites.ts'
export { CoterieError } from './errors.ts'
