// `coterie`: people, devices and bots in end-to-end encrypted groups, with no server in charge.

export type { AppList, AppListNames } from './client/app-list.ts'
export { Applicant, Applicants } from './client/applicants.ts'
export { Client, type Device } from './client/client.ts'
export type { Logger, WarningListener } from './client/client-log.ts'
export type { ClientStatus } from './client/client-status.ts'
export { ContactRequest, type ContactRequestContents, Contacts } from './client/contacts.ts'
export { type EventsOptions, Group, type GroupReport, type MessagesOptions, type SendOptions } from './client/group.ts'
export type { GroupEvent } from './client/group-events.ts'
export { Groups, type JoinOptions, type NewGroup } from './client/groups.ts'
export { Invite, type InviteOptions } from './client/invites.ts'
export { type GroupPreview, type InvitationPreview, JoinRequest, JoinRequests } from './client/join-requests.ts'
export { type InvitePreview, JoiningGroup } from './client/joining-group.ts'
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
export type { Permission, Permissions } from './session/group-profile.ts'
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
