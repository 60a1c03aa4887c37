// The life of a group in every suite, as a program for any runtime: `--without-subtle` takes `crypto.subtle` away first.
// Prints a line for each provider, and fails where anything does.
const withoutSubtle = process.argv.includes('--without-subtle')
if (withoutSubtle) {
  const { crypto: complete } = globalThis
  const rest = { getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => complete.getRandomValues(bytes) }
  Object.defineProperty(globalThis, 'crypto', { value: rest, configurable: true })
}
if ((globalThis.crypto.subtle === undefined) !== withoutSubtle) throw new Error('crypto.subtle is not as it should be')

// Only now, so that loading the library is part of what is shown.
const { nobleProvider } = await import('../../src/crypto-noble.ts')
const { createWebCryptoProvider } = await import('../../src/crypto-webcrypto.ts')
const { groupScenario } = await import('./group-scenario.ts')

for (const provider of [nobleProvider, await createWebCryptoProvider()]) {
  const implementers: string[] = []
  for (const id of provider.suites) {
    const suite = provider.suite(id)
    if (suite === undefined) throw new Error(`${provider.name} lacks suite ${id}`)
    await groupScenario(suite)
    implementers.push(suite.provider)
  }
  console.log(`${provider.name}: ${implementers.length} groups, by ${implementers.join(' ')}`)
}
