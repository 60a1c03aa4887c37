// `coterie`: people, devices and bots in end-to-end encrypted groups, with no server in charge.

export { Client, type Device, type WarningListener } from './client/client.ts'
export type { ClientStatus } from './client/client-status.ts'
export { type EventsOptions, Group, type MessagesOptions, type SendOptions } from './client/group.ts'
export type { GroupEvent } from './client/group-events.ts'
export { Groups, type NewGroup } from './client/groups.ts'
export { type GroupPreview, type InvitationPreview, JoinRequest, JoinRequests } from './client/join-requests.ts'
export type { Message, MessageSender, Reaction } from './client/message.ts'
export type { ClientOptions, TransportFactory } from './client/options.ts'
export { Sent } from './client/sent.ts'
export type { MessageBody, UnknownBody } from './content/message-body.ts'
export { Secret } from './crypto/secret.ts'
export {
  type AnyCoterieError,
  CoterieError,
  ERROR_CODES,
  type ErrorCode,
  type ErrorContext,
  type ErrorOrigin,
} from './errors.ts'
export type { Delivery, SessionMember } from './session/effects.ts'
export type { SessionReport } from './session/inspecting.ts'
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
