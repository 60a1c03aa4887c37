// One round of one stack: the operations of the table in a group without parent keys, and in one in its steady state.
import type { CipherSuite, OwnKeyPackage } from '../../src/mls.ts'
import { sameIdentity } from '../interop/peers/identities.ts'
import type { Samples } from './samples.ts'
import type { BenchMember, BenchStack } from './stack.ts'
import { invite, type SteadyGroup } from './steady-group.ts'

/** Each member commits so often in a round. */
const COMMITS = 2
const MESSAGES = 20
const MESSAGE = new Uint8Array(100).fill(0x61)

/** What all stacks work with. */
export interface Material {
  readonly suite: CipherSuite
  /** How many leaves the groups have. */
  readonly leaves: number
  /** Of members that never do anything. */
  readonly keyPackages: readonly OwnKeyPackage[]
  /** Of members that are added to the steady group. */
  readonly later: readonly OwnKeyPackage[]
  /** Identities of the members that do something. */
  readonly identities: readonly [Uint8Array, Uint8Array]
  readonly steady: SteadyGroup
}

/** A new group, filled by one commit: all parents off the creator's path are blank. */
export async function blankRound(stack: BenchStack, material: Material, samples: Samples): Promise<void> {
  const { suite, leaves, keyPackages } = material
  const options = { groupId: suite.randomBytes(16), treeInWelcome: true }
  const [alice, bob] = await members(stack, material, options)
  const own = await bob.keyPackage()
  const others = keyPackages.slice(0, leaves - 2).map(({ message }) => message)
  const { welcome } = await samples.time('create', async () => {
    await alice.createGroup()
    return alice.commitAdd([...others, own])
  })
  await samples.time('join', () => bob.joinWelcome(present(welcome)))
  for (let i = 0; i < COMMITS; i++) {
    const { commit } = await samples.time('blankCommit', () => alice.commitUpdate())
    await samples.time('blankReceive', () => bob.processCommit(commit))
  }
  await checkAgreement(alice, bob)
  await Promise.all([alice.close(), bob.close()])
}

/** Two members of a stack in the steady group, in different halves of the tree. */
export class SteadyRounds {
  readonly #alice: BenchMember
  readonly #bob: BenchMember
  readonly #later: OwnKeyPackage[]

  private constructor(alice: BenchMember, bob: BenchMember, later: readonly OwnKeyPackage[]) {
    this.#alice = alice
    this.#bob = bob
    this.#later = [...later]
  }

  static async begin(stack: BenchStack, material: Material): Promise<SteadyRounds> {
    const options = { groupId: material.steady.groupId, treeInWelcome: false }
    const [alice, bob] = await members(stack, material, options)
    const invitations = await invite(material.steady, await alice.keyPackage(), await bob.keyPackage())
    await alice.joinWelcome(invitations.first)
    await alice.processCommit(invitations.commit)
    await bob.joinWelcome(invitations.second)
    await checkAgreement(alice, bob)
    return new SteadyRounds(alice, bob, material.later)
  }

  async round(samples: Samples): Promise<void> {
    const alice = this.#alice
    const bob = this.#bob
    for (let i = 0; i < COMMITS; i++) {
      alice.written?.()
      const { commit } = await samples.time('steadyCommit', () => alice.commitUpdate())
      const bytes = alice.written?.()
      if (bytes !== undefined) samples.note('writtenPerCommit', bytes)
      await samples.time('steadyReceive', () => bob.processCommit(commit))
    }
    for (let i = 0; i < MESSAGES; i++) {
      const message = await samples.time('encrypt', () => alice.encrypt(MESSAGE))
      const bytes = alice.written?.()
      if (bytes !== undefined) samples.note('writtenPerMessage', bytes)
      checkMessage(await samples.time('decrypt', () => bob.decrypt(message)))
    }
    const added = this.#later.pop()
    if (added === undefined) throw new Error('nobody is left to be added')
    const { commit } = await samples.time('add', () => alice.commitAdd([added.message]))
    await samples.time('addReceive', () => bob.processCommit(commit))
    // The new leaf is merged into its half of the tree, so that the next round finds the steady state again.
    await alice.processCommit((await bob.commitUpdate()).commit)
    await checkAgreement(alice, bob)
  }

  async end(): Promise<void> {
    await Promise.all([this.#alice.close(), this.#bob.close()])
  }
}

async function members(
  stack: BenchStack,
  { identities }: Material,
  options: { groupId: Uint8Array; treeInWelcome: boolean },
): Promise<[BenchMember, BenchMember]> {
  const [alice, bob] = identities
  return [await stack.newMember({ ...options, identity: alice }), await stack.newMember({ ...options, identity: bob })]
}

/** Only members in the same epoch with the same secrets read each other's messages. */
async function checkAgreement(alice: BenchMember, bob: BenchMember): Promise<void> {
  checkMessage(await bob.decrypt(await alice.encrypt(MESSAGE)))
  checkMessage(await alice.decrypt(await bob.encrypt(MESSAGE)))
}

function checkMessage(received: Uint8Array): void {
  if (!sameIdentity(received, MESSAGE)) throw new Error('a message was decrypted to something else')
}

function present(welcome: Uint8Array | undefined): Uint8Array {
  if (welcome === undefined) throw new Error('a commit that adds came without Welcome')
  return welcome
}
