// `coterie/testing`: what programs that use coterie can test their own parts with, in any test runner.

export type { ConformanceCase } from './testing/conformance/expectations.ts'
export { providerConformance } from './testing/provider-conformance.ts'
export type { MakeTransports, TransportSetup } from './testing/transport/peers.ts'
export { transportConformance } from './testing/transport-conformance.ts'
export { until } from './testing/until.ts'
export { createMemoryNetwork, type MemoryNetwork } from './transport/memory/network.ts'
