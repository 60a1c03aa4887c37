// The webcrypto provider where the runtime has no `crypto.subtle`, or one that lacks or breaks an algorithm.
import { webcrypto } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { nobleProvider } from '../../../src/crypto-noble.ts'
import { createWebCryptoProvider, webCryptoSuite } from '../../../src/crypto-webcrypto.ts'
import { providerConformance } from '../../../src/testing.ts'
import { suiteOf } from './all-providers.ts'

afterEach(() => vi.unstubAllGlobals())

const base = suiteOf(nobleProvider, 1)

describe('without crypto.subtle', () => {
  it('every suite is the pure one', async () => {
    withSubtle(undefined)
    const provider = await createWebCryptoProvider()
    expect(provider.suites).toEqual(nobleProvider.suites)
    for (const id of provider.suites) expect(provider.suite(id)).toBe(nobleProvider.suite(id))
  })

  it('the pure suites need nothing of it', async () => {
    withSubtle(undefined)
    for (const { name, run } of providerConformance(nobleProvider)) {
      if (name.includes('suite 1,')) await run()
    }
  })
})

describe('with some of it', () => {
  it('keeps the KEM where X25519 is not there', async () => {
    withSubtle(refusing('X25519'))
    const suite = await webCryptoSuite(base)
    expect(suite.kem).toBe(base.kem)
    expect(suite.signature).not.toBe(base.signature)
    expect(suite.provider).toBe('webcrypto')
  })

  it('keeps the signatures where Ed25519 is not there', async () => {
    withSubtle(refusing('Ed25519'))
    const suite = await webCryptoSuite(base)
    expect(suite.kem).not.toBe(base.kem)
    expect(suite.signature).toBe(base.signature)
  })

  it('keeps both where every key is refused', async () => {
    withSubtle(refusing('X25519', 'Ed25519'))
    expect(await webCryptoSuite(base)).toBe(base)
  })

  it('keeps a KEM whose Diffie-Hellman is wrong', async () => {
    let calls = 0
    const wrong = (): Promise<ArrayBuffer> => Promise.resolve(new Uint8Array(32).fill(++calls).buffer)
    withSubtle(override({ deriveBits: wrong }))
    expect((await webCryptoSuite(base)).kem).toBe(base.kem)
  })

  it('keeps signatures that do not verify', async () => {
    withSubtle(override({ verify: () => Promise.resolve(false) }))
    expect((await webCryptoSuite(base)).signature).toBe(base.signature)
  })
})

type Subtle = typeof webcrypto.subtle

/** `crypto` with another `subtle`. */
function withSubtle(subtle: Subtle | undefined): void {
  vi.stubGlobal('crypto', { getRandomValues: webcrypto.getRandomValues.bind(webcrypto), subtle })
}

function refusing(...names: readonly string[]): Subtle {
  const refuses = (args: readonly unknown[]): boolean =>
    args.some((arg) => typeof arg === 'object' && arg !== null && 'name' in arg && names.includes(String(arg.name)))
  return new Proxy(webcrypto.subtle, {
    get(target, property) {
      const method: unknown = Reflect.get(target, property)
      if (typeof method !== 'function') return method
      return (...args: unknown[]) =>
        refuses(args) ? Promise.reject(new Error('NotSupportedError')) : method.apply(target, args)
    },
  })
}

function override(methods: Readonly<Record<string, (...args: never[]) => unknown>>): Subtle {
  return new Proxy(webcrypto.subtle, {
    get(target, property) {
      const replacement = methods[String(property)]
      if (replacement !== undefined) return replacement
      const method: unknown = Reflect.get(target, property)
      return typeof method === 'function' ? method.bind(target) : method
    },
  })
}
