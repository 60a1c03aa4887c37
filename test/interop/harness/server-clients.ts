// The clients that the server plays: what they say of themselves, what they ask of others, and what they keep.
import type { CryptoProvider } from '../../../src/crypto/contract.ts'
import { fail } from '../../../src/errors.ts'
import {
  type CipherSuite,
  type Credential,
  decodeMlsMessage,
  type ExternalPsk,
  epochAuthenticator,
  type GroupInfo,
  type GroupLimits,
  type GroupPolicy,
  type GroupState,
  type JoinOptions,
  type KeyPackage,
  type KeyPackageOptions,
  type KeyPair,
  knownPsks,
  lifetimeOfDays,
  type OwnKeyPackage,
  Secret,
  WireFormat,
  wipeState,
} from '../../../src/mls.ts'
import type { PreSharedKey, StateResponse } from './messages.ts'
import type { Member, Registry } from './server-registry.ts'

/** What all RPCs of one server work with. */
export interface ServerContext {
  readonly provider: CryptoProvider
  readonly registry: Registry
}

/** Messages of many past epochs can be read, and resumption PSKs of practically all be used. */
export const LIMITS: Partial<GroupLimits> = { pastEpochs: 32, resumptionPsks: 1000 }

/** @throws CoterieError `CRYPTO_UNSUPPORTED_SUITE` */
export function suiteOf({ provider }: ServerContext, id: number): CipherSuite {
  return provider.suite(id) ?? fail('CRYPTO_UNSUPPORTED_SUITE', `this server has no cipher suite ${id}`)
}

/** A leaf to be, with a new signature key. */
export async function newLeaf(
  context: ServerContext,
  suite: CipherSuite,
  credential: Credential,
): Promise<KeyPackageOptions> {
  return leafWith(context, credential, await suite.signature.generateKeyPair())
}

/** A leaf to be. Its capabilities list every suite of the server. */
export function leafWith(
  { provider }: ServerContext,
  credential: Credential,
  signatureKeyPair: KeyPair,
): KeyPackageOptions {
  const lifetime = lifetimeOfDays(Date.now(), DAYS)
  return { credential, signatureKeyPair, capabilities: { cipherSuites: provider.suites }, lifetime }
}

/** What operations judge others' input by, now. */
export function judgement(psks: readonly ExternalPsk[]): Required<Pick<JoinOptions, 'nowMs' | 'policy' | 'psks'>> {
  return { nowMs: Date.now(), policy: POLICY, psks: knownPsks({ external: psks }) }
}

/** The bare private keys of a key package, for runners that ask. */
export function privateKeysOf({ secrets }: OwnKeyPackage): {
  initPriv: Uint8Array
  encryptionPriv: Uint8Array
  signaturePriv: Uint8Array
} {
  const { initKeyPair, encryptionKeyPair, signatureKeyPair } = secrets
  return {
    initPriv: initKeyPair.privateKey.bytes.slice(),
    encryptionPriv: encryptionKeyPair.privateKey.bytes.slice(),
    signaturePriv: signatureKeyPair.privateKey.bytes.slice(),
  }
}

/** A PSK as it came, in memory of its own. */
export function externalPsk({ pskId, pskSecret }: PreSharedKey): ExternalPsk {
  return { pskId: new Uint8Array(pskId), secret: new Secret(new Uint8Array(pskSecret)) }
}

/** The tree where one came beside a Welcome or GroupInfo. */
export function treeBeside(ratchetTree: Uint8Array): Pick<JoinOptions, 'ratchetTree'> {
  return ratchetTree.length === 0 ? {} : { ratchetTree }
}

/** How the member's handshakes travel. */
export function wireFormatOf({ encryptHandshake }: Member): 'private' | 'public' {
  return encryptHandshake ? 'private' : 'public'
}

/** @throws CoterieError `FRAMING_WIRE_FORMAT`, `CODEC_*` */
export function readGroupInfo(message: Uint8Array): GroupInfo {
  const decoded = decodeMlsMessage(message)
  if (decoded.wireFormat !== WireFormat.groupInfo) return fail('FRAMING_WIRE_FORMAT', 'this message is no GroupInfo')
  return decoded.groupInfo
}

/** A key package, unchecked: the operation that takes it checks it. @throws CoterieError `FRAMING_WIRE_FORMAT`, `CODEC_*` */
export function decodeKeyPackageMessage(message: Uint8Array): KeyPackage {
  const decoded = decodeMlsMessage(message)
  if (decoded.wireFormat !== WireFormat.keyPackage) return fail('FRAMING_WIRE_FORMAT', 'this message is no KeyPackage')
  return decoded.keyPackage
}

/** Keeps the state of someone who has just come into a group. */
export function enter(
  { registry }: ServerContext,
  member: Pick<Member, 'group' | 'encryptHandshake' | 'psks'>,
): StateResponse {
  const stateId = registry.states.put({ ...member, references: new Map(), pending: undefined })
  return { stateId, epochAuthenticator: epochAuthenticator(member.group) }
}

/** Overwrites the secrets of what a member was, but for those that the states in `keeping` need. */
export function forget({ group, pending }: Member, keeping: readonly GroupState[]): void {
  for (const state of [group, pending]) if (state !== undefined) wipeState(state, keeping)
}

const DAYS = 30

/** The peers are tests: any credential, any proposal and any lifetime will do. */
const POLICY: GroupPolicy = { maxLifetimeSeconds: 1n << 64n }
