// Formats that are known and deliberately not run, each with the reason that is given instead.
import { isListWith } from './json-shape.ts'
import type { VectorSuite } from './suite.ts'

export const outOfScope: readonly VectorSuite[] = [
  skipped('x-wing', 'X-Wing is in no cipher suite of RFC 9420', (json) =>
    isListWith(json, ['seed', 'eseed', 'ss', 'sk', 'pk', 'ct']),
  ),
  skipped('targeted messages', 'targeted messages are a draft extension, not part of RFC 9420', (json) =>
    isListWith(json, ['targeted_message', 'sender_leaf_node', 'recipient_encryption_priv']),
  ),
  skipped('interop scripts', 'these script live clients rather than give vectors', (json) => {
    return typeof json === 'object' && json !== null && 'scripts' in json
  }),
]

/** Skips each case of a file that is a list, or the whole of any other. */
function skipped(name: string, reason: string, recognises: (json: unknown) => boolean): VectorSuite {
  return {
    name,
    recognises,
    async run(json, _provider, report) {
      const cases = Array.isArray(json) ? json.length : 1
      for (let i = 0; i < cases; i++) report.skip(reason)
    },
  }
}
