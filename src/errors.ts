// The one error class of the library and the closed list of its codes. A code says what is wrong, `origin` who is to blame.

/** Every code with its origin. `LAYER_REASON`; codes never change their meaning. */
export const ERROR_CODES = {
  // Bytes that are not an encoding (RFC 9420 §2.1)
  CODEC_OPTIONAL_OCTET: 'peer',
  CODEC_TRAILING_BYTES: 'peer',
  CODEC_TRUNCATED: 'peer',
  CODEC_UNKNOWN_VARIANT: 'peer',
  CODEC_VALUE_RANGE: 'caller',
  CODEC_VARINT_NOT_MINIMAL: 'peer',
  CODEC_VARINT_PREFIX: 'peer',

  // Cryptographic primitives (RFC 9420 §5.1, RFC 9180)
  CRYPTO_BAD_KEY: 'peer',
  CRYPTO_BAD_LENGTH: 'caller',
  CRYPTO_BAD_PRIVATE_KEY: 'caller',
  CRYPTO_BAD_SIGNATURE: 'peer',
  CRYPTO_OPEN_FAILED: 'peer',
  CRYPTO_SECRET_WIPED: 'caller',
  CRYPTO_SEQUENCE_EXHAUSTED: 'caller',
  CRYPTO_UNSUPPORTED_SUITE: 'environment',

  // Leaf nodes, key packages and credentials (§5.3, §7.2, §7.3, §10.1)
  LEAF_CAPABILITIES_MISSING: 'peer',
  LEAF_CREDENTIAL_INVALID: 'peer',
  LEAF_CREDENTIAL_UNSUPPORTED: 'peer',
  LEAF_EXTENSION_UNSUPPORTED: 'peer',
  LEAF_IDENTITY_CHANGED: 'peer',
  LEAF_KEY_INVALID: 'peer',
  LEAF_KEY_UNCHANGED: 'peer',
  LEAF_LIFETIME: 'peer',
  LEAF_SIGNATURE: 'peer',
  LEAF_SOURCE: 'peer',
  LEAF_SUITE_UNSUPPORTED: 'peer',
  KEY_PACKAGE_INIT_KEY: 'peer',
  KEY_PACKAGE_SIGNATURE: 'peer',
  KEY_PACKAGE_SUITE: 'peer',
  KEY_PACKAGE_VERSION: 'peer',
  EXTENSION_DUPLICATE: 'peer',
  EXTENSION_MALFORMED: 'peer',

  // Certificates as credentials (§5.3, RFC 5280)
  X509_ALGORITHM: 'environment',
  X509_CHAIN: 'peer',
  X509_EXTENSION: 'peer',
  X509_KEY_MISMATCH: 'peer',
  X509_MALFORMED: 'peer',
  X509_UNTRUSTED: 'peer',
  X509_VALIDITY: 'peer',

  // The ratchet tree and its update paths (§7)
  TREE_DUPLICATE_KEY: 'peer',
  TREE_FULL: 'caller',
  TREE_HASH_MISMATCH: 'peer',
  TREE_KEY_INVALID: 'peer',
  TREE_LEAF_BLANK: 'peer',
  TREE_MALFORMED: 'peer',
  TREE_NODE_TYPE: 'peer',
  TREE_PARENT_HASH: 'peer',
  TREE_TRAILING_BLANK: 'peer',
  TREE_UNMERGED_LEAVES: 'peer',
  PATH_CIPHERTEXT_COUNT: 'peer',
  PATH_DECRYPT_FAILED: 'peer',
  PATH_KEY_MISMATCH: 'peer',
  PATH_KEY_REUSED: 'peer',
  PATH_LENGTH: 'peer',

  // Framing (§6) and the secret tree (§9)
  FRAMING_APPLICATION_IN_PUBLIC: 'peer',
  FRAMING_CONFIRMATION_TAG_MISSING: 'peer',
  FRAMING_DECRYPT_FAILED: 'peer',
  FRAMING_GENERATION_TOO_FAR: 'peer',
  FRAMING_GENERATION_USED: 'peer',
  FRAMING_MEMBERSHIP_TAG: 'peer',
  FRAMING_SENDER: 'peer',
  FRAMING_SIGNATURE: 'peer',
  FRAMING_VERSION: 'peer',
  FRAMING_WIRE_FORMAT: 'peer',
  RATCHET_EXHAUSTED: 'caller',

  // Proposals and commits (§12)
  COMMIT_CONFIRMATION_TAG: 'peer',
  COMMIT_DUPLICATE_TARGET: 'peer',
  COMMIT_EXTERNAL_FORM: 'peer',
  COMMIT_EXTERNAL_INIT: 'peer',
  COMMIT_MEMBER_EXISTS: 'peer',
  COMMIT_MULTIPLE_GCE: 'peer',
  COMMIT_PATH_MISSING: 'peer',
  COMMIT_PROPOSAL_UNKNOWN: 'peer',
  COMMIT_PROPOSAL_UNSUPPORTED: 'peer',
  COMMIT_REINIT_NOT_ALONE: 'peer',
  COMMIT_REMOVES_COMMITTER: 'peer',
  COMMIT_UPDATES_COMMITTER: 'peer',
  PROPOSAL_FROM_EXTERNAL: 'peer',
  PROPOSAL_REFUSED: 'peer',
  PROPOSAL_REINIT_VERSION: 'peer',
  PROPOSAL_TARGET: 'peer',
  PSK_DUPLICATE: 'peer',
  PSK_NONCE_LENGTH: 'peer',
  PSK_UNKNOWN: 'peer',
  PSK_USAGE: 'peer',
  GROUP_EXTENSION_UNSUPPORTED: 'peer',
  GROUP_REQUIRED_CAPABILITIES: 'peer',

  // The group as a whole (§8, §11, §12.4, §14)
  GROUP_EPOCH_AHEAD: 'peer',
  GROUP_EPOCH_PAST: 'peer',
  GROUP_FROZEN: 'caller',
  GROUP_ID_MISMATCH: 'peer',
  GROUP_ID_TAKEN: 'peer',
  GROUP_OWN_MESSAGE: 'peer',
  GROUP_PENDING_PROPOSALS: 'caller',
  GROUP_REMOVED: 'caller',
  GROUP_WELCOME_AWAITED: 'caller',

  // Joining (§11.2, §11.3, §12.4.3)
  JOIN_BRANCH_MISMATCH: 'peer',
  JOIN_CONFIRMATION_TAG: 'peer',
  JOIN_EXTERNAL_PUB_MISSING: 'peer',
  JOIN_GROUP_INFO_SIGNATURE: 'peer',
  JOIN_KEY_PACKAGE_UNKNOWN: 'peer',
  JOIN_OWN_LEAF: 'peer',
  JOIN_PAST_MALFORMED: 'peer',
  JOIN_PATH_SECRET: 'peer',
  JOIN_REINIT_MISMATCH: 'peer',
  JOIN_SIGNER: 'peer',
  JOIN_SUITE_MISMATCH: 'peer',
  JOIN_TREE_MISSING: 'peer',
  JOIN_WELCOME_DECRYPT: 'peer',

  // Who someone is (spec/credential.md, spec/contact-card.md)
  CARD_EXPIRED: 'peer',
  CARD_MALFORMED: 'peer',
  CARD_SIGNATURE: 'peer',
  IDENTITY_CERTIFICATE: 'peer',
  IDENTITY_CHANGED: 'peer',
  IDENTITY_MALFORMED: 'peer',

  // What travels on topics (spec/frame.md, spec/topic.md, spec/inbox.md)
  FRAME_MALFORMED: 'peer',
  FRAME_SIGNATURE: 'peer',
  FRAME_UNREADABLE: 'peer',
  INBOX_UNREADABLE: 'peer',

  // Invite links (spec/invite.md)
  INVITE_CANCELLED: 'caller',
  INVITE_EXPIRED: 'peer',
  INVITE_LIMIT: 'caller',
  INVITE_MALFORMED: 'peer',
  INVITE_REFUSED: 'peer',
  INVITE_REVOKED: 'peer',
  INVITE_SIGNATURE: 'peer',
  INVITE_UNKNOWN: 'caller',
  INVITE_USED_UP: 'peer',

  // Reconciliation and large frames (spec/reconciliation.md)
  SYNC_BUSY: 'environment',
  SYNC_FRAME: 'peer',
  SYNC_LIMIT: 'peer',
  SYNC_MALFORMED: 'peer',
  SYNC_PROOF: 'peer',
  SYNC_SILENT: 'peer',

  // Relays (spec/relay.md)
  RELAY_BUSY: 'environment',
  RELAY_MALFORMED: 'peer',
  RELAY_REFUSED: 'peer',

  // Groups as clients run them (spec/group-policy.md, spec/message.md)
  GROUP_CARD_IS_MEMBER: 'caller',
  GROUP_LAST_ADMIN: 'caller',
  GROUP_NOT_PERMITTED: 'peer',
  GROUP_PROFILE_MALFORMED: 'peer',
  GROUP_UNKNOWN: 'caller',
  GROUP_UNKNOWN_MEMBER: 'caller',
  GROUP_WELCOME_EARLY: 'peer',
  MESSAGE_MALFORMED: 'peer',
  MESSAGE_TOO_LARGE: 'caller',
  REQUEST_DROPPED: 'peer',
  REQUEST_UNKNOWN: 'caller',
  REQUEST_MALFORMED: 'peer',
  REQUEST_SIGNATURE: 'peer',
  VOTE_MALFORMED: 'peer',
  VOTE_SIGNATURE: 'peer',
  CLIENT_CLOSED: 'caller',

  // Transports and stores
  TRANSPORT_FRAME_TOO_LARGE: 'caller',
  TRANSPORT_LISTEN_FAILED: 'environment',
  TRANSPORT_PROTOCOL_UNSUPPORTED: 'peer',
  TRANSPORT_STOPPED: 'caller',
  TRANSPORT_STREAM_FAILED: 'environment',
  TRANSPORT_UNREACHABLE: 'environment',
  STORE_CLOSED: 'caller',
  STORE_CORRUPT: 'environment',
  STORE_FAILED: 'environment',
  STORE_FOREIGN: 'caller',
  STORE_LOCKED: 'environment',
  STORE_PASSPHRASE: 'caller',
  STORE_VERSION: 'environment',

  // Calls that cannot be carried out
  ARGUMENT_INVALID: 'caller',
  SNAPSHOT_INVALID: 'environment',
  SNAPSHOT_VERSION: 'environment',
  INTERNAL_INVARIANT: 'internal',
} as const

