// The peer `ts-mls` under measurement: its functions as they are, with the provider that it takes by default.
import {
  type CiphersuiteImpl,
  type ClientState,
  createApplicationMessage,
  createCommit,
  createGroup,
  decodeMlsMessage,
  emptyPskIndex,
  encodeGroupState,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  joinGroup,
  type KeyPackage,
  type MLSMessage,
  type PrivateKeyPackage,
  type Proposal,
  processPrivateMessage,
  processPublicMessage,
} from 'ts-mls'
import type { CommitOutput } from '../interop/peers/peer.ts'
import { capabilities, type SignatureKeyPair, signatureKeyPair, tsMlsSuite } from '../interop/peers/ts-mls-suite.ts'
import { BENCH_SUITE, type BenchMember, type BenchOptions, type BenchStack } from './stack.ts'

const LIFETIME_SECONDS = 28n * 24n * 60n * 60n
const CLOCK_SKEW_SECONDS = 60n * 60n

export async function tsMlsStack(version: string): Promise<BenchStack> {
  const suite = await tsMlsSuite(BENCH_SUITE)
  return {
    name: `ts-mls ${version}`,
    isOurs: false,
    newMember: async (options) => new TsMlsMember(suite, options, await signatureKeyPair(BENCH_SUITE, suite)),
  }
}

interface OwnKeyPackage {
  readonly publicPackage: KeyPackage
  readonly privatePackage: PrivateKeyPackage
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
    return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_key_package', keyPackage: own.publicPackage })
  }

  async createGroup(): Promise<void> {
    const { publicPackage, privatePackage } = await this.#newKeyPackage()
    this.#state = await createGroup(this.#options.groupId, publicPackage, privatePackage, [], this.#suite)
  }

  async joinWelcome(message: Uint8Array): Promise<void> {
    const decoded = decode(message)
    if (decoded.wireformat !== 'mls_welcome') throw new Error(`expected a Welcome, got ${decoded.wireformat}`)
    if (this.#keyPackage === undefined) throw new Error('no key package to join with')
    const { publicPackage, privatePackage } = this.#keyPackage
    this.#state = await joinGroup(decoded.welcome, publicPackage, privatePackage, emptyPskIndex, this.#suite)
  }

  commitAdd(keyPackages: readonly Uint8Array[]): Promise<CommitOutput> {
    return this.#commit(keyPackages.map(toAdd))
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
    const now = BigInt(Math.floor(Date.now() / 1000))
    return generateKeyPackageWithKey(
      { credentialType: 'basic', identity: this.#options.identity },
      capabilities(),
      { notBefore: now - CLOCK_SKEW_SECONDS, notAfter: now + LIFETIME_SECONDS },
      [],
      this.#signatureKeys,
      this.#suite,
    )
  }

  async #commit(extraProposals: Proposal[]): Promise<CommitOutput> {
    const { newState, commit, welcome } = await createCommit(
      { state: this.#current(), cipherSuite: this.#suite },
      { extraProposals, ratchetTreeExtension: this.#options.treeInWelcome, wireAsPublicMessage: true },
    )
    this.#state = newState
    return {
      proposals: [],
      commit: encodeMlsMessage(commit),
      ...(welcome === undefined
        ? {}
        : { welcome: encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome }) }),
    }
  }

  #current(): ClientState {
    if (this.#state === undefined) throw new Error('not in the group')
    return this.#state
  }
}

function toAdd(message: Uint8Array): Proposal {
  const decoded = decode(message)
  if (decoded.wireformat !== 'mls_key_package') throw new Error(`expected a KeyPackage, got ${decoded.wireformat}`)
  return { proposalType: 'add', add: { keyPackage: decoded.keyPackage } }
}

function decode(message: Uint8Array): MLSMessage {
  const [decoded, bytes] = decodeMlsMessage(message, 0) ?? []
  if (decoded === undefined || bytes !== message.length) throw new Error('not an MLSMessage')
  return decoded
}
