// What a store is for. Whoever opens one that is somebody else's would make it useless to both.

import { fail } from '../../errors.ts'
import type { Store } from '../store.ts'

/** What a store is for. */
export interface StorePurpose {
  /** Whose it is, in a word. */
  readonly name: string
  /** A record that is in every such store from its first write on: its bucket and its name. */
  readonly sign: readonly [bucket: string, name: string]
}

/** What stands in the mark of a folder. @throws CoterieError `STORE_FOREIGN` (caller) */
export function checkMark(found: string, { name }: StorePurpose): void {
  if (found !== name) fail('STORE_FOREIGN', `this store is a ${found}'s, and cannot be a ${name}'s as well`)
}

/**
 * Decides by what is in a store that has no such mark. One with nothing in it is anybody's.
 * @throws CoterieError `STORE_FOREIGN` (caller)
 */
export async function checkContent(
  store: Store & { isEmpty(): Promise<boolean> },
  { name, sign }: StorePurpose,
): Promise<void> {
  if ((await store.get(...sign)) !== undefined || (await store.isEmpty())) return
  fail('STORE_FOREIGN', `this store is not a ${name}'s`)
}
