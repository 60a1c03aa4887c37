// What damaged bytes are given to, and what may come of it: they are taken, or refused with a code that blames the sender.
import { equalBytes } from '../../src/bytes.ts'
import { decode } from '../../src/codec/reader.ts'
import { encode, Writer } from '../../src/codec/writer.ts'
import type { KeyPair } from '../../src/crypto/contract.ts'
import { CoterieError } from '../../src/errors.ts'
import { signContent, writeFramedContentTbs } from '../../src/framing/authenticated-content.ts'
import {
  decodeFramedContent,
  encodeAuthData,
  encodeFramedContent,
  type FramedContent,
} from '../../src/messages/framed-content.ts'
import { decodeGroupInfo, encodeGroupInfo, type GroupInfoContent } from '../../src/messages/group-info.ts'
import {
  decodeMlsMessage,
  encodeMlsMessage,
  joinExternal,
  joinGroup,
  processMessage,
  readKeyPackage,
} from '../../src/mls.ts'
import { treeHash } from '../../src/tree/hash.ts'
import { addLeaves } from '../../src/tree/ratchet-tree.ts'
import { decodeRatchetTree, encodeRatchetTree } from '../../src/tree/tree-codec.ts'
import { externalSender } from '../negative/cases/groups.ts'
import { lookUpPsk, NOW_MS, personOf, stateOf } from '../negative/cast.ts'
import { forgeWelcome, type WelcomeTampering } from '../negative/forge/welcome.ts'
import type { FuzzWorld, Sample } from './fuzz-world.ts'
import { type Mutation, mutate } from './mutations.ts'

/** Something that is done with damaged bytes. */
export interface Target {
  readonly name: string
  /** How often it is chosen, relative to the others. */
  readonly weight: number
  readonly samples: readonly Sample[]
  /** Whether everything in the samples is authenticated, so that nothing but the sample itself may be taken. */
  readonly authenticated: boolean
  /** @throws CoterieError of origin `peer`, and nothing else */
  run(bytes: Uint8Array): unknown
}

/** Damages a sample and gives it to a target. @throws where that does something else than to take or refuse it */
export async function attempt(
  target: Target,
  sample: Sample,
  changes: readonly Mutation[],
  other: Sample,
): Promise<'taken' | 'refused'> {
  const bytes = mutate(sample.bytes, changes, other.bytes)
  try {
    await target.run(bytes)
  } catch (error) {
    if (CoterieError.is(error) && error.origin === 'peer') return 'refused'
    throw error
  }
  if (target.authenticated && !equalBytes(bytes, sample.bytes)) throw new Error('a damaged message was taken')
  return 'taken'
}

const judgement = { nowMs: NOW_MS, psks: lookUpPsk }

/** Decoders see all samples; what is more expensive sees those that are meant for it. */
export async function targetsIn(world: FuzzWorld): Promise<readonly Target[]> {
  const { suite, member, joiner } = world
  const forged = await forgedSamples(world)
  const messages = [...world.toMember, ...world.welcomes, ...world.groupInfos, ...world.keyPackages]
  return [
    { name: 'decode a message', weight: 700, samples: messages, authenticated: false, run: decodeCanonically },
    { name: 'decode a tree', weight: 200, samples: world.trees, authenticated: false, run: decodeTreeCanonically },
    {
      name: 'process',
      weight: 45,
      samples: world.toMember,
      authenticated: true,
      run: (bytes) => processMessage(member, bytes, judgement),
    },
    {
      name: 'join',
      weight: 10,
      samples: world.welcomes,
      authenticated: true,
      run: (bytes) => joinGroup(suite, bytes, [joiner], judgement),
    },
    {
      name: 'join externally',
      weight: 5,
      samples: world.groupInfos,
      authenticated: true,
      run: (bytes) => joinExternal(suite, bytes, { ...personOf(world.cast, 'frank').client, ...judgement }),
    },
    {
      name: 'check a key package',
      weight: 10,
      samples: world.keyPackages,
      authenticated: true,
      run: (bytes) => readKeyPackage(suite, bytes, judgement),
    },
    {
      name: 'process, signed again',
      weight: 20,
      samples: contents(world),
      authenticated: false,
      run: (bytes) => processResigned(world, bytes),
    },
    {
      name: 'join a tree, signed again',
      weight: 6,
      samples: [forged.tree],
      authenticated: false,
      run: (bytes) => joinTree(world, bytes),
    },
    {
      name: 'join a group info, signed again',
      weight: 4,
      samples: [forged.groupInfo],
      authenticated: false,
      run: (bytes) => joinGroupInfo(world, bytes),
    },
  ]
}

