// A network inside one process, for tests and simulations. It has no clock and no chance in it: what is done in the same
// order happens in the same order.

import { fail } from '../../errors.ts'
import type { PeerId, Transport } from '../transport.ts'
import { type Links, MemoryTransport } from './memory-transport.ts'

/** A network inside one process: peers on it, and ways to part and reunite them. */
export interface MemoryNetwork {
  /** A new peer, not started. Its address is `memory:` and its name. */
  transport(name?: string): Transport
  /** Loses the connection between two peers, until somebody connects them or `heal` does. */
  disconnect(one: PeerId, other: PeerId): void
  /** Loses all connections between peers of different groups, and allows no new ones. Peers in no group are on their own. */
  partition(...groups: readonly (readonly PeerId[])[]): void
  /** Ends a partition, and restores the connections that somebody had asked for with `connect`. */
  heal(): void
}

/** An in-process network without peers. */
export function createMemoryNetwork(): MemoryNetwork {
  const running = new Map<PeerId, MemoryTransport>()
  const wanted = new Map<PeerId, Set<PeerId>>()
  let groups: readonly (readonly PeerId[])[] | undefined
  let named = 0

  const canMeet = (one: PeerId, other: PeerId): boolean =>
    one !== other && (groups === undefined || groups.some((group) => group.includes(one) && group.includes(other)))
  const unlink = (one: MemoryTransport, other: MemoryTransport): void => {
    one.lose(other)
    other.lose(one)
  }
  /** Connects where both run, may meet, and one of them asked for it. */
  const restore = (): void => {
    for (const [from, targets] of wanted) {
      for (const to of targets) {
        const [one, other] = [running.get(from), running.get(to)]
        if (one !== undefined && other !== undefined && canMeet(from, to)) one.meet(other)
      }
    }
  }

  const links: Links = {
    join(node) {
      if (running.has(node.peer)) fail('ARGUMENT_INVALID', `a peer named ${node.peer} is running on this network`)
      running.set(node.peer, node)
      restore()
    },
    leave(node) {
      running.delete(node.peer)
      wanted.delete(node.peer)
      for (const other of running.values()) unlink(node, other)
    },
    link(from, to) {
      const other = running.get(to)
      if (other === undefined || !canMeet(from.peer, to)) {
        return fail('TRANSPORT_UNREACHABLE', `no peer named ${to} can be reached`)
      }
      wanted.set(from.peer, (wanted.get(from.peer) ?? new Set()).add(to))
      from.meet(other)
    },
  }

  return {
    transport: (name = `peer-${++named}`) => new MemoryTransport(name, links),
    disconnect(one, other) {
      const [left, right] = [running.get(one), running.get(other)]
      if (left !== undefined && right !== undefined) unlink(left, right)
    },
    partition(...parts) {
      groups = parts
      const nodes = [...running.values()]
      for (const one of nodes) {
        for (const other of nodes) if (!canMeet(one.peer, other.peer)) unlink(one, other)
      }
    },
    heal() {
      groups = undefined
      restore()
    },
  }
}
