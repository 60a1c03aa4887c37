// `coterie/crypto/webcrypto`: cipher suites by `crypto.subtle` where the runtime has it, the rest in pure JavaScript.

export { createWebCryptoProvider } from './crypto/providers/webcrypto/provider.ts'
export { webCryptoSuite } from './crypto/providers/webcrypto/suite.ts'
