// Runs cases of the negative suite against the library, from nothing but what their files say.
import { fromHex, toHex } from '../../src/bytes.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { CoterieError, fail } from '../../src/errors.ts'
import {
  decodeMlsMessage,
  epochAuthenticator,
  type GroupPolicy,
  type GroupState,
  type Judgement,
  joinExternal,
  joinGroup,
  keyPackageRecord,
  keyPackageRef,
  knownPsks,
  type OwnKeyPackage,
  processMessage,
  readKeyPackage,
} from '../../src/mls.ts'
import { x509Policy } from '../../src/mls-x509.ts'
import { fingerprint } from '../support/state-walk.ts'
import type { Attempt, Keys, NegativeCase, Outcome, Start } from './case-format.ts'

/** A client where a case begins. */
export interface Client {
  readonly suite: CipherSuite
  readonly own: OwnKeyPackage
  readonly next: OwnKeyPackage | undefined
  readonly state: GroupState | undefined
  readonly judgement: Judgement
}

/** @throws where the start does not lead to where it says */
export async function openStart(suite: CipherSuite, start: Start): Promise<Client> {
  const own = await importKeys(suite, start)
  const next = start.next && (await importKeys(suite, start.next))
  const external = start.external_psks.map(({ psk_id, psk }) => ({
    pskId: bytesOf(psk_id),
    secret: new Secret(bytesOf(psk)),
  }))
  const policy = policyOf(start)
  const judgement = { nowMs: start.now * 1000, psks: knownPsks({ external }), ...(policy && { policy }) }
  const client = { suite, own, next, state: undefined, judgement }
  const { membership } = start
  if (membership === undefined) return client
  const ratchetTree = membership.ratchet_tree === undefined ? {} : { ratchetTree: bytesOf(membership.ratchet_tree) }
  let state = await joinGroup(suite, bytesOf(membership.welcome), [own], { ...judgement, ...ratchetTree })
  expectSame(toHex(epochAuthenticator(state)), membership.initial_epoch_authenticator, 'initial epoch authenticator')
  for (const message of membership.messages) state = await accept(state, message, judgement)
  expectSame(toHex(epochAuthenticator(state)), membership.epoch_authenticator, 'epoch authenticator')
  return { ...client, state }
}

/** What became of the bad messages. */
export interface Refusal {
  readonly code: string
  /** Whether everything that the client holds is as it was. */
  readonly unchanged: boolean
  /** Whether a second attempt ended in the same way. */
  readonly repeated: boolean
}

/** @throws where the last message is accepted, or one before it is not, or something else than a `CoterieError` is thrown */
export async function runBad(client: Client, { bad }: NegativeCase): Promise<Refusal> {
  const ready = await prepare(client, bad)
  const before = holdings(ready)
  const code = await refusalOf(ready, bad)
  const again = await refusalOf(ready, bad)
  return { code, unchanged: holdings(ready) === before, repeated: again === code }
}

/** Runs the control of a case; what it leads to is to equal the case's outcome. */
export async function runControl(client: Client, { control }: NegativeCase, witness?: Client): Promise<Outcome> {
  const ready = await prepare(client, control)
  return last(ready, control, witness)
}

/** Accepts all messages but the last. */
async function prepare(client: Client, attempt: Attempt): Promise<Client> {
  let { state } = client
  for (const message of attempt.messages.slice(0, -1)) state = await accept(member(state), message, client.judgement)
  return { ...client, state }
}

async function refusalOf(client: Client, attempt: Attempt): Promise<string> {
  const error: unknown = await last(client, attempt).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error === undefined) throw new Error('the bad message was accepted')
  if (!CoterieError.is(error)) throw error
  return error.code
}

async function last(client: Client, attempt: Attempt, witness?: Client): Promise<Outcome> {
  const message = bytesOf(attempt.messages.at(-1) ?? '')
  switch (attempt.operation) {
    case 'process':
      return processed(member(client.state), message, client.judgement)
    case 'join':
      return joined(await join(client, message, attempt))
    case 'join_external':
      return joinedExternally(client, message, attempt, witness)
    case 'check_key_package':
      await readKeyPackage(client.suite, message, client.judgement)
      return { kind: 'valid' }
  }
}

async function processed(state: GroupState, message: Uint8Array, judgement: Judgement): Promise<Outcome> {
  const result = await processMessage(state, message, judgement)
  if (result.kind === 'application') return { kind: 'application', application_data: toHex(result.data) }
  if (result.kind === 'proposal') return { kind: 'proposal' }
  if (result.state.status === 'removed') return { kind: 'removed' }
  return { kind: 'commit', epoch_authenticator: toHex(epochAuthenticator(result.state)) }
}

