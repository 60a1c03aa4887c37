// How the parts of a stored state are written and read (see snapshot.ts). Version 1.

import { type Decoder, decode, type Reader } from '../codec/reader.ts'
import { encode, type Writer } from '../codec/writer.ts'
import type { KeyPair } from '../crypto/contract.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import { Secret } from '../crypto/secret.ts'
import { CoterieError, fail } from '../errors.ts'
import { ProposalType } from '../messages/code-points.ts'
import { decodeSender, encodeSender } from '../messages/framed-content.ts'
import { decodeGroupContext, encodeGroupContext, type GroupContext } from '../messages/group-context.ts'
import { decodeProposal, encodeProposal, type ReInitProposal } from '../messages/proposal.ts'
import { leafCount } from '../tree/ratchet-tree.ts'
import type {
  GroupLimits,
  GroupState,
  GroupStatus,
  OwnUpdate,
  PastEpoch,
  PendingProposal,
  ResumptionPsk,
  StateSecrets,
} from './state.ts'

/** The version that this library writes, and the only one so far that it reads. */
export const SNAPSHOT_VERSION = 1

/** How many records of each kind belong to a state: one that is missing shows. */
interface RecordCounts {
  readonly privateKeys: number
  readonly proposals: number
  readonly pastEpochs: number
  readonly resumptionPsks: number
}

/** What `head` holds. */
export interface StoredHead {
  readonly limits: GroupLimits
  readonly status: GroupStatus
  readonly reinit: ReInitProposal | undefined
  readonly groupContext: GroupContext
  readonly leafCount: number
  readonly interimTranscriptHash: Uint8Array
  readonly confirmationTag: Uint8Array
  readonly secrets: StateSecrets
  readonly leafIndex: number
  readonly signatureKeyPair: KeyPair
  readonly counts: RecordCounts
}

/** What `past/<epoch>` holds. */
export interface StoredPastEpoch extends Pick<PastEpoch, 'groupContext' | 'senderDataSecret'> {
  readonly leafCount: number
}

export function encodeHead(state: GroupState): Uint8Array {
  return encode((writer) => {
    writer.uint16(SNAPSHOT_VERSION)
    writer.uint16(state.suite.id)
    for (const name of LIMITS) writer.uint32(state.limits[name])
    writer.uint8(STATUSES.indexOf(state.status))
    writer.optional(state.reinit, encodeProposal)
    encodeGroupContext(writer, state.groupContext)
    writer.uint32(leafCount(state.tree))
    writer.opaque(state.interimTranscriptHash)
    writer.opaque(state.confirmationTag)
    for (const name of SECRETS) writer.opaque(state.secrets[name].bytes)
    writer.uint32(state.own.leafIndex)
    writeKeyPair(writer, state.own.signatureKeyPair)
    writer.uint32(state.own.privateKeys.size)
    writer.uint32(state.proposals.size)
    writer.uint32(state.pastEpochs.length)
    writer.uint32(state.resumptionPsks.length)
  }, undefined)
}

/**
 * Refuses a head of another format or suite, before anything else of it is looked at.
 * @throws CoterieError `SNAPSHOT_VERSION`, `SNAPSHOT_INVALID`, `CRYPTO_UNSUPPORTED_SUITE` (environment)
 */
export function checkFormat(suite: CipherSuite, head: Uint8Array): void {
  const { version, cipherSuite } = decodeStored(
    (reader) => ({ version: reader.uint16(), cipherSuite: reader.uint16(), rest: reader.rest() }),
    head,
  )
  if (version !== SNAPSHOT_VERSION) {
    fail('SNAPSHOT_VERSION', `this state was stored in format ${version}, this library reads ${SNAPSHOT_VERSION}`)
  }
  if (cipherSuite !== suite.id) {
    fail('CRYPTO_UNSUPPORTED_SUITE', `this state is of suite ${cipherSuite}, not ${suite.id}`)
  }
}

/**
 * Reads a head whose format has been checked.
 * @throws CoterieError `SNAPSHOT_INVALID` (environment)
 */
export function decodeHead(bytes: Uint8Array): StoredHead {
  return decodeStored((reader) => {
    reader.fixed(FORMAT_BYTES)
    return {
      limits: readLimits(reader),
      status: STATUSES[reader.uint8()] ?? fail('SNAPSHOT_INVALID', 'an unknown status'),
      reinit: reader.optional(readReinit),
      groupContext: decodeGroupContext(reader),
      leafCount: reader.uint32(),
      interimTranscriptHash: reader.opaque(),
      confirmationTag: reader.opaque(),
      secrets: readSecrets(reader),
      leafIndex: reader.uint32(),
      signatureKeyPair: readKeyPair(reader),
      counts: {
        privateKeys: reader.uint32(),
        proposals: reader.uint32(),
        pastEpochs: reader.uint32(),
        resumptionPsks: reader.uint32(),
      },
    }
  }, bytes)
}

