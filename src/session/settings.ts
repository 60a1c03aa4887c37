// The session's numbers: how long it waits, how much it keeps. docs/convergence.md says what each costs.

export interface SessionSettings {
  /** How many epochs behind the current one keep their keys. Each costs forward secrecy. */
  readonly retainedEpochs: number
  /** How many epochs behind the current one are remembered without secrets, to know who may vote where. */
  readonly rememberedEpochs: number
  /** How many epochs of branches that are not the current one's keep their keys. */
  readonly branchEpochs: number
  /** How long a fork is left open before anybody moves, in milliseconds; and how long a commit waits to be settled. */
  readonly settleMs: number
  /** What lies between two members in rank order who could do the same thing, in milliseconds. */
  readonly rankStepMs: number
  /** How many members vote at once when a fork shows; the others only if it stays undecided. */
  readonly firstVoters: number
  /** How long frames that would lead further may take before this device asks to be added again, in milliseconds. */
  readonly detachAfterMs: number
  /** How long received messages wait for something to carry their acknowledgement, for each member, in milliseconds. */
  readonly ackStepMs: number
  /** The least of that waiting, in milliseconds. */
  readonly ackLeastMs: number
  /** How long something may be missing before its sender is told, and then between two times that it is sent again. */
  readonly gapMs: number
  /** How long a message is kept from those whom its branch had removed and the winning one has not, in milliseconds. */
  readonly holdMs: number
  /** How long a member may leave messages unacknowledged before the app is told, in milliseconds. */
  readonly unreachableMs: number
  /** How long a group is calm before a newcomer gives its leaf fresh keys, in milliseconds. */
  readonly refreshAfterMs: number
  /** How long frames of the time before may come to a newcomer without meaning anything, in milliseconds. */
  readonly newcomerMs: number
  /** How long a topic that the group has left is listened to, in milliseconds; longer while a member may be there. */
  readonly topicRetentionMs: number
  /** How many such topics are listened to at most; those that were left first are given up. */
  readonly leftTopics: number
  /** After how long a Welcome is left again for somebody of whom nothing was heard since it was added, in milliseconds. */
  readonly welcomeAgainMs: number
  /** How many frames that no key opens are remembered, and how many bytes of them. */
  readonly unreadFrames: number
  readonly unreadBytes: number
}

export const DEFAULT_SETTINGS: SessionSettings = {
  retainedEpochs: 8,
  rememberedEpochs: 1_024,
  branchEpochs: 64,
  settleMs: 500,
  rankStepMs: 300,
  firstVoters: 64,
  detachAfterMs: 30_000,
  ackStepMs: 200,
  ackLeastMs: 1_000,
  gapMs: 10_000,
  holdMs: 60_000,
  unreachableMs: 24 * 3_600_000,
  refreshAfterMs: 60_000,
  newcomerMs: 10_000,
  topicRetentionMs: 7 * 24 * 3_600_000,
  leftTopics: 64,
  welcomeAgainMs: 3 * 24 * 3_600_000,
  unreadFrames: 512,
  unreadBytes: 8_388_608,
}
