// The core under measurement, with any of its providers, through its public entry.
import {
  addProposal,
  basicCredential,
  type CipherSuite,
  CredentialType,
  commit,
  createGroup,
  createKeyPackage,
  decodeMlsMessage,
  encryptMessage,
  type GroupState,
  joinGroup,
  type KeyPackageOptions,
  lifetimeOfDays,
  type OwnKeyPackage,
  type Proposal,
  processMessage,
  stateRecords,
} from '../../src/mls.ts'
import { loadProvider, type ProviderName } from '../conformance/providers.ts'
import type { CommitOutput } from '../interop/peers/peer.ts'
import { BENCH_SUITE, type BenchMember, type BenchOptions, type BenchStack } from './stack.ts'

const LIFETIME_DAYS = 28

export async function ourStack(provider: ProviderName): Promise<BenchStack> {
  const suite = await ourSuite(provider)
  return {
    name: `coterie/${provider}`,
    isOurs: true,
    newMember: async (options) => new OurMember(suite, options, await newLeaf(suite, options.identity)),
  }
}

export async function ourSuite(provider: ProviderName): Promise<CipherSuite> {
  const suite = (await loadProvider(provider)).suite(BENCH_SUITE)
  if (suite === undefined) throw new Error(`${provider} has no cipher suite ${BENCH_SUITE}`)
  return suite
}

/** A leaf to be, with a new signature key; groups of core-crypto require that it knows x509 credentials. */
export async function newLeaf(suite: CipherSuite, identity: Uint8Array): Promise<KeyPackageOptions> {
  return {
    credential: basicCredential(identity),
    signatureKeyPair: await suite.signature.generateKeyPair(),
    lifetime: lifetimeOfDays(Date.now(), LIFETIME_DAYS),
    capabilities: { credentials: [CredentialType.basic, CredentialType.x509] },
  }
}

class OurMember implements BenchMember {
  readonly #suite: CipherSuite
  readonly #options: BenchOptions
  readonly #leaf: KeyPackageOptions
  #keyPackages: OwnKeyPackage[] = []
  #state: GroupState | undefined
  #stored: GroupState | undefined

  constructor(suite: CipherSuite, options: BenchOptions, leaf: KeyPackageOptions) {
    this.#suite = suite
    this.#options = options
    this.#leaf = leaf
  }

  async keyPackage(): Promise<Uint8Array> {
    const own = await createKeyPackage(this.#suite, this.#leaf)
    this.#keyPackages.push(own)
    return own.message
  }

  async createGroup(): Promise<void> {
    this.#state = await createGroup(this.#suite, { ...this.#leaf, groupId: this.#options.groupId })
  }

  async joinWelcome(welcome: Uint8Array): Promise<void> {
    this.#state = await joinGroup(this.#suite, welcome, this.#keyPackages, { nowMs: Date.now() })
  }

  // The commit checks the key packages.
  commitAdd(keyPackages: readonly Uint8Array[]): Promise<CommitOutput> {
    return this.#commit(keyPackages.map(toAdd))
  }

  commitUpdate(): Promise<CommitOutput> {
    return this.#commit([])
  }

  async processCommit(message: Uint8Array): Promise<'member' | 'removed'> {
    const { kind, state } = await processMessage(this.#current(), message, { nowMs: Date.now() })
    if (kind !== 'commit') throw new Error(`expected a commit, got: ${kind}`)
    this.#state = state
    return state.status === 'active' ? 'member' : 'removed'
  }

  async encrypt(data: Uint8Array): Promise<Uint8Array> {
    const { state, message } = await encryptMessage(this.#current(), data)
    this.#state = state
    return message
  }

  async decrypt(message: Uint8Array): Promise<Uint8Array> {
    const received = await processMessage(this.#current(), message, { nowMs: Date.now() })
    if (received.kind !== 'application') throw new Error(`expected an application message, got: ${received.kind}`)
    this.#state = received.state
    return received.data
  }

  /** The records that differ, names and values. */
  written(): number {
    const { put } = stateRecords(this.#current(), this.#stored)
    this.#stored = this.#state
    return [...put].reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  }

  async close(): Promise<void> {
    this.#state = undefined
    this.#stored = undefined
    this.#keyPackages = []
  }

  async #commit(proposals: readonly Proposal[]): Promise<CommitOutput> {
    const { state, message, welcome } = await commit(this.#current(), {
      nowMs: Date.now(),
      wireFormat: 'public',
      proposals,
      groupInfo: { ratchetTree: this.#options.treeInWelcome },
    })
    this.#state = state
    return { proposals: [], commit: message, ...(welcome === undefined ? {} : { welcome }) }
  }

  #current(): GroupState {
    if (this.#state === undefined) throw new Error('not in the group')
    return this.#state
  }
}

function toAdd(message: Uint8Array): Proposal {
  const decoded = decodeMlsMessage(message)
  if (!('keyPackage' in decoded)) throw new Error('expected a key package')
  return addProposal(decoded.keyPackage)
}
