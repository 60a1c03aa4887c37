// Which leaf of the ratchet tree each member has (RFC 9420 §7.7), as anybody can tell who sees the commits.

/** One place for each leaf, blank ones included: a power of two of them. */
export type Leaves<Member> = readonly (Member | undefined)[]

/** RFC 9420 §12.1.3: blanks the leaves, and drops the right half of the tree as long as it is blank. */
export function withoutMembers<Member>(leaves: Leaves<Member>, leaving: readonly Member[]): Leaves<Member> {
  let rest = leaves.map((member) => (member !== undefined && leaving.includes(member) ? undefined : member))
  while (rest.length > 1 && isBlank(rest.slice(rest.length / 2))) rest = rest.slice(0, rest.length / 2)
  return rest
}

/** RFC 9420 §12.1.1: each takes the leftmost blank leaf; where there is none, the tree doubles. */
export function withMembers<Member>(leaves: Leaves<Member>, joining: readonly Member[]): Leaves<Member> {
  const result = [...leaves]
  for (const member of joining) {
    if (!result.includes(undefined)) result.push(...result.map(() => undefined))
    result[result.indexOf(undefined)] = member
  }
  return result
}

export function leftHalfIsBlank<Member>(leaves: Leaves<Member>): boolean {
  return leaves.length > 1 && isBlank(leaves.slice(0, leaves.length / 2))
}

function isBlank<Member>(leaves: Leaves<Member>): boolean {
  return leaves.every((member) => member === undefined)
}
