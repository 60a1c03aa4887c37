// A day in the life of a group, for runtimes and circumstances in which the whole test suite does not run. Needs nothing
// of Node.js.
import { equalBytes, utf8 } from '../../src/bytes.ts'
import {
  addProposal,
  basicCredential,
  type CipherSuite,
  commit,
  createGroup,
  createGroupInfo,
  createKeyPackage,
  encryptMessage,
  epochAuthenticator,
  type GroupState,
  joinExternal,
  joinGroup,
  type LeafOptions,
  lifetimeOfDays,
  processMessage,
  proposeUpdate,
  removeProposal,
} from '../../src/mls.ts'

const NOW_MS = 1_800_000_000_000
const judgement = { nowMs: NOW_MS }

/**
 * Creates a group, adds a member, lets another one in by an external commit, updates, removes, and sends messages.
 * @throws {Error} where two members disagree, or anything fails
 */
export async function groupScenario(suite: CipherSuite): Promise<void> {
  const lifetime = lifetimeOfDays(NOW_MS, 1)
  const bobsPackage = await createKeyPackage(suite, { ...(await client(suite, 'bob')), lifetime })
  const created = await createGroup(suite, { ...(await client(suite, 'alice')), lifetime })
  const adding = await commit(created, { ...judgement, proposals: [addProposal(bobsPackage.keyPackage)] })
  if (adding.welcome === undefined) throw new Error('there is no Welcome for the new member')
  let alice = adding.state
  let bob = await joinGroup(suite, adding.welcome, [bobsPackage], judgement)
  agree(alice, bob)
  ;[alice, bob] = await say(alice, bob, 'hello, Bob')

  const joining = await joinExternal(suite, await createGroupInfo(alice), {
    ...(await client(suite, 'carol')),
    ...judgement,
  })
  let carol = joining.state
  ;[alice, bob] = await both(alice, bob, joining.message)
  agree(alice, bob, carol)

  const update = await proposeUpdate(bob, judgement)
  bob = update.state
  ;[alice, carol] = await both(alice, carol, update.message)
  const committing = await commit(carol, { ...judgement, wireFormat: 'public' })
  carol = committing.state
  ;[alice, bob] = await both(alice, bob, committing.message)
  agree(alice, bob, carol)

  const removal = await commit(bob, { ...judgement, proposals: [removeProposal(alice.own.leafIndex)] })
  bob = removal.state
  ;[alice, carol] = await both(alice, carol, removal.message)
  agree(bob, carol)
  if (alice.status !== 'removed') throw new Error('a removed member does not know it')
  await say(bob, carol, 'just the two of us')
}

async function client(suite: CipherSuite, name: string): Promise<LeafOptions> {
  return { credential: basicCredential(utf8(name)), signatureKeyPair: await suite.signature.generateKeyPair() }
}

async function both(a: GroupState, b: GroupState, message: Uint8Array): Promise<[GroupState, GroupState]> {
  const [first, second] = [await processMessage(a, message, judgement), await processMessage(b, message, judgement)]
  return [first.state, second.state]
}

async function say(sender: GroupState, receiver: GroupState, text: string): Promise<[GroupState, GroupState]> {
  const sent = await encryptMessage(sender, utf8(text))
  const received = await processMessage(receiver, sent.message, judgement)
  const arrived = received.kind === 'application' && equalBytes(received.data, utf8(text))
  if (!arrived) throw new Error('a message did not arrive as it was sent')
  return [sent.state, received.state]
}

function agree(...states: readonly GroupState[]): void {
  const [first, ...others] = states.map(epochAuthenticator)
  if (first === undefined || others.some((other) => !equalBytes(first, other))) {
    throw new Error('members are not in the same epoch')
  }
}
