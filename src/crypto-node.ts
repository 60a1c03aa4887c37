// `coterie/crypto/node`: cipher suites by `node:crypto`, the fastest where Node.js runs.

export { nodeProvider } from './crypto/providers/node/provider.ts'
export { suite1, suite2, suite3, suite4, suite5, suite6, suite7 } from './crypto/providers/node/suites.ts'
