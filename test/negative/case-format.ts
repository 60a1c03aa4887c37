// The form of spec/vectors/negative/*.json (described in its README.md): read strictly, written readably.
import { hex, list, object, optional, type Shape, uint } from '../conformance/json-shape.ts'

/** A key package with its private keys. */
export interface Keys {
  readonly key_package: string
  readonly init_priv: string
  readonly encryption_priv: string
  readonly signature_priv: string
}

/** A client's keys, and what made it a member: all that a stack needs to be where a case begins. */
export interface Start extends Keys {
  readonly cipher_suite: number
  /** Seconds since the Unix epoch. */
  readonly now: number
  /** With which a member joins the group that follows its own. */
  readonly next?: Keys | undefined
  readonly external_psks: readonly { readonly psk_id: string; readonly psk: string }[]
  /** Identities in basic credentials that the authentication service does not vouch for. */
  readonly refused_identities: readonly string[]
  /** DER of the certificates that the authentication service trusts; where they are given, all credentials are X.509. */
  readonly trust_anchors?: readonly string[] | undefined
  /** Absent where the client is not a member of anything yet. */
  readonly membership?: Membership | undefined
}

export interface Membership {
  readonly welcome: string
  readonly ratchet_tree?: string | undefined
  readonly initial_epoch_authenticator: string
  /** Processed in this order, each of them accepted. */
  readonly messages: readonly string[]
  readonly epoch_authenticator: string
}

/** Something that the client is asked to do. */
export interface Attempt {
  readonly operation: 'process' | 'join' | 'join_external' | 'check_key_package'
  /** One after another; it is the last that matters, those before it are accepted. */
  readonly messages: readonly string[]
  /** The tree of the group that is to be joined, where it comes apart. */
  readonly ratchet_tree?: string | undefined
  /** Ids of groups that the client is in. */
  readonly own_groups?: readonly string[] | undefined
  /** The leaf that an external join replaces. */
  readonly replaces?: number | undefined
}

/** What the control leads to. */
export interface Outcome {
  readonly kind: 'commit' | 'removed' | 'proposal' | 'application' | 'joined' | 'valid'
  readonly epoch_authenticator?: string | undefined
  readonly application_data?: string | undefined
}

export interface NegativeCase {
  readonly name: string
  /** What is wrong, in a sentence. */
  readonly about: string
  readonly rows: readonly number[]
  readonly traps: readonly string[]
  /** Sections of RFC 9420, unless another RFC is named. */
  readonly sections: readonly string[]
  readonly start: string
  readonly bad: Attempt
  readonly code: string
  readonly control: Attempt & { readonly outcome: Outcome }
  /** A start whose client, a member, accepts the commit with which the control of an external join joins. */
  readonly witness?: string | undefined
}

export interface NegativeFile {
  readonly description: string
  readonly starts: Readonly<Record<string, Start>>
  readonly cases: readonly NegativeCase[]
}

const text: Shape<string> = (value, place) => {
  if (typeof value !== 'string') throw new Error(`${place} is not a text`)
  return value
}

function oneOf<const T extends string>(...values: readonly T[]): Shape<T> {
  return (value, place) => {
    const found = values.find((one) => one === value)
    if (found === undefined) throw new Error(`${place} is none of ${values.join(', ')}`)
    return found
  }
}

const operation = oneOf('process', 'join', 'join_external', 'check_key_package')

const attempt = {
  operation,
  messages: list(hex),
  ratchet_tree: optional(hex),
  own_groups: optional(list(hex)),
  replaces: optional(uint),
}

const keys = { key_package: hex, init_priv: hex, encryption_priv: hex, signature_priv: hex }

const start: Shape<Start> = object({
  ...keys,
  cipher_suite: uint,
  now: uint,
  next: optional(object(keys)),
  external_psks: list(object({ psk_id: hex, psk: hex })),
  refused_identities: list(hex),
  trust_anchors: optional(list(hex)),
  membership: optional(
    object({
      welcome: hex,
      ratchet_tree: optional(hex),
      initial_epoch_authenticator: hex,
      messages: list(hex),
      epoch_authenticator: hex,
    }),
  ),
})

const outcome: Shape<Outcome> = object({
  kind: oneOf('commit', 'removed', 'proposal', 'application', 'joined', 'valid'),
  epoch_authenticator: optional(hex),
  application_data: optional(hex),
})

const negativeCase: Shape<NegativeCase> = object({
  name: text,
  about: text,
  rows: list(uint),
  traps: list(text),
  sections: list(text),
  start: text,
  bad: object(attempt),
  code: text,
  control: object({ ...attempt, outcome }),
  witness: optional(text),
})

/** @throws where a file is of another form */
export function readNegativeFile(json: unknown): NegativeFile {
  const { description, starts, cases } = object({ description: text, starts: anyObject, cases: list(negativeCase) })(
    json,
  )
  const read = Object.entries(starts).map(([name, value]) => [name, start(value, `starts.${name}`)] as const)
  return { description, starts: Object.fromEntries(read), cases }
}

function anyObject(value: unknown, place?: string): object {
  if (typeof value !== 'object' || value === null) throw new Error(`${place} is not an object`)
  return value
}
