// Many asynchronous operations, a bounded number of them under way at once.

/** Bounds the memory that waiting operations hold, and is plenty to keep all threads busy. */
const BATCH_SIZE = 256

/** Like `Promise.all(items.map(work))`: results in order, the first failure rejects. */
export async function mapInBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  if (items.length <= BATCH_SIZE) return Promise.all(items.map(work))
  const results: R[] = []
  for (let start = 0; start < items.length; start += BATCH_SIZE) {
    results.push(...(await Promise.all(items.slice(start, start + BATCH_SIZE).map(work))))
  }
  return results
}
