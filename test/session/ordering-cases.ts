// The trees of epochs of the ordering vectors: small ones, each for one rule of spec/ordering.md.
import { toHex, utf8 } from '../../src/bytes.ts'
import type { PathEntry, Statement } from '../../src/session/statement.ts'
import { wireSuite } from '../wire/wire-vectors.ts'
import type { EpochOutline } from './naive-choice.ts'

export interface ChoiceCase {
  readonly description: string
  readonly groupId: Uint8Array
  readonly tree: readonly EpochOutline[]
  readonly statements: readonly Statement[]
}

const GROUP_ID: Uint8Array = utf8('group of the vectors')
const MEMBERS = ['A', 'B', 'C', 'D', 'E']

/** Grows a tree: the first epoch is its root. */
class Case {
  readonly #description: string
  readonly #tree: EpochOutline[] = []
  readonly #statements: Statement[] = []

  constructor(description: string, height = 0n, members: readonly string[] = MEMBERS) {
    this.#description = description
    this.#tree.push({ ...entry('root', height), parent: undefined, roster: rosterOf(members) })
  }

  /** An epoch on another. The members stay the same where no others are given. */
  epoch(name: string, parent: string, about: About = {}): this {
    const before = this.#at(parent)
    const roster = about.members === undefined ? before.roster : rosterOf(about.members)
    this.#tree.push({ ...entry(name, before.height + 1n, about), parent: before.id, roster })
    return this
  }

  /** Somebody stands in an epoch of the tree, or in one that follows it and is known from what is said alone. */
  stands(device: string, at: string, beyond: readonly Beyond[] = [], conflict = false): this {
    const way: PathEntry[] = []
    for (let next: EpochOutline | undefined = this.#at(at); next !== undefined; ) {
      const { id, height, committer, removed, parent }: EpochOutline = next
      way.push({ id, height, committer, removed })
      next = this.#tree.find((one) => one.id === parent)
    }
    const ahead = beyond.map(({ name, height, ...about }) => entry(name, height, about))
    return this.says(device, [...ahead.toReversed(), ...way], conflict)
  }

  says(device: string, path: readonly PathEntry[], conflict = false): this {
    this.#statements.push({ device: nameOf('device', device), number: 1n, path, stuck: false, conflict })
    return this
  }

  get done(): ChoiceCase {
    return { description: this.#description, groupId: GROUP_ID, tree: this.#tree, statements: this.#statements }
  }

  #at(name: string): EpochOutline {
    const found = this.#tree.find(({ id }) => id === nameOf('epoch', name))
    if (found === undefined) throw new Error(`no epoch ${name}`)
    return found
  }
}

interface About {
  readonly committer?: number
  readonly removed?: readonly number[]
  readonly members?: readonly string[]
}

type Beyond = About & { readonly name: string; readonly height: bigint }

