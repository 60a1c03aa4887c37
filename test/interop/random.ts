// Small seeded random numbers (mulberry32), so that a schedule can be run again from its seed. Never for keys.

export interface Random {
  /** An integer in [0, bound). */
  below(bound: number): number
  chance(probability: number): boolean
  pick<Item>(items: readonly Item[]): Item
  /** `count` different items, in random order; all of them if there are fewer. */
  sample<Item>(items: readonly Item[], count: number): Item[]
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number): number => Math.floor(next() * bound)
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
    sample: (items, count) => {
      const rest = [...items]
      const chosen = []
      while (chosen.length < count && rest.length > 0) chosen.push(...rest.splice(below(rest.length), 1))
      return chosen
    },
  }
}
