// mls_client.proto, loaded: the gRPC service that both ends of the interop interface speak.
import { fileURLToPath } from 'node:url'
import { type ChannelOptions, loadPackageDefinition, type ServiceDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

/** The service's methods by RPC name, with their codecs for the types of messages.ts. */
export const service: ServiceDefinition = loadService()

/** A tree or Welcome of a large group is bigger than gRPC's default limit of 4 MiB, so there is none here. */
export const channelOptions: ChannelOptions = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
}

function loadService(): ServiceDefinition {
  const path = fileURLToPath(new URL('./mls_client.proto', import.meta.url))
  // `defaults` and `arrays` fill in what the wire left out, so that every field of messages.ts is there; a uint64 is
  // text because a number would round it.
  const loaded = loadPackageDefinition(loadSync(path, { defaults: true, arrays: true, longs: String }))
  const { mls_client: packaged } = loaded
  const client = packaged !== undefined && 'MLSClient' in packaged ? packaged.MLSClient : undefined
  if (typeof client !== 'function' || !('service' in client)) throw new Error(`no service MLSClient in ${path}`)
  return client.service
}
