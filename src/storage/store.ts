// What keeps a client's records: buckets of named values, written in atomic batches. An adapter knows its database and how
// values are sealed; it knows nothing of what they mean.

/** Changes to some records, which take effect together or not at all. */
export interface Batch {
  /** Adds or replaces. */
  put(bucket: string, name: string, value: Uint8Array): void
  delete(bucket: string, name: string): void
  /** Adds to the end of an ordered bucket, or replaces what is at that place. */
  putAt(bucket: string, place: number, value: Uint8Array): void
  deleteAt(bucket: string, place: number): void
  /** Removes everything in a bucket, also what this batch has put there before. */
  clear(bucket: string): void
}

/** Something to write in the same batch as something else. */
export type BatchPart = (batch: Batch) => void

/** Both, in one batch. */
export function bothOf(one: BatchPart, other: BatchPart | undefined): BatchPart {
  return (batch) => {
    one(batch)
    other?.(batch)
  }
}

/** Which part of an ordered bucket. Both ends are inclusive. */
export interface PlaceRange {
  readonly from?: number
  readonly to?: number
  readonly limit?: number
  /** Default: from the first place on. */
  readonly reverse?: boolean
}

/**
 * A bucket is either named (`put`, `get`, `entries`) or ordered (`putAt`, `getAt`, `range`). Neither bucket names nor record
 * names can be read from the database without its key. Places are integers from 0 to 2^53 - 1.
 */
export interface Store {
  get(bucket: string, name: string): Promise<Uint8Array | undefined>
  getAt(bucket: string, place: number): Promise<Uint8Array | undefined>
  /** All records of a named bucket, in no order that means anything. */
  entries(bucket: string): AsyncIterable<readonly [name: string, value: Uint8Array]>
  range(bucket: string, range?: PlaceRange): AsyncIterable<readonly [place: number, value: Uint8Array]>
  /**
   * Carries out a batch: on disk when this resolves, or nothing of it.
   * @throws CoterieError `STORE_FAILED` (environment), `STORE_CLOSED` (caller)
   */
  write(changes: (batch: Batch) => void): Promise<void>
  /** Waits for writes under way. */
  close(): Promise<void>
}
