// From when on and until when a key package can be used (RFC 9420 §7.2, §10).

import type { OwnKeyPackage } from '../group/key-packages.ts'
import type { KeyPackage } from '../messages/key-package.ts'

/** In milliseconds since the Unix epoch. */
export function notBeforeMs({ leafNode: { origin } }: KeyPackage): number {
  return 'lifetime' in origin ? Number(origin.lifetime.notBefore) * 1_000 : 0
}

/** In milliseconds since the Unix epoch. */
export function notAfterMs({ leafNode: { origin } }: KeyPackage): number {
  return 'lifetime' in origin ? Number(origin.lifetime.notAfter) * 1_000 : 0
}

export function hasExpired({ keyPackage }: OwnKeyPackage, nowMs: number): boolean {
  return notAfterMs(keyPackage) < nowMs
}

export const DAY_MS = 86_400_000
