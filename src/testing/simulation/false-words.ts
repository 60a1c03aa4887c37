// What Byzantine members say to all branches: votes that contradict each other, votes for epochs that are none, requests to add
// somebody again who has not asked, what others have asked, again and again, and that members are none.

import { toHex } from '../../bytes.ts'
import { createKeyPackage, lifetimeOfDays } from '../../group/key-packages.ts'
import { decodePayload, encodePayload, PayloadKind } from '../../session/payload.ts'
import { signNotice } from '../../session/removal-notices.ts'
import {
  decodeReentryRequest,
  encodeReentryRequest,
  generationOf,
  inboxHash,
  REENTRY_EXTENSION,
  type ReentryRequest,
  reentryExtension,
} from '../../session/requests.ts'
import { signVote } from '../../session/vote.ts'
import { isForKey, openFrame, parseFrame, sealFrame } from '../../wire/frame.ts'
import { type Rendezvous, rendezvousFrom } from '../../wire/topic.ts'
import { type Misdoing, publish } from './misdoing.ts'
import type { Station } from './network.ts'

/** Two votes with one number, each for one half of the group. */
export async function voteTwice(doing: Misdoing): Promise<void> {
  const number = farNumber(doing)
  const epochs = doing.device.session?.inspect().epochs ?? []
  const [one, other] = doing.random.shuffled(epochs)
  if (one === undefined || other === undefined) return
  await vote(doing, number, one, (to) => to.index % 2 === 0)
  await vote(doing, number, other, (to) => to.index % 2 === 1)
}

/** Votes for epochs that nobody has heard of, on top of those that all know. */
export async function inventVotes(doing: Misdoing): Promise<void> {
  const { device, random, strength } = doing
  const first = farNumber(doing)
  for (let i = 0; i < strength; i++) {
    const parent = random.pick(device.session?.inspect().epochs ?? [])
    if (parent === undefined) return
    const id = toHex(device.wire.randomBytes(32))
    await vote(doing, first + BigInt(i), { id, epoch: parent.epoch + 1n, parent: parent.id })
  }
}

/** The key package of somebody else, from a contact card, as if its owner had asked. */
export async function askForOthers(doing: Misdoing): Promise<void> {
  const { device, others } = doing
  for (const { own } of others) {
    if (own === device.own) continue
    await ask(doing, { keyPackage: own.keyPackage.keyPackage, inbox: device.own.inbox.address })
  }
}

/** Asks to be added again, and again, though nothing is wrong. */
export async function askForItself(doing: Misdoing): Promise<void> {
  const { device, clock, strength } = doing
  const { session, suite, own } = device
  if (session === undefined) return
  for (let i = 0; i < strength; i++) {
    const { keyPackage } = await createKeyPackage(suite, {
      ...own.leaf,
      capabilities: {
        ...own.leaf.capabilities,
        extensions: [...(own.leaf.capabilities?.extensions ?? []), REENTRY_EXTENSION],
      },
      leafExtensions: [
        reentryExtension({
          groupId: session.groupId,
          generation: farNumber(doing) + BigInt(i),
          inbox: inboxHash(device.wire, own.inbox.address),
        }),
      ],
      lifetime: lifetimeOfDays(clock.nowMs, 30),
    })
    await ask(doing, { keyPackage, inbox: own.inbox.address })
  }
}

/** What others have asked, to leave or to be added again, in frames that nobody has had. */
export async function repeatRequests(doing: Misdoing): Promise<void> {
  const requests = doing.random.shuffled(await requestsOfOthers(doing))
  for (const { kind, body } of requests.slice(0, doing.strength)) await say(doing, kind, body)
}

/** Tells all who have asked to be added again that they were removed, true or not. */
export async function denyMembers(doing: Misdoing): Promise<void> {
  const { device, strength } = doing
  const { session, wire, own } = device
  if (session === undefined) return
  const member = toHex(own.device.publicKey)
  for (const { kind, body } of (await requestsOfOthers(doing)).slice(-strength)) {
    if (kind !== PayloadKind.reentry) continue
    const { leafNode } = decodeReentryRequest(body).keyPackage
    const notice = { device: toHex(leafNode.signatureKey), generation: generationOf(leafNode), member }
    const context = { wire, device: own.device, groupId: session.groupId }
    await say(doing, PayloadKind.removal, await signNotice(context, notice))
  }
}

interface Request {
  readonly kind: PayloadKind
  readonly body: Uint8Array
}

/** Those that came by the topic where the group is now, the oldest first. */
async function requestsOfOthers(doing: Misdoing): Promise<Request[]> {
  const { wire, disk } = doing.device
  const rendezvous = await meetingPlace(doing)
  if (rendezvous === undefined) return []
  const { topic, controlKey } = rendezvous
  return [...disk.frames(topic.name).values()].flatMap((bytes) => {
    const frame = parseFrame(wire, topic.name, bytes)
    if (!isForKey(wire, frame, controlKey)) return []
    const payload = decodePayload(openFrame(wire, controlKey, frame))
    return payload.kind === PayloadKind.leave || payload.kind === PayloadKind.reentry ? [payload] : []
  })
}

interface Stand {
  readonly id: string
  readonly epoch: bigint
  readonly parent: string | undefined
}

async function vote(
  doing: Misdoing,
  number: bigint,
  { id, epoch, parent }: Stand,
  only?: (to: Station) => boolean,
): Promise<void> {
  const { device } = doing
  const { session, own, wire } = device
  if (session === undefined) return
  const outline = { committer: undefined, removed: [] }
  const before = parent === undefined ? [] : [{ ...outline, id: parent, height: epoch - 1n }]
  const path = [{ ...outline, id, height: epoch }, ...before]
  const body = await signVote(wire, own.device, session.groupId, { number, path, stuck: doing.random.chance(0.2) })
  await say(doing, PayloadKind.vote, body, only)
}

async function ask(doing: Misdoing, request: ReentryRequest): Promise<void> {
  await say(doing, PayloadKind.reentry, encodeReentryRequest(request))
}

async function say(
  doing: Misdoing,
  kind: PayloadKind,
  body: Uint8Array,
  only?: (to: Station) => boolean,
): Promise<void> {
  const { device, clock } = doing
  const rendezvous = await meetingPlace(doing)
  if (rendezvous === undefined) return
  const { topic, controlKey } = rendezvous
  const bytes = await sealFrame(device.wire, topic, controlKey, encodePayload(kind, body), clock.nowMs)
  publish(doing, [{ topic: topic.name, bytes }], only)
}

async function meetingPlace({ device }: Misdoing): Promise<Rendezvous | undefined> {
  const { session, wire } = device
  return session === undefined ? undefined : rendezvousFrom(wire, session.profile.rendezvousSecret)
}

/** Ahead of everything that the device has said itself, and more so as time passes. */
function farNumber({ clock }: Misdoing): bigint {
  return BigInt(clock.nowMs)
}
