// `coterie/crypto/noble`: cipher suites in pure JavaScript, for every runtime, also where there is no `crypto.subtle`.

export { nobleProvider } from './crypto/providers/noble/provider.ts'
export { suite1, suite2, suite3, suite4, suite5, suite6, suite7 } from './crypto/providers/noble/suites.ts'
