// Known answers of SHA-2 and HMAC: FIPS 180-4's "abc", RFC 4231 §4.3.

import { KDF_HKDF_SHA256, KDF_HKDF_SHA384, KDF_HKDF_SHA512 } from '../../crypto/suites.ts'

/** In hexadecimal. */
export interface HashAnswers {
  /** SHA-2 of `abc`. */
  readonly digest: string
  /** HMAC of `what do ya want for nothing?` under the key `Jefe`. */
  readonly hmac: string
}

/** By RFC 9180 §7.2 code point. */
export const HASH_ANSWERS: ReadonlyMap<number, HashAnswers> = /* @__PURE__ */ new Map([
  [
    KDF_HKDF_SHA256,
    {
      digest: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      hmac: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    },
  ],
  [
    KDF_HKDF_SHA384,
    {
      digest: 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
      hmac: 'af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649',
    },
  ],
  [
    KDF_HKDF_SHA512,
    {
      digest:
        'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
      hmac: '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
    },
  ],
])
