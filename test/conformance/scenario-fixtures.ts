// Scenarios of our own making, in the format of passive-client files: one member acts, a client that it added is recorded.
import { toHex } from '../../src/bytes.ts'
import {
  addProposal,
  basicCredential,
  type CipherSuite,
  type CommitOptions,
  type CommitResult,
  type CreateGroupOptions,
  commit,
  createGroup,
  createKeyPackage,
  epochAuthenticator,
  type GroupState,
  type KeyPackageOptions,
  lifetimeOfDays,
  type OwnKeyPackage,
  type PskLookup,
  processMessage,
} from '../../src/mls.ts'
import type { Scenario } from './scenario.ts'

/** Long ago, so that whoever reads the scenarios has to go by their lifetimes. */
export const NOW_MS: number = Date.UTC(2021, 5, 1)

type RecordedEpoch = Scenario['epochs'][number]

/** What a client says of itself, its signature key being fresh. */
export async function clientOptions(suite: CipherSuite, name: string): Promise<KeyPackageOptions> {
  return {
    credential: basicCredential(new TextEncoder().encode(name)),
    signatureKeyPair: await suite.signature.generateKeyPair(),
    lifetime: lifetimeOfDays(NOW_MS, 30),
    capabilities: { proposals: [CUSTOM_PROPOSAL] },
  }
}

export async function freshKeyPackage(suite: CipherSuite, name: string): Promise<OwnKeyPackage> {
  return createKeyPackage(suite, await clientOptions(suite, name))
}

/** A scenario that begins with a Welcome, and has no epochs yet. */
export function scenarioOf(own: OwnKeyPackage, { state, welcome }: CommitResult): Scenario {
  const { signatureKeyPair, encryptionKeyPair, initKeyPair } = own.secrets
  return {
    cipher_suite: own.keyPackage.cipherSuite,
    external_psks: [],
    key_package: toHex(own.message),
    signature_priv: toHex(signatureKeyPair.privateKey.bytes),
    encryption_priv: toHex(encryptionKeyPair.privateKey.bytes),
    init_priv: toHex(initKeyPair.privateKey.bytes),
    welcome: toHex(welcome ?? new Uint8Array()),
    ratchet_tree: undefined,
    initial_epoch_authenticator: toHex(epochAuthenticator(state)),
    epochs: [],
  }
}

/** A group as its founder sees it, and what a client that it added would receive. */
export class RecordedGroup {
  state: GroupState
  readonly #start: Scenario
  readonly #epochs: RecordedEpoch[] = []
  #proposals: string[] = []

  private constructor(state: GroupState, start: Scenario) {
    this.state = state
    this.#start = start
  }

  /** A group of the founder, some members, and the recorded client at the next leaf. */
  static async start(
    suite: CipherSuite,
    options: Pick<CreateGroupOptions, 'groupId' | 'groupExtensions'> & { members?: readonly OwnKeyPackage[] } = {},
  ): Promise<RecordedGroup> {
    const { members = [], ...group } = options
    const founder = await createGroup(suite, { ...(await clientOptions(suite, 'founder')), ...group })
    const own = await freshKeyPackage(suite, 'passive')
    const proposals = [...members, own].map(({ keyPackage }) => addProposal(keyPackage))
    const result = await commit(founder, { nowMs: NOW_MS, proposals })
    return new RecordedGroup(result.state, scenarioOf(own, result))
  }

  /** A message of somebody else: a proposal, or a commit that ends the epoch. */
  async receive(message: Uint8Array): Promise<void> {
    const processed = await processMessage(this.state, message, { nowMs: NOW_MS })
    this.state = processed.state
    if (processed.kind === 'commit') this.#endEpoch(message)
    else this.#proposals.push(toHex(message))
  }

  /** A commit of the founder, over everything that was proposed. */
  async commit(options: Omit<CommitOptions, 'nowMs'> & { readonly psks?: PskLookup } = {}): Promise<CommitResult> {
    const result = await commit(this.state, { nowMs: NOW_MS, ...options })
    this.state = result.state
    this.#endEpoch(result.message)
    return result
  }

  scenario(changes: Partial<Scenario> = {}): Scenario {
    return { ...this.#start, epochs: [...this.#epochs], ...changes }
  }

  #endEpoch(message: Uint8Array): void {
    const authenticator = toHex(epochAuthenticator(this.state))
    this.#epochs.push({ proposals: this.#proposals, commit: toHex(message), epoch_authenticator: authenticator })
    this.#proposals = []
  }
}

export const CUSTOM_PROPOSAL = 0xf00d
