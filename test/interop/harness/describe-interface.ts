// Writes a .proto file's interface as lines of text: what must not change, and nothing else.
import { loadSync } from '@grpc/proto-loader'

/** One line per message (its fields by number) and per RPC (its two messages), sorted. */
export function describeInterface(path: string): readonly string[] {
  const loaded = loadSync(path, { keepCase: true })
  return Object.entries(loaded)
    .flatMap(([name, definition]) => {
      if ('format' in definition) return [`${name}: ${describeFields(definition.type)}`]
      const rpcs = Object.values(definition as Record<string, Rpc>)
      return rpcs.map((rpc) => `${rpc.path}: ${nameOf(rpc.requestType.type)} -> ${nameOf(rpc.responseType.type)}`)
    })
    .sort()
}

interface Rpc {
  readonly path: string
  readonly requestType: { readonly type: object }
  readonly responseType: { readonly type: object }
}

interface Field {
  readonly name: string
  readonly number: number
  readonly label: string
  readonly type: string
  readonly typeName: string
}

function describeFields(type: object): string {
  const { field } = type as { field: readonly Field[] }
  const sorted = [...field].sort((a, b) => a.number - b.number)
  return sorted
    .map(({ name, number, label, type: kind, typeName }) => {
      const repeated = label === 'LABEL_REPEATED' ? 'repeated ' : ''
      return `${number} ${repeated}${typeName === '' ? kind.replace('TYPE_', '').toLowerCase() : typeName} ${name}`
    })
    .join(', ')
}

function nameOf(type: object): string {
  return (type as { name: string }).name
}
