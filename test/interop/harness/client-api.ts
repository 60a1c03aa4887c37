// The gRPC end that asks: connects to a stack's server and calls its RPCs with typed messages and promises.
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import type { Call, RequestOf, ResponseOf, RpcName } from './mls-client.ts'
import { channelOptions, service } from './service-definition.ts'

/** An RPC that was answered with an error, or not at all; `message` has the status and the server's own text. */
export class RpcError extends Error {
  readonly rpc: RpcName
  readonly code: string

  constructor(rpc: RpcName, code: string, details: string, cause?: unknown) {
    super(`${rpc}: ${code}: ${details}`, { cause })
    this.name = 'RpcError'
    this.rpc = rpc
    this.code = code
  }
}

export interface Connection {
  readonly call: Call
  close(): void
}

export interface ConnectOptions {
  /** How long to wait for the server to accept the connection. Default 10 000. */
  readonly connectTimeoutMs?: number
  /** How long one RPC may take. Default 120 000. */
  readonly rpcTimeoutMs?: number
}

/**
 * Connects to the server at `address` (`HOST:PORT`), in plaintext: the harness carries test keys only.
 * @throws {Error} when nothing there accepts the connection in time.
 */
export async function connect(address: string, options: ConnectOptions = {}): Promise<Connection> {
  const { connectTimeoutMs = 10_000, rpcTimeoutMs = 120_000 } = options
  const client = new Client(address, credentials.createInsecure(), channelOptions)
  await new Promise<void>((resolve, reject) => {
    client.waitForReady(Date.now() + connectTimeoutMs, (error) => {
      if (error === undefined) resolve()
      else reject(new Error(`no server accepts connections at ${address}`, { cause: error }))
    })
  }).catch((error: unknown) => {
    client.close()
    throw error
  })
  return { call: (name, request) => unary(client, name, request, rpcTimeoutMs), close: () => client.close() }
}

function unary<N extends RpcName>(
  client: Client,
  name: N,
  request: RequestOf<N>,
  timeoutMs: number,
): Promise<ResponseOf<N>> {
  const method = service[name]
  if (method === undefined) throw new Error(`mls_client.proto has no RPC ${name}`)
  return new Promise((resolve, reject) => {
    const onAnswer = (error: ServiceError | null, response?: ResponseOf<N>): void => {
      if (error !== null) reject(new RpcError(name, status[error.code], error.details, error))
      else if (response === undefined) reject(new RpcError(name, 'INTERNAL', 'neither a response nor an error'))
      else resolve(response)
    }
    const deadline = Date.now() + timeoutMs
    client.makeUnaryRequest<RequestOf<N>, ResponseOf<N>>(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      new Metadata(),
      { deadline },
      onAnswer,
    )
  })
}
