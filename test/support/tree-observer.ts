// Counts which nodes of a ratchet tree an operation touches: every node is replaced by a proxy that notes any access to it.
import type { GroupState } from '../../src/group/state.ts'
import type { RatchetTree } from '../../src/tree/ratchet-tree.ts'
import { Branch, Leaf, type Subtree } from '../../src/tree/subtree.ts'

export class TreeObserver {
  readonly #touched = new Set<Subtree>()
  readonly #proxies = new WeakSet<Subtree>()

  /** The same state over nodes that are watched. What the nodes remember stays with them. */
  watch(state: GroupState): GroupState {
    const tree: RatchetTree = { ...state.tree, root: this.#watched(state.tree.root) }
    this.#touched.clear()
    return { ...state, tree }
  }

  /** How many different watched nodes have been looked at, in whatever way, since this was last asked. */
  take(): number {
    const { size } = this.#touched
    this.#touched.clear()
    return size
  }

  /** How many nodes of a tree are not watched: those that were made since. */
  made(tree: RatchetTree): number {
    const count = (node: Subtree): number => {
      if (this.#proxies.has(node)) return 0
      return node instanceof Leaf ? 1 : 1 + count(node.left) + count(node.right)
    }
    return count(tree.root)
  }

  #watched(node: Subtree): Subtree {
    if (this.#proxies.has(node)) return node
    const copy =
      node instanceof Leaf
        ? new Leaf(node.firstLeaf, node.leafNode)
        : new Branch(node.parentNode, this.#watched(node.left), this.#watched(node.right))
    Object.assign(copy.derived, node.derived)
    const note = (target: Subtree) => this.#touched.add(target)
    const proxy: Subtree = new Proxy<Subtree>(copy, {
      get: (target, property, receiver): unknown => {
        note(target)
        return Reflect.get(target, property, receiver)
      },
      getPrototypeOf: (target) => {
        note(target)
        return Reflect.getPrototypeOf(target)
      },
      has: (target, property) => {
        note(target)
        return Reflect.has(target, property)
      },
      ownKeys: (target) => {
        note(target)
        return Reflect.ownKeys(target)
      },
      getOwnPropertyDescriptor: (target, property) => {
        note(target)
        return Reflect.getOwnPropertyDescriptor(target, property)
      },
    })
    this.#proxies.add(proxy)
    return proxy
  }
}