function join(client: Client, message: Uint8Array, attempt: Attempt): Promise<GroupState> {
  return joinGroup(client.suite, message, [client.next ?? client.own], {
    ...joinChecks(client, attempt),
    ...(client.state && { predecessor: client.state }),
  })
}

async function joinedExternally(
  client: Client,
  message: Uint8Array,
  attempt: Attempt,
  witness: Client | undefined,
): Promise<Outcome> {
  const { leafNode } = client.own.keyPackage
  const { state, message: commit } = await joinExternal(client.suite, message, {
    ...joinChecks(client, attempt),
    credential: leafNode.credential,
    capabilities: leafNode.capabilities,
    signatureKeyPair: client.own.secrets.signatureKeyPair,
    ...(attempt.replaces !== undefined && { replaces: attempt.replaces }),
  })
  if (witness !== undefined) {
    const seen = await processed(member(witness.state), commit, witness.judgement)
    expectSame(seen.epoch_authenticator, toHex(epochAuthenticator(state)), 'epoch authenticator of the witness')
  }
  return { kind: 'joined' }
}

function joined(state: GroupState): Outcome {
  return { kind: 'joined', epoch_authenticator: toHex(epochAuthenticator(state)) }
}

function joinChecks(
  client: Client,
  attempt: Attempt,
): Judgement & Pick<Parameters<typeof joinGroup>[3], 'ratchetTree' | 'isOwnGroup'> {
  const { ratchet_tree: tree, own_groups: groups = [] } = attempt
  return {
    ...client.judgement,
    ...(tree !== undefined && { ratchetTree: bytesOf(tree) }),
    isOwnGroup: (groupId) => groups.includes(toHex(groupId)),
  }
}

async function accept(state: GroupState, message: string, judgement: Judgement): Promise<GroupState> {
  return (await processMessage(state, bytesOf(message), judgement)).state
}

async function importKeys(suite: CipherSuite, keys: Keys): Promise<OwnKeyPackage> {
  const message = bytesOf(keys.key_package)
  const decoded = decodeMlsMessage(message)
  if (!('keyPackage' in decoded)) throw new Error('key_package is another kind of message')
  const { keyPackage } = decoded
  return {
    keyPackage,
    message,
    reference: keyPackageRef(suite, keyPackage),
    secrets: {
      initKeyPair: await suite.kem.importPrivateKey(bytesOf(keys.init_priv)),
      encryptionKeyPair: await suite.kem.importPrivateKey(bytesOf(keys.encryption_priv)),
      signatureKeyPair: await suite.signature.importPrivateKey(bytesOf(keys.signature_priv)),
    },
  }
}

function policyOf(start: Start): GroupPolicy | undefined {
  if (start.trust_anchors !== undefined) {
    return x509Policy({ trustAnchors: start.trust_anchors.map(bytesOf), nowMs: () => start.now * 1000 })
  }
  return start.refused_identities.length === 0 ? undefined : refusing(start.refused_identities)
}

/** An authentication service that knows some impostors, and lets nobody change who they are. */
function refusing(identities: readonly string[]): GroupPolicy {
  return {
    validateCredentials(checks) {
      for (const { credential, predecessor } of checks) {
        const identity = 'identity' in credential ? toHex(credential.identity) : undefined
        if (identity !== undefined && identities.includes(identity)) throw new Error('an impostor')
        if (predecessor === undefined || !('identity' in predecessor.credential)) continue
        if (toHex(predecessor.credential.identity) !== identity) fail('LEAF_IDENTITY_CHANGED', 'somebody else')
      }
    },
  }
}

function holdings({ state, own, next }: Client): string {
  const keys = [own, ...(next === undefined ? [] : [next])].map((keyPackage) => toHex(keyPackageRecord(keyPackage)))
  return [state === undefined ? 'no state' : fingerprint(state), ...keys].join(' ')
}

function member(state: GroupState | undefined): GroupState {
  if (state === undefined) throw new Error('the client is not a member')
  return state
}

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex)
  if (bytes === undefined) throw new Error('not hexadecimal')
  return bytes
}

function expectSame(actual: string | undefined, expected: string, what: string): void {
  if (actual !== expected) throw new Error(`the ${what} is ${actual}, not ${expected}`)
}
