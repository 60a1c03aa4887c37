// Which X25519 and X448 public keys lead to a Diffie-Hellman result of zeros, whoever's private key they meet (RFC 7748 §6,
// RFC 9180 §7.1.4). Refusing them where they are first seen keeps keys that nobody can encrypt to out of trees.

import { copyBytes } from '../bytes.ts'
import { bigEndian } from './nist-curves.ts'

/** Whether these bytes, 32 for X25519 or 56 for X448, encode the u coordinate of a point whose order divides the cofactor. */
export function hasSmallOrder(publicKey: Uint8Array): boolean {
  const { p, smallOrderU } = publicKey.length === 32 ? CURVE25519 : CURVE448
  const bytes = copyBytes(publicKey).reverse()
  // RFC 7748 §5: X25519 ignores the most significant bit; both reduce what is not below p.
  if (publicKey.length === 32) bytes[0] = (bytes[0] as number) & 0x7f
  return smallOrderU.has(bigEndian(bytes) % p)
}

interface MontgomeryCurve {
  readonly p: bigint
  readonly smallOrderU: ReadonlySet<bigint>
}

/** On the curve and on its twist: orders 1, 2, 4 and 8. */
const CURVE25519: MontgomeryCurve = {
  p: 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffedn,
  smallOrderU: /* @__PURE__ */ new Set([
    0n,
    1n,
    0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffecn,
    0x00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
    0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn,
  ]),
}

/** On the curve and on its twist: orders 1, 2 and 4. */
const CURVE448: MontgomeryCurve = {
  p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffffffffn,
  smallOrderU: /* @__PURE__ */ new Set([
    0n,
    1n,
    0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffffffffffffffffffffffffffffffffffffffffffffffffffffen,
  ]),
}
