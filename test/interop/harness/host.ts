// The gRPC end that answers: puts any implementation of the interop interface behind a server on loopback.
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import type { MlsClient, RequestOf, ResponseOf, RpcName } from './mls-client.ts'
import { channelOptions, service } from './service-definition.ts'

export interface Host {
  /** `HOST:PORT` that the server listens at. */
  readonly address: string
  close(): void
}

/**
 * Serves `client` on loopback.
 * @param port - 0 (the default) lets the system choose a free one.
 * @throws {Error} when the port cannot be bound.
 */
export async function serve(client: MlsClient, port = 0): Promise<Host> {
  const server = new Server(channelOptions)
  server.addService(service, implementation(client))
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, boundPort) => {
      if (error === null) resolve(boundPort)
      else reject(error)
    })
  })
  return { address: `127.0.0.1:${bound}`, close: () => server.forceShutdown() }
}

function implementation(client: MlsClient): UntypedServiceImplementation {
  const names = Object.keys(service) as RpcName[]
  return Object.fromEntries(names.map((name) => [name, handler(client, name)]))
}

function handler<N extends RpcName>(client: MlsClient, name: N): handleUnaryCall<RequestOf<N>, ResponseOf<N>> {
  const answerTo = async (request: RequestOf<N>): Promise<ResponseOf<N>> => client[name](request)
  return ({ request }, answer) => {
    answerTo(request).then(
      (response) => answer(null, response),
      (error: unknown) => answer({ code: status.ABORTED, details: textOf(error) }),
    )
  }
}

/** What the runner shows of a failure: its code, where it has one, and message. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? `${error.code}: ${error.message}` : error.message
}
