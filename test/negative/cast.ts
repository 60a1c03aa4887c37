// The people of the negative suite and the groups that they are in: built by the library itself, on honest ways.
import { toHex, utf8 } from '../../src/bytes.ts'
import type { KeyPair } from '../../src/crypto/contract.ts'
import type { CipherSuite } from '../../src/crypto/labels.ts'
import { Secret } from '../../src/crypto/secret.ts'
import {
  basicCredential,
  type Capabilities,
  type CommitOptions,
  commit,
  createGroup,
  createKeyPackage,
  type Extension,
  epochAuthenticator,
  type GroupState,
  joinGroup,
  type KeyPackageOptions,
  lifetimeOfDays,
  type OwnKeyPackage,
  type PreSharedKeyId,
  type Proposal,
  processMessage,
} from '../../src/mls.ts'
import type { Keys, Membership, Start } from './case-format.ts'

/** 1 March 2026, 12:00 UTC. */
export const NOW_MS = 1_772_366_400_000

/** An extension type and a proposal type for private use, which only some members support. */
export const EXTRA_EXTENSION = 0xf001
export const EXTRA_PROPOSAL = 0xf0f1
/** A credential type for private use, which only some members support. */
export const EXTRA_CREDENTIAL = 0xf00c
/** Supported by the versatile, like the three above. */
export const VERSATILE: Partial<Capabilities> = {
  extensions: [EXTRA_EXTENSION],
  proposals: [EXTRA_PROPOSAL],
  credentials: [1, EXTRA_CREDENTIAL],
}

/** The one external PSK that everybody has. */
export const PSK_ID: Uint8Array = utf8('shared by all')
const PSK: Uint8Array = utf8('a pre-shared key of which everybody knows')

/** An identity that the authentication service does not vouch for. */
export const IMPOSTOR: Uint8Array = utf8('impostor')

/** Somebody, in a group or not yet. */
export interface Person {
  readonly name: string
  readonly client: KeyPackageOptions
  readonly keyPackage: OwnKeyPackage
  readonly state: GroupState | undefined
  readonly membership: Omit<Membership, 'epoch_authenticator'> | undefined
}

/** Everybody at one moment. */
export interface Cast {
  readonly suite: CipherSuite
  readonly people: ReadonlyMap<string, Person>
}

/** People who are in no group. @param versatile - the names of those who support the extra types */
export async function assemble(
  suite: CipherSuite,
  names: readonly string[],
  versatile: readonly string[] = names,
): Promise<Cast> {
  const people = new Map<string, Person>()
  for (const name of names) {
    const client = await clientOf(suite, name, versatile.includes(name) ? VERSATILE : {})
    const keyPackage = await createKeyPackage(suite, client)
    people.set(name, { name, client, keyPackage, state: undefined, membership: undefined })
  }
  return { suite, people }
}

export async function clientOf(
  suite: CipherSuite,
  name: string,
  capabilities: Partial<Capabilities> = VERSATILE,
): Promise<KeyPackageOptions & { readonly signatureKeyPair: KeyPair }> {
  return {
    credential: basicCredential(utf8(name)),
    signatureKeyPair: await suite.signature.generateKeyPair(),
    lifetime: lifetimeOfDays(NOW_MS, 90),
    capabilities,
    grease: false,
  }
}

/** Somebody who says something else of itself, with a new key package. */
export async function withClient(cast: Cast, name: string, client: KeyPackageOptions): Promise<Cast> {
  const keyPackage = await createKeyPackage(cast.suite, client)
  return withPerson(cast, { ...personOf(cast, name), client, keyPackage })
}

export function personOf(cast: Cast, name: string): Person {
  const person = cast.people.get(name)
  if (person === undefined) throw new Error(`nobody is called ${name}`)
  return person
}

export function stateOf(cast: Cast, name: string): GroupState {
  const { state } = personOf(cast, name)
  if (state === undefined) throw new Error(`${name} is in no group`)
  return state
}

