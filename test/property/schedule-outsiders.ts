// What comes from outside in random schedules: proposals, requests to be added, and external commits.
import {
  createGroupInfo,
  exportRatchetTree,
  joinExternal,
  type Proposal,
  proposeAsExternalSender,
  proposeOwnAdd,
} from '../../src/mls.ts'
import { commitBy, MOST_MEMBERS } from './schedule-commits.ts'
import { ifPossible, needs, type Perform } from './schedule-possible.ts'
import {
  checkAgreement,
  expectThat,
  follow,
  judgement,
  keyPackageOf,
  leafOf,
  newClient,
  pskId,
  receiveProposals,
  someone,
  stateOf,
  type World,
} from './schedule-world.ts'

/** Somebody asks to be added, and all who did are: that is never done by itself. */
export const letIn: Perform = async (world, { a, c }) => {
  await askToBeAdded(world, someone(world, a))
  const committer = someone(world, a)
  const { proposals } = await receiveProposals(world, committer, c)
  const asked = [...proposals.values()].filter(({ sender }) => sender.senderType === 3)
  const references = asked.map(({ reference }) => reference)
  await ifPossible(commitBy(world, committer, c, { references, path: 'whenRequired' }))
}

export const proposeFromOutside: Perform = async (world, { a, b }) => {
  const host = someone(world, a)
  if (b % 2 === 0) return askToBeAdded(world, host)
  const { groupContext } = stateOf(world, host)
  const target = { groupId: groupContext.groupId, epoch: groupContext.epoch }
  needs(groupContext.extensions.some(({ extensionType }) => extensionType === 5))
  const removal: Proposal = { proposalType: 3, removed: leafOf(world, someone(world, b)) }
  const message = await proposeAsExternalSender(world.suite, world.externalSender, 0, removal, target)
  world.proposals.push({ message, from: undefined })
}

export const joinFromOutside: Perform = async (world, { a, b, c }) => {
  const rejoining = b % 2 === 0
  needs(rejoining ? world.members.size > 1 : world.members.size < MOST_MEMBERS)
  const name = rejoining ? someone(world, b) : await newClient(world)
  const replaces = rejoining ? leafOf(world, name) : undefined
  const host = [...world.members.keys()].find((other) => other !== name) ?? someone(world, a)
  const withTree = c % 2 === 0
  const info = await createGroupInfo(stateOf(world, host), { externalPub: true, ratchetTree: withTree })
  const client = world.clients.get(name)
  expectThat(client !== undefined, `${name} is nobody`)
  const joining = joinExternal(world.suite, info, {
    ...client,
    ...judgement,
    ...(!withTree && { ratchetTree: exportRatchetTree(stateOf(world, host)) }),
    ...(replaces !== undefined && { replaces }),
    ...(c % 3 === 0 && { pskIds: [pskId(world.suite)] }),
  })
  const joined = await ifPossible(joining)
  world.proposed.clear()
  // Whoever comes back has lost its old keys.
  for (const { readers } of world.inFlight) readers.delete(name)
  await follow(world, name, joined, c)
  checkAgreement(world)
}

/** @param host - where the newcomer has heard of the group */
async function askToBeAdded(world: World, host: string): Promise<void> {
  needs(world.members.size + world.proposed.size < MOST_MEMBERS)
  const { groupId, epoch } = stateOf(world, host).groupContext
  const name = await newClient(world)
  const own = await keyPackageOf(world, name)
  world.proposed.set(name, own)
  const target = { groupId, epoch }
  const message = await proposeOwnAdd(world.suite, own.secrets.signatureKeyPair, own.keyPackage, target)
  world.proposals.push({ message, from: undefined })
}
