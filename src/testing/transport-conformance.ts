// Whether a transport keeps the contract: cases that run in any test runner, for one's own transport as well.

import type { ConformanceCase } from './conformance/expectations.ts'
import { lifecycleCases } from './transport/lifecycle-cases.ts'
import { type MakeTransports, Peers } from './transport/peers.ts'
import { pubsubCases } from './transport/pubsub-cases.ts'
import { streamCases } from './transport/stream-cases.ts'

/**
 * All cases for a transport.
 *
 * ```ts
 * const network = createMemoryNetwork()
 * const make = async (count) => ({ transports: Array.from({ length: count }, () => network.transport()) })
 * for (const { name, run } of transportConformance(make)) test(name, run)
 * ```
 * @param make - gives that many transports that can reach each other, not started; called once for each case
 */
export function transportConformance(make: MakeTransports): ConformanceCase[] {
  return [...lifecycleCases, ...pubsubCases, ...streamCases].map(({ name, peers: count, run }) => ({
    name,
    async run() {
      const { transports, dispose } = await make(count)
      try {
        await Promise.all(transports.map((transport) => transport.start()))
        await run(new Peers(transports))
      } finally {
        await Promise.all(transports.map((transport) => transport.stop()))
        await dispose?.()
      }
    },
  }))
}
