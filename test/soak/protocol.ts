// What a soak and its processes say to each other.

/** What one client is to do. Groups are meant by their ids, members by their identities. */
export type Command =
  | { readonly cmd: 'open'; readonly folder: string; readonly listen: string; readonly peers: readonly string[] }
  | { readonly cmd: 'close' }
  | { readonly cmd: 'connect'; readonly address: string }
  | { readonly cmd: 'create'; readonly name: string }
  | { readonly cmd: 'add'; readonly group: string; readonly card: string }
  | { readonly cmd: 'remove' | 'promote'; readonly group: string; readonly identity: string }
  | { readonly cmd: 'rename'; readonly group: string; readonly name: string }
  | { readonly cmd: 'send'; readonly group: string; readonly text: string }
  | { readonly cmd: 'view'; readonly group: string }
  | { readonly cmd: 'history' | 'epochs'; readonly group: string }

/** What the answer to each command holds. */
export interface Answers {
  readonly open: { readonly identity: string; readonly card: string; readonly address: string }
  readonly close: null
  readonly connect: null
  readonly create: { readonly group: string }
  readonly add: null
  readonly remove: null
  readonly promote: null
  readonly rename: null
  readonly send: SentReport
  readonly view: View
  readonly history: readonly HistoryEntry[]
  readonly epochs: readonly ReportedEpoch[]
}

interface SentReport {
  readonly id: string
  /** The identities that the sender knew as members when it sent. */
  readonly readers: readonly string[]
}

/** How a client sees the group. What is not there where it is no member: all but `isMember`. */
export interface View {
  readonly isMember: boolean
  readonly head?: string
  readonly name?: string
  readonly members?: readonly string[]
  /** Of the exporter, in hexadecimal. */
  readonly secret?: string
  /** For whoever looks for a cause. */
  readonly state?: string
}

export interface HistoryEntry {
  readonly id: string
  readonly text: string
}

export interface ReportedEpoch {
  readonly id: string
  readonly parent: string | undefined
  readonly committer: string | undefined
}

export interface Request {
  readonly ref: number
  /** The client's name. */
  readonly client: string
  readonly command: Command
}

export type Report =
  | { readonly ref: number; readonly answer: Answers[Command['cmd']] }
  | { readonly ref: number; readonly code: string; readonly message: string }
  /** An event of the client's group. */
  | { readonly client: string; readonly event: string }
  | { readonly client: string; readonly warning: string; readonly message: string }