/** Somebody founds a group. */
export async function found(cast: Cast, name: string, groupExtensions: readonly Extension[] = []): Promise<Cast> {
  const person = personOf(cast, name)
  const state = await createGroup(cast.suite, {
    ...person.client,
    groupId: utf8('negative suite'),
    groupExtensions,
  })
  return withPerson(cast, { ...person, state })
}

/** A member commits; who is added joins, who is removed leaves, everybody else follows. Public, so that it can be read. */
export async function commitBy(
  cast: Cast,
  name: string,
  added: readonly string[] = [],
  options: Partial<CommitOptions> = {},
): Promise<Cast> {
  const adds: Proposal[] = added.map((newcomer) => ({
    proposalType: 1,
    keyPackage: personOf(cast, newcomer).keyPackage.keyPackage,
  }))
  const result = await commit(stateOf(cast, name), {
    nowMs: NOW_MS,
    psks: lookUpPsk,
    wireFormat: 'public',
    ...options,
    proposals: [...adds, ...(options.proposals ?? [])],
  })
  const followed = await deliver(withState(cast, name, result.state), name, result.message)
  return added.length === 0 ? followed : welcome(followed, added, result.welcome)
}

/** Everybody in the group but the sender processes a message. */
async function deliver(cast: Cast, sender: string, message: Uint8Array): Promise<Cast> {
  let next = cast
  for (const person of cast.people.values()) {
    if (person.name === sender || person.state === undefined) continue
    const { state } = await processMessage(person.state, message, { nowMs: NOW_MS, psks: lookUpPsk })
    const { membership } = person
    const messages = [...(membership?.messages ?? []), toHex(message)]
    const gone = state.status === 'removed'
    next = withPerson(next, {
      ...person,
      state: gone ? undefined : state,
      membership: gone || membership === undefined ? undefined : { ...membership, messages },
    })
  }
  return next
}

async function welcome(cast: Cast, names: readonly string[], message: Uint8Array | undefined): Promise<Cast> {
  if (message === undefined) throw new Error('nobody is welcomed')
  let next = cast
  for (const name of names) {
    const person = personOf(next, name)
    const state = await joinGroup(cast.suite, message, [person.keyPackage], { nowMs: NOW_MS, psks: lookUpPsk })
    const membership = {
      welcome: toHex(message),
      initial_epoch_authenticator: toHex(epochAuthenticator(state)),
      messages: [],
    }
    next = withPerson(next, { ...person, state, membership })
  }
  return next
}

function withState(cast: Cast, name: string, state: GroupState): Cast {
  return withPerson(cast, { ...personOf(cast, name), state })
}

function withPerson(cast: Cast, person: Person): Cast {
  return { ...cast, people: new Map(cast.people).set(person.name, person) }
}

export function lookUpPsk(id: PreSharedKeyId): Secret | undefined {
  return id.pskType === 1 && toHex(id.pskId) === toHex(PSK_ID) ? Secret.copyOf(PSK) : undefined
}

/** Where a case with this person begins, in the form of the files. */
export function startOf(cast: Cast, name: string, more: Partial<Start> = {}): Start {
  const { keyPackage, state, membership } = personOf(cast, name)
  return {
    cipher_suite: cast.suite.id,
    now: NOW_MS / 1000,
    ...keysOf(keyPackage),
    external_psks: [{ psk_id: toHex(PSK_ID), psk: toHex(PSK) }],
    refused_identities: [],
    membership: state && membership && { ...membership, epoch_authenticator: toHex(epochAuthenticator(state)) },
    ...more,
  }
}

export function keysOf({ message, secrets }: OwnKeyPackage): Keys {
  return {
    key_package: toHex(message),
    init_priv: toHex(secrets.initKeyPair.privateKey.bytes),
    encryption_priv: toHex(secrets.encryptionKeyPair.privateKey.bytes),
    signature_priv: toHex(secrets.signatureKeyPair.privateKey.bytes),
  }
}

/** The same people, whose randomness begins anew. */
export function reseeded(cast: Cast, suite: CipherSuite): Cast {
  const people = [...cast.people].map(([name, person]): [string, Person] => [
    name,
    { ...person, state: person.state && { ...person.state, suite } },
  ])
  return { suite, people: new Map(people) }
}
