// The trees of epochs of the ordering vectors: small ones, each for one rule of spec/ordering.md.
import { toHex, utf8 } from '../../src/bytes.ts'
import type { NaiveEpoch, NaiveInput, NaivePathEntry, NaiveStatement } from '../sim/ordering/naive-choice.ts'
import { wireSuite } from '../wire/wire-vectors.ts'

export interface ChoiceCase extends NaiveInput {
  readonly description: string
}

const GROUP_ID: string = toHex(utf8('group of the vectors'))
const MEMBERS = ['A', 'B', 'C', 'D', 'E']

/** Grows a tree: the first epoch is its root. */
class Case {
  readonly #description: string
  readonly #epochs: NaiveEpoch[] = []
  readonly #statements: NaiveStatement[] = []

  constructor(description: string, height = 0, members: readonly string[] = MEMBERS) {
    this.#description = description
    this.#epochs.push({ ...entry('root', height), parent: null, roster: rosterOf(members) })
  }

  /** An epoch on another. The members stay the same where no others are given. */
  epoch(name: string, parent: string, about: About = {}): this {
    const before = this.#at(parent)
    const roster = about.members === undefined ? before.roster : rosterOf(about.members)
    this.#epochs.push({ ...entry(name, before.height + 1, about), parent: before.name, roster })
    return this
  }

  /** Somebody stands in an epoch of the tree, or in one that follows it and is known from what is said alone. */
  stands(device: string, at: string, beyond: readonly Beyond[] = [], number = 1): this {
    const way: NaivePathEntry[] = []
    for (let next: NaiveEpoch | undefined = this.#at(at); next !== undefined; ) {
      const { name, height, committer, removed, parent }: NaiveEpoch = next
      way.push({ name, height, committer, removed })
      next = this.#epochs.find((one) => one.name === parent)
    }
    const ahead = beyond.map(({ name, height, ...about }) => entry(name, height, about))
    return this.says(device, [...ahead.toReversed(), ...way], number)
  }

  says(device: string, path: readonly NaivePathEntry[], number = 1): this {
    this.#statements.push({ device: nameOf('device', device), number, path })
    return this
  }

