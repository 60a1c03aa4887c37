// HKDF: the test cases of RFC 5869 Appendix A, and the bound of §2.3, over each provider's hash.
import { describe, expect, it } from 'vitest'
import { EMPTY, fromHex, toHex } from '../../../src/bytes.ts'
import { hkdfExpand, hkdfExtract } from '../../../src/crypto/hkdf.ts'
import { codeOf } from '../../support/errors.ts'
import { PROVIDERS, suiteOf } from './all-providers.ts'

const range = (first: number, last: number): Uint8Array =>
  Uint8Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** RFC 5869 §A.1 to §A.3, all with SHA-256. */
const CASES = [
  {
    ikm: new Uint8Array(22).fill(0x0b),
    salt: range(0x00, 0x0c),
    info: range(0xf0, 0xf9),
    prk: '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
    okm: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  },
  {
    ikm: range(0x00, 0x4f),
    salt: range(0x60, 0xaf),
    info: range(0xb0, 0xff),
    prk: '06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244',
    okm:
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09' +
      'da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
  },
  {
    ikm: new Uint8Array(22).fill(0x0b),
    salt: EMPTY,
    info: EMPTY,
    prk: '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04',
    okm: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  },
]

describe.each(PROVIDERS.map((provider) => ({ name: provider.name, provider })))('$name', ({ provider }) => {
  const { hash } = suiteOf(provider, 1)

  it.each(CASES)('RFC 5869 $prk', ({ ikm, salt, info, prk, okm }) => {
    const extracted = hkdfExtract(hash, salt, ikm)
    expect(toHex(extracted)).toBe(prk)
    expect(toHex(hkdfExpand(hash, extracted, info, okm.length / 2))).toBe(okm)
  })

  it('gives prefixes of one stream, up to 255 · Nh bytes', () => {
    const prk = fromHex(CASES[0]?.prk ?? '') ?? EMPTY
    const whole = hkdfExpand(hash, prk, EMPTY, 255 * hash.length)
    for (const length of [0, 1, 31, 32, 33, 64, 100, 255 * hash.length]) {
      expect(hkdfExpand(hash, prk, EMPTY, length)).toEqual(whole.slice(0, length))
    }
  })

  it.each([-1, 0.5, Number.NaN, 255 * 32 + 1, 2 ** 32])('refuses a length of %d', (length) => {
    expect(codeOf(() => hkdfExpand(hash, new Uint8Array(32), EMPTY, length))).toBe('CRYPTO_BAD_LENGTH')
  })
})