export const CHOICE_CASES: readonly ChoiceCase[] = [
  new Case('nothing but the root').done,
  new Case('a single way needs nobody to stand on it').epoch('a', 'root').epoch('b', 'a').done,
  new Case('the child in which more members stand')
    .epoch('a', 'root', { committer: 0 })
    .epoch('b', 'root', { committer: 1 })
    .stands('A', 'a')
    .stands('B', 'b')
    .stands('C', 'b').done,
  new Case('depth has no weight, and a device counts once')
    .epoch('a', 'root', { committer: 0 })
    .epoch('a1', 'a', { committer: 0 })
    .epoch('a2', 'a1', { committer: 0 })
    .epoch('b', 'root', { committer: 1 })
    .stands('A', 'a2')
    .stands('B', 'b')
    .stands('C', 'b').done,
  new Case('members that a branch added have no weight at the fork')
    .epoch('a', 'root', { committer: 0, members: [...MEMBERS, 'F', 'G', 'H'] })
    .epoch('b', 'root', { committer: 1 })
    .stands('A', 'a')
    .stands('F', 'a')
    .stands('G', 'a')
    .stands('H', 'a')
    .stands('B', 'b')
    .stands('C', 'b').done,
  new Case('members whom a branch removed have their weight at the fork')
    .epoch('a', 'root', { committer: 0, removed: [1, 2], members: ['A', 'D', 'E'] })
    .epoch('b', 'root', { committer: 1 })
    .stands('A', 'a')
    .stands('B', 'b')
    .stands('C', 'b').done,
  new Case('a device that said two things under one number has no weight')
    .epoch('a', 'root', { committer: 0 })
    .epoch('b', 'root', { committer: 1 })
    .stands('A', 'a')
    .stands('B', 'b', [], true)
    .stands('C', 'b', [], true).done,
  new Case('a tie: fewer of the others remove the committer')
    .epoch('a', 'root', { committer: 0, members: MEMBERS })
    .epoch('b', 'root', { committer: 1, removed: [0] })
    .epoch('c', 'root', { committer: 2, removed: [1] }).done,
  new Case('a tie: those that weigh less do not count as others')
    .epoch('a', 'root', { committer: 0 })
    .epoch('b', 'root', { committer: 1 })
    .epoch('c', 'root', { committer: 2, removed: [0, 1] })
    .stands('A', 'a')
    .stands('B', 'b').done,
  new Case('a tie: mutual removal leaves it to the rank')
    .epoch('a', 'root', { committer: 0, removed: [1] })
    .epoch('b', 'root', { committer: 1, removed: [0] }).done,
  ...[0n, 1n, 2n, 4_294_967_296n].map(
    (height) =>
      new Case(`a tie: the smaller rank, at height ${height}`, height)
        .epoch('a', 'root', { committer: 0 })
        .epoch('b', 'root', { committer: 1 })
        .epoch('c', 'root', { committer: 2 }).done,
  ),
  new Case('a tie: one committer twice, the smaller name')
    .epoch('a', 'root', { committer: 3 })
    .epoch('b', 'root', { committer: 3 })
    .epoch('c', 'root', { committer: 3 }).done,
  new Case('a tie: without a committer behind all ranks')
    .epoch('a', 'root')
    .epoch('b', 'root', { committer: 1 })
    .stands('A', 'a')
    .stands('B', 'b').done,
  new Case('a child known by name only is where the way ends').epoch('a', 'root', { committer: 0 }).stands('A', 'a', [
    { name: 'unseen', height: 2n, committer: 0 },
    { name: 'unseen too', height: 3n, committer: 0 },
  ]).done,
  new Case('a child known by name only against one that is known')
    .epoch('a', 'root', { committer: 0 })
    .stands('A', 'a')
    .stands('B', 'root', [{ name: 'unseen', height: 1n, committer: 1 }])
    .stands('C', 'root', [{ name: 'unseen', height: 1n, committer: 1 }]).done,
  new Case('a child known by name only: what most of those who name it say')
    .epoch('a', 'root', { committer: 0 })
    .epoch('b', 'root', { committer: 1 })
    .stands('A', 'a')
    .stands('B', 'a')
    .stands('C', 'root', [{ name: 'unseen', height: 1n, committer: 2 }])
    .stands('D', 'root', [{ name: 'unseen', height: 1n, committer: 2 }])
    .stands('E', 'root', [{ name: 'unseen', height: 1n, committer: 4, removed: [0] }]).done,
  new Case('a child known by name only: of equally frequent claims the smallest as text')
    .epoch('a', 'root', { committer: 0 })
    .stands('A', 'a')
    .stands('B', 'a')
    .stands('C', 'root', [{ name: 'unseen', height: 1n, committer: 10 }])
    .stands('D', 'root', [{ name: 'unseen', height: 1n, committer: 2 }]).done,
  new Case('an entry that is more than one higher names no child')
    .epoch('a', 'root', { committer: 0 })
    .stands('A', 'root', [{ name: 'far', height: 9n, committer: 1 }])
    .stands('B', 'root', [{ name: 'far', height: 9n, committer: 1 }]).done,
  new Case('whoever is no member of an epoch names no child of it')
    .epoch('a', 'root', { committer: 0 })
    .stands('A', 'a')
    .stands('Z', 'root', [{ name: 'unseen', height: 1n, committer: 1 }]).done,
  new Case('statements that do not touch the tree do not count')
    .epoch('a', 'root', { committer: 0 })
    .epoch('b', 'root', { committer: 1 })
    .says('A', [entry('elsewhere', 1n, { committer: 0 }), entry('nowhere', 0n)])
    .says('B', [entry('elsewhere', 1n, { committer: 0 }), entry('nowhere', 0n)]).done,
  new Case('one fork after another: each is weighed by the members of its own epoch')
    .epoch('a', 'root', { committer: 0, members: ['A', 'B', 'C', 'F', 'G'] })
    .epoch('b', 'root', { committer: 1 })
    .epoch('a1', 'a', { committer: 0 })
    .epoch('a2', 'a', { committer: 1 })
    .stands('A', 'a1')
    .stands('B', 'a')
    .stands('C', 'a1')
    .stands('D', 'b')
    .stands('E', 'b')
    .stands('F', 'a2')
    .stands('G', 'a2').done,
]

function entry(name: string, height: bigint, { committer, removed = [] }: About = {}): PathEntry {
  return { id: nameOf('epoch', name), height, committer, removed }
}

function rosterOf(members: readonly string[]): EpochOutline['roster'] {
  return { name: members.join(' '), devices: new Set(members.map((name) => nameOf('device', name))) }
}

/** 32 bytes in hexadecimal, like the names of real epochs and devices. */
export function nameOf(kind: 'epoch' | 'device', name: string): string {
  return toHex(wireSuite().hash.digest(utf8(`${kind} ${name}`)))
}