export function encodePrivateKey(keyPair: KeyPair): Uint8Array {
  return encode(writeKeyPair, keyPair)
}

export function decodePrivateKey(bytes: Uint8Array): KeyPair {
  return decodeStored(readKeyPair, bytes)
}

export function encodePending(pending: PendingProposal): Uint8Array {
  return encode((writer) => {
    writer.opaque(pending.reference)
    encodeProposal(writer, pending.proposal)
    encodeSender(writer, pending.sender)
    writer.optional(pending.ownUpdate, (inner, update) => {
      writeKeyPair(inner, update.encryptionKeyPair)
      writeKeyPair(inner, update.signatureKeyPair)
    })
  }, undefined)
}

export function decodePending(bytes: Uint8Array): PendingProposal {
  return decodeStored(
    (reader) => ({
      reference: reader.opaque(),
      proposal: decodeProposal(reader),
      sender: decodeSender(reader),
      ownUpdate: reader.optional(readOwnUpdate),
    }),
    bytes,
  )
}

export function encodePastEpoch(past: PastEpoch): Uint8Array {
  return encode((writer) => {
    encodeGroupContext(writer, past.groupContext)
    writer.uint32(leafCount(past.tree))
    writer.opaque(past.senderDataSecret.bytes)
  }, undefined)
}

export function decodePastEpoch(bytes: Uint8Array): StoredPastEpoch {
  return decodeStored(
    (reader) => ({
      groupContext: decodeGroupContext(reader),
      leafCount: reader.uint32(),
      senderDataSecret: readSecret(reader),
    }),
    bytes,
  )
}

export function encodeResumptionPsk(psk: ResumptionPsk): Uint8Array {
  return encode((writer) => {
    writer.uint64(psk.epoch)
    writer.opaque(psk.secret.bytes)
  }, undefined)
}

export function decodeResumptionPsk(bytes: Uint8Array): ResumptionPsk {
  return decodeStored((reader) => ({ epoch: reader.uint64(), secret: readSecret(reader) }), bytes)
}

export function decodeStored<T>(decoder: Decoder<T>, bytes: Uint8Array): T {
  try {
    return decode(decoder, bytes)
  } catch (cause) {
    if (!CoterieError.is(cause) || CoterieError.is(cause, 'SNAPSHOT_VERSION')) throw cause
    return fail('SNAPSHOT_INVALID', 'a stored record is malformed', { cause })
  }
}

function readLimits(reader: Reader): GroupLimits {
  return {
    maxForward: reader.uint32(),
    maxSkipped: reader.uint32(),
    pastEpochs: reader.uint32(),
    resumptionPsks: reader.uint32(),
  }
}

function readSecrets(reader: Reader): StateSecrets {
  return {
    senderDataSecret: readSecret(reader),
    exporterSecret: readSecret(reader),
    epochAuthenticator: readSecret(reader),
    externalSecret: readSecret(reader),
    membershipKey: readSecret(reader),
    resumptionPsk: readSecret(reader),
    initSecret: readSecret(reader),
  }
}

function readReinit(reader: Reader): ReInitProposal {
  const proposal = decodeProposal(reader)
  if (proposal.proposalType === ProposalType.reinit && 'cipherSuite' in proposal) return proposal
  return fail('SNAPSHOT_INVALID', 'a stored ReInit is another proposal')
}

function readOwnUpdate(reader: Reader): OwnUpdate {
  return { encryptionKeyPair: readKeyPair(reader), signatureKeyPair: readKeyPair(reader) }
}

export function writeKeyPair(writer: Writer, keyPair: KeyPair): void {
  writer.opaque(keyPair.publicKey)
  writer.opaque(keyPair.privateKey.bytes)
}

export function readKeyPair(reader: Reader): KeyPair {
  return { publicKey: reader.opaque(), privateKey: readSecret(reader) }
}

function readSecret(reader: Reader): Secret {
  return new Secret(reader.opaque())
}

/** Version and cipher suite. */
const FORMAT_BYTES = 4
/** In the order in which they are stored. */
const LIMITS = ['maxForward', 'maxSkipped', 'pastEpochs', 'resumptionPsks'] as const satisfies (keyof GroupLimits)[]
const STATUSES: readonly GroupStatus[] = ['active', 'frozen', 'removed']
const SECRETS = [
  'senderDataSecret',
  'exporterSecret',
  'epochAuthenticator',
  'externalSecret',
  'membershipKey',
  'resumptionPsk',
  'initSecret',
] as const satisfies (keyof StateSecrets)[]
