// `coterie`: people, devices and bots in end-to-end encrypted groups, with no server in charge.

export { Client, type WarningListener } from './client/client.ts'
export { Group, type GroupEvent, type Message, type MessagesOptions } from './client/group.ts'
export { Groups, type NewGroup } from './client/groups.ts'
export type { ClientOptions, TransportFactory } from './client/options.ts'
export { Secret } from './crypto/secret.ts'
export {
  type AnyCoterieError,
  CoterieError,
  ERROR_CODES,
  type ErrorCode,
  type ErrorContext,
  type ErrorOrigin,
} from './errors.ts'
export type { SessionMember } from './session/effects.ts'
export type { SessionReport } from './session/group-session.ts'
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
