// Entry `coterie/transport`: the contract that a transport fulfils, for those who bring their own.

export type {
  FrameHandler,
  MessageStream,
  PeerId,
  Topic,
  Transport,
  TransportEvent,
  Unsubscribe,
  Verdict,
} from './transport/transport.ts'
export { MAX_FRAME_BYTES, MAX_STREAM_MESSAGE_BYTES } from './transport/transport.ts'