/** A stable name for what went wrong. */
export type ErrorCode = keyof typeof ERROR_CODES

/** Who has to change something: the calling program, whoever sent the bytes, the surroundings, or this library. */
export type ErrorOrigin = (typeof ERROR_CODES)[ErrorCode]

/** Codes of failures that time or further input can cure: a commit not yet seen, a PSK or tree not yet at hand. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  'GROUP_EPOCH_AHEAD',
  'GROUP_WELCOME_AWAITED',
  'GROUP_WELCOME_EARLY',
  'COMMIT_PROPOSAL_UNKNOWN',
  'PSK_UNKNOWN',
  'JOIN_TREE_MISSING',
  'TRANSPORT_STREAM_FAILED',
  'TRANSPORT_UNREACHABLE',
  'STORE_LOCKED',
  'RELAY_BUSY',
  'SYNC_BUSY',
  'SYNC_SILENT',
])

/** Brands the errors across duplicate copies of the package. */
const BRAND = Symbol.for('coterie.error')

/** What an error may carry beside its message. Never secrets. */
export interface ErrorContext {
  readonly cause?: unknown
  readonly details?: Readonly<Record<string, string | number | bigint | boolean>>
}

/** The error that every operation of the library throws or rejects with. */
export class CoterieError<C extends ErrorCode = ErrorCode> extends Error {
  /** What went wrong; stable across versions. */
  readonly code: C
  /** Who is to blame. */
  readonly origin: ErrorOrigin
  /** Whether the same input may succeed later, without being changed. */
  readonly retryable: boolean
  /** Public facts about the failure. */
  readonly details: Readonly<Record<string, string | number | bigint | boolean>>
  constructor(code: C, message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause })
    this.name = 'CoterieError'
    Object.defineProperty(this, BRAND, { value: true })
    this.code = code
    this.origin = ERROR_CODES[code]
    this.retryable = RETRYABLE.has(code)
    this.details = context.details ?? {}
  }

  /** Whether `value` is such an error, from this copy of the package or another; optionally with this code. */
  static is<C extends ErrorCode = ErrorCode>(value: unknown, code?: C): value is CoterieError<C> {
    if (typeof value !== 'object' || value === null || !(BRAND in value)) return false
    return code === undefined || ('code' in value && value.code === code)
  }
}

/** All errors, told apart by `code`. */
export type AnyCoterieError = { [C in ErrorCode]: CoterieError<C> }[ErrorCode]

/** Throws a `CoterieError`. */
export function fail(code: ErrorCode, message: string, context?: ErrorContext): never {
  throw new CoterieError(code, message, context)
}
