// Deliberate changes of the rules in src/session, each with what notices it. The rules are those of spec/ordering.md and
// spec/repair.md.
import type { ProfileName } from '../../../src/testing/simulation/profiles.ts'

export interface Mutant {
  readonly name: string
  /** In src/session. */
  readonly file: string
  /** Occurs once in the file. */
  readonly find: string
  readonly replace: string
  readonly caughtBy: Catcher
}

/** What is run until it fails. */
type Catcher =
  | { readonly profile: ProfileName; readonly seeds: number }
  /** A test file. */
  | { readonly test: string }

const ORDERING = { test: 'test/sim/ordering/ordering.test.ts' } as const

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'ties are broken by hash alone, which a committer can grind',
    file: 'fork-choice.ts',
    find: 'one.removals - other.removals || compare(one.rank, other.rank) || compare(',
    replace: 'compare(',
    caughtBy: ORDERING,
  },
  {
    name: 'the greatest rank wins a tie',
    file: 'fork-choice.ts',
    find: 'compare(one.rank, other.rank)',
    replace: 'compare(other.rank, one.rank)',
    caughtBy: ORDERING,
  },
  {
    name: 'who removes the other wins a tie',
    file: 'fork-choice.ts',
    find: 'one.removals - other.removals',
    replace: 'other.removals - one.removals',
    caughtBy: ORDERING,
  },
  {
    name: 'members that a branch added have weight at the fork',
    file: 'fork-choice.ts',
    find: 'if (anchor === undefined || !at.roster.devices.has(statement.device)) continue',
    replace: 'if (anchor === undefined) continue',
    caughtBy: ORDERING,
  },
  {
    name: 'the lighter branch wins',
    file: 'fork-choice.ts',
    find: 'b.weight - a.weight ||',
    replace: 'a.weight - b.weight ||',
    caughtBy: ORDERING,
  },
  {
    name: 'a device has weight for each of its votes, not for the latest alone',
    file: 'fork-choice.ts',
    find: 'if (child !== undefined) standing.get(child)?.add(statement.device)',
    replace: `for (let said = 0n; said < statement.number; said++) {
      if (child !== undefined) standing.get(child)?.add(\`\${statement.device} \${said}\`)
    }`,
    caughtBy: ORDERING,
  },
  {
    name: 'who said two things under one number still has weight',
    file: 'fork-choice.ts',
    find: '[...statements].filter(({ conflict }) => !conflict)',
    replace: '[...statements]',
    caughtBy: ORDERING,
  },
  {
    name: 'an old statement replaces a later one',
    file: 'statement.ts',
    find: 'next.number > known.number) return next',
    replace: 'next.number !== known.number) return next',
    caughtBy: ORDERING,
  },
  {
    name: 'a device follows the choice before others have been heard',
    file: 'following.ts',
    find: 'const decidesAtMs = sinceMs + context.settings.settleMs',
    replace: 'const decidesAtMs = sinceMs',
    caughtBy: { test: 'test/attacks/rewinding.test.ts' },
  },
  {
    name: 'somebody else can say where the Welcome of one who is added again is left',
    file: 'receive-control.ts',
    find: 'if (!equalBytes(reentry.inbox, inboxHash(context.wire, inbox))) {',
    replace: 'if (equalBytes(reentry.inbox, inboxHash(context.wire, context.inbox))) {',
    caughtBy: { test: 'test/attacks/readding.test.ts' },
  },
  {
    name: 'those who cannot process a commit never go on without it',
    file: 'stranded.ts',
    find: 'if (able > stuck.size)',
    replace: 'if (able >= 0)',
    caughtBy: { test: 'test/attacks/malformed.test.ts' },
  },
  {
    name: 'nobody votes',
    file: 'publishing.ts',
    find: 'for (const topic of topics) await',
    replace: 'for (const topic of topics) if (topic === undefined) await',
    caughtBy: { profile: 'deep-partitions', seeds: 40 },
  },
  {
    name: 'votes do not tell of old forks',
    file: 'statement.ts',
    find: 'if (!isOnWay) forks.add(meeting)',
    replace: 'if (isOnWay) forks.add(meeting)',
    caughtBy: { test: 'test/session/paths.test.ts' },
  },
  {
    name: 'who hears nothing for long says nothing',
    file: 'left-behind.ts',
    find: 'if (isDue) await',
    replace: 'if (isDue && nowMs < 0) await',
    caughtBy: { test: 'test/session/silence.test.ts' },
  },
  {
    name: 'the number of the last statement is not on disk',
    file: 'session-records.ts',
    find: 'writer.uint64(counters.statement)',
    replace: 'writer.uint64(0n)',
    caughtBy: { profile: 'crashes', seeds: 20 },
  },
  {
    name: 'keys are kept twice as deep',
    file: 'retention.ts',
    find: 'const horizon = here.height - BigInt(retainedEpochs)',
    replace: 'const horizon = here.height - 2n * BigInt(retainedEpochs)',
    caughtBy: { profile: 'deep-partitions', seeds: 10 },
  },
  {
    name: 'keys are given up after one epoch',
    file: 'retention.ts',
    find: 'const horizon = here.height - BigInt(retainedEpochs)',
    replace: 'const horizon = here.height - 1n',
    caughtBy: { test: 'test/attacks/stolen-store.test.ts' },
  },
  {
    name: 'keys are given up by the clock, not by depth',
    file: 'retention.ts',
    find: 'const isOld = node.height < horizon || draft.tree.meeting(node.id, here.id).height < horizon',
    replace: `const known = ((globalThis as any).knownSince ??= new Map())
    const place = \`\${context.self} \${node.id}\`
    if (!known.has(place)) known.set(place, nowMs)
    const isOld = nowMs - known.get(place) > 60_000`,
    caughtBy: { profile: 'deep-partitions', seeds: 10 },
  },
  {
    name: 'what was wished on a branch that lost is forgotten',
    file: 'committing.ts',
    find: 'if (draft.tree.isOnPath(node, draft.counters.stand)) for (const number of numbers) carried.add(number)',
    replace: 'for (const number of numbers) carried.add(number)',
    caughtBy: { profile: 'storms', seeds: 80 },
  },
  {
    name: 'messages are never sent again',
    file: 'outbox.ts',
    find: 'for (const some of together(entries.slice(0, MAX_AGAIN))) await',
    replace: 'for (const some of together(entries.slice(0, MAX_AGAIN))) if (nowMs < 0) await',
    caughtBy: { profile: 'deep-partitions', seeds: 40 },
  },
  {
    name: 'whoever came back is sent everything again, without being asked what it has',
    file: 'outbox.ts',
    find: 'Math.max(entry.sentAtMs, awaited.get(device) ?? 0)',
    replace: 'entry.sentAtMs',
    caughtBy: { test: 'test/session/sending-again.test.ts' },
  },
  {
    name: 'one member is believed who says that a device was removed',
    file: 'removal-notices.ts',
    find: 'Math.floor(others / 3) + 1',
    replace: '1',
    caughtBy: { test: 'test/session/removal-notices.test.ts' },
  },
  {
    name: 'a message counts as delivered once it is published',
    file: 'deliveries.ts',
    find: "entry).state !== 'delivered') continue",
    replace: "entry).state === 'queued') continue",
    caughtBy: { profile: 'deep-partitions', seeds: 40 },
  },
  {
    name: 'what one lacks whom a branch has removed is forgotten there',
    file: 'deliveries.ts',
    find: 'filter(({ until }) => until !== undefined)',
    replace: 'filter(({ until }) => until === -1n)',
    caughtBy: { test: 'test/session/sending-again.test.ts' },
  },
  {
    name: 'who is one epoch behind is answered by nobody',
    file: 'left-behind.ts',
    find: 'return isFar || (isLong && head.height < here.height) ? head.height : undefined',
    replace: 'return isFar ? head.height : undefined',
    caughtBy: { test: 'test/session/just-behind.test.ts' },
  },
  {
    name: 'a message that comes again is shown again',
    file: 'messages.ts',
    find: 'if (recent?.id === messageKey(id) || isTwin ||',
    replace: 'if (isTwin ||',
    caughtBy: { profile: 'deep-partitions', seeds: 20 },
  },
  {
    name: 'frames that no key opens are dropped',
    file: 'receiving.ts',
    find: 'if (!(await openAny(context, draft, frame, nowMs))) keepUnread(',
    replace: 'if (!(await openAny(context, draft, frame, nowMs)) && nowMs < 0) keepUnread(',
    caughtBy: { test: 'test/session/rereading.test.ts' },
  },
  {
    name: 'Welcomes tell nothing of the epochs before',
    file: 'committing.ts',
    find: 'extensions: [pastExtension(pastOf(draft.tree, parent, stepOf(parent, plan)))]',
    replace: 'extensions: [pastExtension(pastOf(draft.tree, parent, stepOf(parent, plan)).slice(0, 0))]',
    caughtBy: { profile: 'everything', seeds: 60 },
  },
  {
    name: 'nobody asks to be added again',
    file: 'repair.ts',
    find: 'if (!detached || askAtMs === undefined || draft.counters.gone) return',
    replace: 'if (detached || askAtMs === undefined || draft.counters.gone) return',
    caughtBy: { profile: 'deep-partitions', seeds: 20 },
  },
  {
    name: 'what let a device in again is given up at once, though it may have been on a branch that loses',
    file: 'repair.ts',
    find: 'forgetEntries(draft, (one) => one < generation)',
    replace: 'forgetEntries(draft, (one) => one <= generation)',
    caughtBy: { test: 'test/session/coming-back.test.ts' },
  },
  {
    name: 'whoever comes back believes who was in epochs that it does not know',
    file: 'repair.ts',
    find: 'withMembersOf(context.wire, draft.tree, withPast(context.wire, root, past), old)',
    replace: 'withPast(context.wire, root, past)',
    caughtBy: { test: 'test/attacks/kidnapping.test.ts' },
  },
  {
    name: 'nobody commits as long as somebody makes forks',
    file: 'committing.ts',
    find: 'if (watch.open && !isOverdue(context, draft, chores, nowMs)) return',
    replace: 'if (watch.open) return',
    caughtBy: { test: 'test/attacks/commits.test.ts' },
  },
  {
    name: 'the last message is never sent again to one who speaks',
    file: 'outbox.ts',
    find: 'if (peer.heardAtMs <= entry.sentAtMs) return undefined',
    replace: 'if (peer.heardAtMs > 0) return undefined',
    caughtBy: { test: 'test/session/sending-again.test.ts' },
  },
  {
    name: 'requests to be added again are ignored',
    file: 'chores.ts',
    find: 'if (generationOf(leafNode) >= generationOf(request.keyPackage.leafNode)) return undefined',
    replace: 'if (generationOf(leafNode) <= generationOf(request.keyPackage.leafNode)) return undefined',
    caughtBy: { profile: 'deep-partitions', seeds: 20 },
  },
  {
    name: 'who asks to be added again is removed alone',
    file: 'intents.ts',
    find: `this.#removed.add(leafIndex)
    this.#added.set(toHex(keyPackage.leafNode.signatureKey), { keyPackage, inbox })`,
    replace: 'if (keyPackage !== undefined && inbox !== undefined) this.#removeLeaf(leafIndex)',
    caughtBy: { profile: 'deep-partitions', seeds: 40 },
  },
  {
    name: 'the logical clock says no more than the epoch',
    file: 'messages.ts',
    find: 'return seen >= first ? seen + 1n : first',
    replace: 'return first',
    caughtBy: { profile: 'quiet', seeds: 10 },
  },
  {
    name: 'branches are kept without limit',
    file: 'receive-commit.ts',
    find: '< settings.branchEpochs',
    replace: '< 1_000',
    caughtBy: { test: 'test/attacks/floods.test.ts' },
  },
  {
    name: 'commits that cannot be processed do not count among those beside the way',
    file: 'receive-commit.ts',
    find: 'if (broken) count++',
    replace: 'if (broken) count += 0',
    caughtBy: { test: 'test/attacks/floods.test.ts' },
  },
  {
    name: 'what had no room is not tried again where a device has moved',
    file: 'retention.ts',
    find: 'if (draft.watch.retryUnread) draft.wakeAt(nowMs)',
    replace: 'if (draft.watch.retryUnread && nowMs < 0) draft.wakeAt(nowMs)',
    caughtBy: { test: 'test/session/long-branches.test.ts' },
  },
  {
    name: 'a device goes on as far as it can while commits wait for room',
    file: 'following.ts',
    find: 'if (draft.watch.crowded && step.height > furthest) return reached',
    replace: 'if (step.height > furthest && nowMs < 0) return reached',
    caughtBy: { test: 'test/session/long-branches.test.ts' },
  },
  {
    name: 'names of epochs are remembered for ever',
    file: 'stranded.ts',
    find: 'named.has(other) ||',
    replace: 'named.size >= 0 ||',
    caughtBy: { test: 'test/session/named-epochs.test.ts' },
  },
  {
    name: 'frames that no key opens are kept without limit',
    file: 'receiving.ts',
    find: 'if (unread.size <= unreadFrames && bytes <= unreadBytes) break',
    replace: 'if (bytes <= unreadBytes) break',
    caughtBy: { profile: 'byzantine', seeds: 80 },
  },
  {
    name: 'frames for which there was no room are never read again',
    file: 'rereading.ts',
    find: 'if (draft.moved) draft.watch =',
    replace: 'if (draft.moved && nowMs < 0) draft.watch =',
    caughtBy: { test: 'test/session/rereading.test.ts' },
  },
  {
    name: 'who joins by a key package that others have used too keeps its keys',
    file: 'group-session.ts',
    find: "if (joined) wish(draft, { kind: 'refresh' }, nowMs)",
    replace: "if (joined && nowMs < 0) wish(draft, { kind: 'refresh' }, nowMs)",
    caughtBy: { test: 'test/relay/last-resort.test.ts' },
  },
  {
    name: 'Welcomes are handed out before their commits have settled',
    file: 'handing-out.ts',
    find: 'if (draft.watch.open) continue\n    const dueMs = isAgain ? handedOutAtMs + settings.welcomeAgainMs : settlesAtMs',
    replace: 'const dueMs = isAgain ? handedOutAtMs + settings.welcomeAgainMs : nowMs',
    caughtBy: { test: 'test/sim/welcome.test.ts' },
  },
  {
    name: 'a Welcome is left once',
    file: 'handing-out.ts',
    find: 'if (isAgain && (draft.counters.gone || !isWaitedFor(draft, own, nowMs))) continue',
    replace: 'if (isAgain) continue',
    caughtBy: { test: 'test/session/long-absence.test.ts' },
  },
  {
    name: 'topics are left after a week, whoever may be there',
    file: 'rendezvous.ts',
    find: '|| isWaitedFor(draft, lastOn.get(name))) left.push',
    replace: ') left.push',
    caughtBy: { test: 'test/session/long-absence.test.ts' },
  },
  {
    name: 'topics that were left are kept without limit',
    file: 'rendezvous.ts',
    find: 'left.slice(settings.leftTopics)',
    replace: 'left.slice(left.length)',
    caughtBy: { test: 'test/session/long-absence.test.ts' },
  },
  {
    name: 'nobody says on topics that were left where the group is',
    file: 'left-behind.ts',
    find: 'if (topics.length > 0) await vote(context, draft, topics, false, nowMs)\n  const callAtMs',
    replace: 'const callAtMs',
    caughtBy: { test: 'test/session/long-absence.test.ts' },
  },
  {
    name: 'whoever stands on another branch is told once and for all',
    file: 'left-behind.ts',
    find: '(isOld || hasUntold(context, draft, heardOn, height, nowMs)) ? height : undefined',
    replace: 'isOld && nowMs < 0 ? height : undefined',
    caughtBy: { test: 'test/session/long-absence.test.ts' },
  },
  {
    name: 'most of the members wait for ever for a commit that they have heard of',
    file: 'stranded.ts',
    find: 'draft.watch = { ...draft.watch, alternative: { stuck, sinceMs: dueMs } }\n  return false',
    replace: 'return false',
    caughtBy: { test: 'test/session/just-behind.test.ts' },
  },
  {
    name: 'what those have said who are away is not said again',
    file: 'left-behind.ts',
    find: 'await retell(context, draft, topic, behind, nowMs)',
    replace: 'await retell(context, draft, topic, behind + 1_000_000n, nowMs)',
    caughtBy: { test: 'test/session/retelling.test.ts' },
  },
]
