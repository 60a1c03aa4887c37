// Both gRPC ends of the interop interface: the interface is the agreed one, and every value survives the wire.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { type Connection, type ConnectOptions, connect, RpcError } from './client-api.ts'
import { describeInterface } from './describe-interface.ts'
import { fakeStack } from './fake/stack.ts'
import { serve } from './host.ts'
import type { MlsClient, RequestOf } from './mls-client.ts'

const ends: { close(): void }[] = []

afterEach(() => {
  for (const end of ends.splice(0).reverse()) end.close()
})

describe('mls_client.proto', () => {
  it('has the names and numbers that all stacks of the harness share', () => {
    const shared = readFileSync(new URL('./fixtures/interface.txt', import.meta.url), 'utf8')
      .trimEnd()
      .split('\n')
    expect(describeInterface(fileURLToPath(new URL('./mls_client.proto', import.meta.url)))).toEqual(shared)
    expect(shared.filter((line) => line.startsWith('/mls_client.MLSClient/'))).toHaveLength(34)
  })
})

describe('a call over gRPC', () => {
  it('carries every field there and back', async () => {
    const request: RequestOf<'ExternalJoin'> = {
      groupInfo: new Uint8Array([0, 255]),
      ratchetTree: new Uint8Array(0),
      encryptHandshake: true,
      identity: new Uint8Array([1]),
      removePrior: false,
      psks: [{ pskId: new Uint8Array([2]), pskSecret: new Uint8Array([3]) }],
    }
    const seen: unknown[] = []
    const { call } = await connected({
      ExternalJoin: async (received) => {
        seen.push(received)
        return { stateId: 0xffffffff, commit: new Uint8Array([4]), epochAuthenticator: new Uint8Array(0) }
      },
    })
    const response = await call('ExternalJoin', request)
    expect(plain(seen[0])).toEqual(plain(request))
    expect(plain(response)).toEqual({ stateId: 0xffffffff, commit: '04', epochAuthenticator: '' })
  })

  it('does not round a uint64, also inside a description', async () => {
    const epochs: string[] = []
    const { call } = await connected({
      ResumptionPSKProposal: async ({ epochId }) => {
        epochs.push(epochId)
        return { proposal: new Uint8Array(0) }
      },
      Commit: async ({ byValue }) => {
        epochs.push(...byValue.map(({ epochId }) => epochId))
        return { commit: new Uint8Array(0), welcome: new Uint8Array(0), ratchetTree: new Uint8Array(0) }
      },
    })
    await call('ResumptionPSKProposal', { stateId: 1, epochId: '18446744073709551615' })
    const nothing = new Uint8Array(0)
    const description = { proposalType: nothing, keyPackage: nothing, removedId: nothing, pskId: nothing }
    const resumption = { ...description, epochId: '9007199254740993', extensions: [], groupId: nothing, cipherSuite: 0 }
    await call('Commit', { stateId: 1, byReference: [], byValue: [resumption], forcePath: false, externalTree: false })
    expect(epochs).toEqual(['18446744073709551615', '9007199254740993'])
  })

  it('carries more than gRPC’s default of 4 MiB', async () => {
    const { call } = await connected({ GroupInfo: async () => ({ groupInfo: large, ratchetTree: large }) })
    const large = new Uint8Array(5 << 20).fill(7)
    const { groupInfo, ratchetTree } = await call('GroupInfo', { stateId: 1, externalTree: true })
    expect([Buffer.compare(groupInfo, large), Buffer.compare(ratchetTree, large)]).toEqual([0, 0])
  })

  it('rejects with the code and the words of what the stack throws', async () => {
    const { call } = await connected({
      Free: async () => {
        throw Object.assign(new Error('no state 7: “closed”'), { code: 'STATE_UNKNOWN' })
      },
      StateAuth: () => {
        throw new Error('thrown before any promise')
      },
    })
    const refused = await call('Free', { stateId: 7 }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(RpcError)
    expect(refused).toMatchObject({ rpc: 'Free', message: 'Free: ABORTED: STATE_UNKNOWN: no state 7: “closed”' })
    await expect(call('StateAuth', { stateId: 7 })).rejects.toThrow('StateAuth: ABORTED: thrown before any promise')
  })

  it('ends after its time', async () => {
    const { call } = await connected({ Free: () => new Promise(() => undefined) }, { rpcTimeoutMs: 50 })
    await expect(call('Free', { stateId: 1 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
  })

  it('is refused where no server listens', async () => {
    const host = await serve(fakeStack('toy', []))
    host.close()
    await expect(connect(host.address, { connectTimeoutMs: 200 })).rejects.toThrow(
      `no server accepts connections at ${host.address}`,
    )
  })

  it('cannot have a port that is taken', async () => {
    const host = await serve(fakeStack('toy', []))
    ends.push(host)
    await expect(serve(fakeStack('toy', []), Number(host.address.split(':')[1]))).rejects.toThrow()
  })
})

async function connected(methods: Partial<MlsClient>, options?: ConnectOptions): Promise<Connection> {
  const host = await serve({ ...fakeStack('toy', [1]), ...methods })
  ends.push(host)
  const connection = await connect(host.address, options)
  ends.push(connection)
  return connection
}

/** A message with its bytes as hexadecimal, whichever class holds them. */
function plain(message: unknown): unknown {
  return JSON.parse(
    JSON.stringify(message, (_, value: unknown) => {
      const bytes = isBufferJson(value) ? Buffer.from(value.data) : value
      return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : value
    }),
  )
}

function isBufferJson(value: unknown): value is { data: number[] } {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer'
}
