// Looking at everything that a state holds: to freeze it, to see whether anything changed, to find its secrets.
import { toHex } from '../../src/bytes.ts'
import { Secret } from '../../src/crypto/secret.ts'
import type { GroupState } from '../../src/group/state.ts'

/** Everything a state holds, its secrets included, as one text: equal exactly where nothing differs. */
export function fingerprint(state: GroupState): string {
  const { suite, ...rest } = state
  return `${suite.id} ${describe(rest)}`
}

/** Freezes all plain objects and maps of a state, so that whoever changes one fails. Byte strings cannot be frozen. */
export function deepFreeze(state: GroupState): GroupState {
  for (const part of partsOf(state)) {
    if (part instanceof Map) {
      const refuse = (): never => {
        throw new TypeError('a map of a state is changed')
      }
      Object.assign(part, { set: refuse, delete: refuse, clear: refuse })
    }
    if (!(part instanceof Uint8Array) && !(part instanceof Secret)) Object.freeze(part)
  }
  return state
}

/** All secrets in a state, each once. */
export function secretsIn(state: GroupState): Secret[] {
  return [...partsOf(state)].filter((part) => part instanceof Secret)
}

/** All objects below a state, each once, without what is only derived from it. */
function partsOf(state: GroupState): Set<object> {
  const found = new Set<object>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || value === state.suite || found.has(value)) return
    found.add(value)
    for (const part of value instanceof Map ? value.values() : childrenOf(value)) visit(part)
  }
  visit(state)
  return found
}

function childrenOf(value: object): unknown[] {
  if (value instanceof Uint8Array || value instanceof Secret) return []
  // Hashes and summaries on tree nodes are filled in when they are first asked for.
  return Object.entries(value).flatMap(([name, part]) => (name === 'derived' ? [] : [part]))
}

function describe(value: unknown): string {
  if (value instanceof Uint8Array) return toHex(value)
  if (value instanceof Secret) return value.wiped ? '(wiped)' : `(${toHex(value.bytes)})`
  if (value instanceof Map) return `{${inOrder(value).join(';')}}`
  if (Array.isArray(value)) return `[${value.map(describe).join(',')}]`
  if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`
  const parts = Object.entries(value)
    .filter(([name]) => name !== 'derived')
    .map(([name, part]) => `${name}:${describe(part)}`)
    .sort()
  return `{${parts.join(';')}}`
}

/** The order of arrival means something for proposals; for what is kept by number it does not. */
function inOrder(map: ReadonlyMap<unknown, unknown>): string[] {
  const entries = [...map].map(([key, part]) => `${key}=>${describe(part)}`)
  return [...map.keys()].every((key) => typeof key === 'number') ? entries.sort() : entries
}
