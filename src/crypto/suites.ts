// The cipher suites of RFC 9420 §17.1, as registered. Knows code points, not implementations.

/** One row of the MLS Cipher Suites registry. */
export interface CipherSuiteInfo {
  /** The code point on the wire. */
  readonly id: number
  readonly name: string
  /** RFC 9180 §7.1 */
  readonly kemId: number
  /** RFC 9180 §7.2 */
  readonly kdfId: number
  /** RFC 9180 §7.3 */
  readonly aeadId: number
  /** RFC 8446 §4.2.3 */
  readonly signatureScheme: number
}

/** RFC 9180 §7.1 */
export const KEM_P256 = 0x0010
export const KEM_P384 = 0x0011
export const KEM_P521 = 0x0012
export const KEM_X25519 = 0x0020
export const KEM_X448 = 0x0021

/** RFC 9180 §7.2 */
export const KDF_HKDF_SHA256 = 0x0001
export const KDF_HKDF_SHA384 = 0x0002
export const KDF_HKDF_SHA512 = 0x0003

/** RFC 9180 §7.3 */
export const AEAD_AES_128_GCM = 0x0001
export const AEAD_AES_256_GCM = 0x0002
export const AEAD_CHACHA20_POLY1305 = 0x0003

/** RFC 8446 §4.2.3 */
export const SIGNATURE_ECDSA_P256 = 0x0403
export const SIGNATURE_ECDSA_P384 = 0x0503
export const SIGNATURE_ECDSA_P521 = 0x0603
export const SIGNATURE_ED25519 = 0x0807
export const SIGNATURE_ED448 = 0x0808

export const SUITE_1: CipherSuiteInfo = {
  id: 1,
  name: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
  kemId: KEM_X25519,
  kdfId: KDF_HKDF_SHA256,
  aeadId: AEAD_AES_128_GCM,
  signatureScheme: SIGNATURE_ED25519,
}

export const SUITE_2: CipherSuiteInfo = {
  id: 2,
  name: 'MLS_128_DHKEMP256_AES128GCM_SHA256_P256',
  kemId: KEM_P256,
  kdfId: KDF_HKDF_SHA256,
  aeadId: AEAD_AES_128_GCM,
  signatureScheme: SIGNATURE_ECDSA_P256,
}

export const SUITE_3: CipherSuiteInfo = {
  id: 3,
  name: 'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519',
  kemId: KEM_X25519,
  kdfId: KDF_HKDF_SHA256,
  aeadId: AEAD_CHACHA20_POLY1305,
  signatureScheme: SIGNATURE_ED25519,
}

export const SUITE_4: CipherSuiteInfo = {
  id: 4,
  name: 'MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448',
  kemId: KEM_X448,
  kdfId: KDF_HKDF_SHA512,
  aeadId: AEAD_AES_256_GCM,
  signatureScheme: SIGNATURE_ED448,
}

export const SUITE_5: CipherSuiteInfo = {
  id: 5,
  name: 'MLS_256_DHKEMP521_AES256GCM_SHA512_P521',
  kemId: KEM_P521,
  kdfId: KDF_HKDF_SHA512,
  aeadId: AEAD_AES_256_GCM,
  signatureScheme: SIGNATURE_ECDSA_P521,
}

export const SUITE_6: CipherSuiteInfo = {
  id: 6,
  name: 'MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448',
  kemId: KEM_X448,
  kdfId: KDF_HKDF_SHA512,
  aeadId: AEAD_CHACHA20_POLY1305,
  signatureScheme: SIGNATURE_ED448,
}

export const SUITE_7: CipherSuiteInfo = {
  id: 7,
  name: 'MLS_256_DHKEMP384_AES256GCM_SHA384_P384',
  kemId: KEM_P384,
  kdfId: KDF_HKDF_SHA384,
  aeadId: AEAD_AES_256_GCM,
  signatureScheme: SIGNATURE_ECDSA_P384,
}

/** All registered suites, by ascending code point. */
export const CIPHER_SUITES: readonly CipherSuiteInfo[] = [SUITE_1, SUITE_2, SUITE_3, SUITE_4, SUITE_5, SUITE_6, SUITE_7]
