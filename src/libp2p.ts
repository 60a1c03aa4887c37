// Entry `coterie/libp2p`: the transport over libp2p, and the gossipsub that an application's own node needs for it.

export { coterieGossipsub, type GossipOptions } from './transport/libp2p/gossip.ts'
export { libp2pTransport } from './transport/libp2p/libp2p-transport.ts'
export type { CommonOptions, Libp2pTransportOptions, NodeOptions, OwnNodeOptions } from './transport/libp2p/options.ts'