  get done(): ChoiceCase {
    const [epochs, statements] = [this.#epochs, this.#statements]
    return { description: this.#description, group_id: GROUP_ID, epochs, statements }
  }

  #at(name: string): NaiveEpoch {
    const found = this.#epochs.find((one) => one.name === nameOf('epoch', name))
    if (found === undefined) throw new Error(`no epoch ${name}`)
    return found
  }
}

interface About {
  readonly committer?: number
  readonly removed?: readonly number[]
  readonly members?: readonly string[]
}

type Beyond = About & { readonly name: string; readonly height: number }

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
    .stands('B', 'b', [], 4)
    .stands('B', 'a', [], 4)
    .stands('C', 'b', [], 2)
    .stands('C', 'root', [], 2).done,
  new Case('a device that said two things has its weight again with a greater number')
    .epoch('a', 'root', { committer: 0 })
    .epoch('b', 'root', { committer: 1 })
    .stands('A', 'a')
    .stands('B', 'b', [], 4)
    .stands('B', 'a', [], 4)
    .stands('B', 'b', [], 5)
    .stands('C', 'b', [], 2).done,
  new Case('a device that says other things of the same way has said two things')
    .epoch('a', 'root', { committer: 0 })
    .epoch('b', 'root', { committer: 1 })
    .stands('A', 'a')
    .stands('B', 'b', [{ name: 'unseen', height: 2, committer: 1 }], 4)
    .stands('B', 'b', [{ name: 'unseen', height: 2, committer: 2 }], 4).done,
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
  ...[0, 1, 2, 4_294_967_296].map(
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
    { name: 'unseen', height: 2, committer: 0 },
    { name: 'unseen too', height: 3, committer: 0 },
  ]).done,
  new Case('a child known by name only against one that is known')
    .epoch('a', 'root', { committer: 0 })
    .stands('A', 'a')
    .stands('B', 'root', [{ name: 'unseen', height: 1, committer: 1 }])
    .stands('C', 'root', [{ name: 'unseen', height: 1, committer: 1 }]).done,
  new Case('a child known by name only: what most of those who name it say')
    .epoch('a', 'root', { committer: 0 })
    .epoch('b', 'root', { committer: 1 })
    .stands('A', 'a')
    .stands('B', 'a')
    .stands('C', 'root', [{ name: 'unseen', height: 1, committer: 2 }])
    .stands('D', 'root', [{ name: 'unseen', height: 1, committer: 2 }])
    .stands('E', 'root', [{ name: 'unseen', height: 1, committer: 4, removed: [0] }]).done,
  new Case('a child known by name only: of equally frequent claims the smallest as text')
    .epoch('a', 'root', { committer: 0 })
    .stands('A', 'a')
    .stands('B', 'a')
    .stands('C', 'root', [{ name: 'unseen', height: 1, committer: 10 }])
    .stands('D', 'root', [{ name: 'unseen', height: 1, committer: 2 }]).done,
  new Case('an entry that is more than one higher names no child')
    .epoch('a', 'root', { committer: 0 })
    .stands('A', 'root', [{ name: 'far', height: 9, committer: 1 }])
    .stands('B', 'root', [{ name: 'far', height: 9, committer: 1 }]).done,
  new Case('whoever is no member of an epoch names no child of it')
    .epoch('a', 'root', { committer: 0 })
    .stands('A', 'a')
    .stands('Z', 'root', [{ name: 'unseen', height: 1, committer: 1 }]).done,
  new Case('statements that do not touch the tree do not count')
    .epoch('a', 'root', { committer: 0 })
    .epoch('b', 'root', { committer: 1 })
    .says('A', [entry('elsewhere', 1, { committer: 0 }), entry('nowhere', 0)])
    .says('B', [entry('elsewhere', 1, { committer: 0 }), entry('nowhere', 0)]).done,
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

/** What one device says, in the order in which it arrives. */
export interface SequenceCase {
  readonly description: string
  readonly statements: readonly NaiveStatement[]
}

export const SEQUENCE_CASES: readonly SequenceCase[] = [
  sequence('the greater number counts', [1, 'a'], [2, 'b']),
  sequence('whatever comes late under a smaller number does not', [2, 'b'], [1, 'a']),
  sequence('numbers may be left out', [1, 'a'], [2 ** 40, 'b']),
  sequence('the same twice is the same', [7, 'a'], [7, 'a']),
  sequence('two different ones under one number have no weight', [7, 'a'], [7, 'b']),
  sequence('nor has a third', [7, 'a'], [7, 'b'], [7, 'a']),
  sequence('until there is a greater number', [7, 'a'], [7, 'b'], [8, 'b']),
  sequence('a contradiction under an earlier number is of the past', [8, 'a'], [7, 'a'], [7, 'b']),
  sequence('the same stand, and something else of the way to it', [7, 'a'], [7, 'a', { committer: 5 }]),
  sequence('the same stand, and others removed on the way', [7, 'a'], [7, 'a', { removed: [2] }]),
]

function sequence(description: string, ...said: readonly (readonly [number, string, About?])[]): SequenceCase {
  const statements = said.map(([number, at, about = { committer: 0 }]) => ({
    device: nameOf('device', 'A'),
    number,
    path: [entry(at, 10, { committer: 0 }), entry('before', 9, about)],
  }))
  return { description, statements }
}

function entry(name: string, height: number, { committer, removed = [] }: About = {}): NaivePathEntry {
  return { name: nameOf('epoch', name), height, committer: committer ?? null, removed }
}

function rosterOf(members: readonly string[]): string[] {
  return members.map((name) => nameOf('device', name))
}

/** 32 bytes in hexadecimal, like the names of real epochs and devices. */
export function nameOf(kind: 'epoch' | 'device', name: string): string {
  return toHex(wireSuite().hash.digest(utf8(`${kind} ${name}`)))
}
