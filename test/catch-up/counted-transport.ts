// A transport that counts what goes over it, both ways.

import type { MessageStream, Transport } from '../../src/transport/transport.ts'

/** What has gone over a transport. */
export interface Traffic {
  sentBytes: number
  receivedBytes: number
  /** Frames that came by topics, and how many were published. */
  heard: number
  published: number
  /** Streams, whoever opened them. */
  streams: number
}

/** Counts on top of another transport. Headers of what lies below are not in it. */
export function counted(transport: Transport): { readonly transport: Transport; readonly traffic: Traffic } {
  const traffic: Traffic = { sentBytes: 0, receivedBytes: 0, heard: 0, published: 0, streams: 0 }
  const stream = (inner: MessageStream): MessageStream => {
    traffic.streams++
    return {
      peer: inner.peer,
      send: (message) => {
        traffic.sentBytes += message.length
        return inner.send(message)
      },
      receive: async () => {
        const message = await inner.receive()
        traffic.receivedBytes += message?.length ?? 0
        return message
      },
      close: () => inner.close(),
      abort: (reason) => inner.abort(reason),
    }
  }
  return {
    traffic,
    transport: {
      get peer() {
        return transport.peer
      },
      addresses: () => transport.addresses(),
      isAddress: (text) => transport.isAddress(text),
      start: () => transport.start(),
      stop: () => transport.stop(),
      connect: (address) => transport.connect(address),
      connectedPeers: () => transport.connectedPeers(),
      subscribe: (topic, onFrame) =>
        transport.subscribe(topic, (frame, from) => {
          traffic.heard++
          traffic.receivedBytes += frame.length
          return onFrame(frame, from)
        }),
      publish: async (topic, frame) => {
        const { peers } = await transport.publish(topic, frame)
        traffic.published++
        traffic.sentBytes += frame.length * peers
        return { peers }
      },
      peers: (topic) => transport.peers(topic),
      open: async (peer, protocol) => stream(await transport.open(peer, protocol)),
      handle: (protocol, serve) => transport.handle(protocol, (inner) => serve(stream(inner))),
      onEvent: (listener) => transport.onEvent(listener),
    },
  }
}