/** Whatever reads as a message is its only encoding: signatures and transcripts rely on it. */
function decodeCanonically(bytes: Uint8Array): void {
  if (!equalBytes(encodeMlsMessage(decodeMlsMessage(bytes)), bytes)) throw new Error('a message has two encodings')
}

function decodeTreeCanonically(bytes: Uint8Array): void {
  if (!equalBytes(encodeRatchetTree(decodeRatchetTree(bytes)), bytes)) throw new Error('a tree has two encodings')
}

/** The contents of the public messages, without their signatures and tags. */
function contents({ toMember }: FuzzWorld): Sample[] {
  return toMember.flatMap(({ name, bytes }) => {
    const decoded = decodeMlsMessage(bytes)
    if (decoded.wireFormat !== 1) return []
    return [{ name: `content of ${name}`, bytes: encode(encodeFramedContent, decoded.publicMessage.content) }]
  })
}

/** Signs damaged content as whoever it says that it is from, so that what it says is looked at. */
async function processResigned(world: FuzzWorld, bytes: Uint8Array): Promise<void> {
  const { suite, member } = world
  const content = decode(decodeFramedContent, bytes)
  const { groupContext, secrets } = member
  const signer = await signerOf(world, content)
  const auth = {
    signature: await signContent(suite, signer, 1, content, groupContext),
    confirmationTag: content.content.contentType === 3 ? new Uint8Array(suite.hash.length) : undefined,
  }
  const writer = new Writer()
  writeFramedContentTbs(writer, 1, content, groupContext)
  encodeAuthData(writer, auth)
  const tag = suite.hash.hmac(secrets.membershipKey.bytes, writer.finish())
  const membershipTag = content.sender.senderType === 1 ? tag : undefined
  const message = encodeMlsMessage({ wireFormat: 1, publicMessage: { content, auth, membershipTag } })
  await processMessage(member, message, judgement)
}

async function signerOf({ suite, cast, joiner }: FuzzWorld, { sender, content }: FramedContent): Promise<KeyPair> {
  if (sender.senderType === 2) return externalSender(suite)
  if (sender.senderType === 3) return joiner.secrets.signatureKeyPair
  if (sender.senderType === 4) return personOf(cast, 'frank').client.signatureKeyPair
  const names = ['alice', 'bob', 'carol', 'dave']
  const name = names[sender.leafIndex] ?? (content.contentType === 3 ? 'carol' : 'alice')
  return stateOf(cast, name).own.signatureKeyPair
}

/** A Welcome by Alice that says something else. */
async function joinForged(world: FuzzWorld, tampering: WelcomeTampering): Promise<void> {
  const { suite, joiner, cast } = world
  const alice = stateOf(cast, 'alice')
  const { message } = await forgeWelcome({
    suite,
    groupContext: { ...alice.groupContext, epoch: alice.groupContext.epoch + 1n },
    tree: addLeaves(alice.tree, [joiner.keyPackage.leafNode]).tree,
    signer: { leafIndex: 0, signatureKeyPair: alice.own.signatureKeyPair },
    joiner: joiner.keyPackage,
    tampering,
  })
  await joinGroup(suite, message, [joiner], judgement)
}

/** The tree hash is made to fit. */
function joinTree(world: FuzzWorld, bytes: Uint8Array): Promise<void> {
  const hash = treeHash(world.suite, decodeRatchetTree(bytes).root)
  return joinForged(world, { ratchetTree: () => bytes, treeHash: () => hash })
}

/** What a Welcome by Alice holds where nothing is damaged. */
async function forgedSamples(world: FuzzWorld): Promise<{ tree: Sample; groupInfo: Sample }> {
  let tree = new Uint8Array(0)
  let groupInfo = new Uint8Array(0)
  await joinForged(world, {
    ratchetTree: (honest) => {
      tree = honest.slice()
      return honest
    },
    signed: (honest) => {
      groupInfo = Uint8Array.from(encode(encodeGroupInfo, honest))
      return honest
    },
  })
  return {
    tree: { name: 'tree in a Welcome', bytes: tree },
    groupInfo: { name: 'GroupInfo in a Welcome', bytes: groupInfo },
  }
}

function joinGroupInfo(world: FuzzWorld, bytes: Uint8Array): Promise<void> {
  const { signature: _, ...content }: GroupInfoContent & { signature: Uint8Array } = decode(decodeGroupInfo, bytes)
  return joinForged(world, { groupInfo: () => content })
}
