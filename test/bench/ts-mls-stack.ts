// The peer `ts-mls` under measurement: its functions as they are, with the provider that it takes by default.
import {
  type CiphersuiteImpl,
  type ClientState,
  createApplicationMessage,
  createCommit,
  createGroup,
  emptyPskIndex,
  encodeGroupState,
  encodeMlsMessage,
  joinGroup,
  type Proposal,
  processPrivateMessage,
  processPublicMessage,
} from 'ts-mls'
import type { CommitOutput } from '../interop/peers/peer.ts'
import {
  addProposal,
  commitOutput,
  decode,
  keyPackageMessage,
  newKeyPackage,
  type OwnKeyPackage,
  welcomeIn,
} from '../interop/peers/ts-mls-messages.ts'
import { type SignatureKeyPair, signatureKeyPair, tsMlsSuite } from '../interop/peers/ts-mls-suite.ts'
import { BENCH_SUITE, type BenchMember, type BenchOptions, type BenchStack } from './stack.ts'

export async function tsMlsStack(version: string): Promise<BenchStack> {
  const suite = await tsMlsSuite(BENCH_SUITE)
  return {
    name: `ts-mls ${version}`,
    isOurs: false,
    newMember: async (options) => new TsMlsMember(suite, options, await signatureKeyPair(BENCH_SUITE, suite)),
  }
}

class TsMlsMember implements BenchMember {
  readonly #suite: CiphersuiteImpl
  readonly #options: BenchOptions
  readonly #signatureKeys: SignatureKeyPair
  #keyPackage: OwnKeyPackage | undefined
  #state: ClientState | undefined

  constructor(suite: CiphersuiteImpl, options: BenchOptions, signatureKeys: SignatureKeyPair) {
    this.#suite = suite
    this.#options = options
    this.#signatureKeys = signatureKeys
  }

  async keyPackage(): Promise<Uint8Array> {
    const own = await this.#newKeyPackage()
    this.#keyPackage = own
    return keyPackageMessage(own)
  }

  async createGroup(): Promise<void> {
    const { publicPackage, privatePackage } = await this.#newKeyPackage()
    this.#state = await createGroup(this.#options.groupId, publicPackage, privatePackage, [], this.#suite)
  }

  async joinWelcome(message: Uint8Array): Promise<void> {
    if (this.#keyPackage === undefined) throw new Error('no key package to join with')
    const { publicPackage, privatePackage } = this.#keyPackage
    this.#state = await joinGroup(welcomeIn(message), publicPackage, privatePackage, emptyPskIndex, this.#suite)
  }

  commitAdd(keyPackages: readonly Uint8Array[]): Promise<CommitOutput> {
    return this.#commit(keyPackages.map(addProposal))
  }

  commitUpdate(): Promise<CommitOutput> {
    return this.#commit([])
  }

  async processCommit(message: Uint8Array): Promise<'member' | 'removed'> {
    const decoded = decode(message)
    if (decoded.wireformat !== 'mls_public_message') throw new Error(`unexpected ${decoded.wireformat}`)
    const { publicMessage } = decoded
    const { newState } = await processPublicMessage(this.#current(), publicMessage, emptyPskIndex, this.#suite)
    this.#state = newState
    return newState.groupActiveState.kind === 'active' ? 'member' : 'removed'
  }

  async encrypt(data: Uint8Array): Promise<Uint8Array> {
    const { newState, privateMessage } = await createApplicationMessage(this.#current(), data, this.#suite)
    this.#state = newState
    return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_private_message', privateMessage })
  }

  async decrypt(message: Uint8Array): Promise<Uint8Array> {
    const decoded = decode(message)
    if (decoded.wireformat !== 'mls_private_message') throw new Error(`unexpected ${decoded.wireformat}`)
    const { privateMessage } = decoded
    const result = await processPrivateMessage(this.#current(), privateMessage, emptyPskIndex, this.#suite)
    if (result.kind !== 'applicationMessage') throw new Error('not an application message')
    this.#state = result.newState
    return result.message
  }

  /** It stores states as a whole. */
  written(): number {
    return encodeGroupState(this.#current()).length
  }

  async close(): Promise<void> {
    this.#state = undefined
    this.#keyPackage = undefined
  }

  #newKeyPackage(): Promise<OwnKeyPackage> {
    return newKeyPackage(this.#suite, this.#options.identity, this.#signatureKeys)
  }

  async #commit(extraProposals: Proposal[]): Promise<CommitOutput> {
    const { newState, commit, welcome } = await createCommit(
      { state: this.#current(), cipherSuite: this.#suite },
      { extraProposals, ratchetTreeExtension: this.#options.treeInWelcome, wireAsPublicMessage: true },
    )
    this.#state = newState
    return commitOutput(commit, welcome)
  }

  #current(): ClientState {
    if (this.#state === undefined) throw new Error('not in the group')
    return this.#state
  }
}
