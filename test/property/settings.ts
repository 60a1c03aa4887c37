// How the property tests are run: with a seed that is different each time, printed, and set again by an environment
// variable; and as often as another one says.

/** `COTERIE_SEED=…` repeats a run. */
export const SEED: number = integer('COTERIE_SEED', Date.now() % 0x7fff_ffff)

/** For `fc.assert`: this many runs, times `COTERIE_RUNS` where that is set, and the seed. */
export function runs(numRuns: number): { readonly numRuns: number; readonly seed: number } {
  return { numRuns: numRuns * integer('COTERIE_RUNS', 1), seed: SEED }
}

/** To be called once in each file, so that a failure can be repeated. */
export function printSeed(file: string): void {
  console.log(`${file}: COTERIE_SEED=${SEED}`)
}

function integer(name: string, fallback: number): number {
  const given = process.env[name]
  const value = given === undefined ? fallback : Number(given)
  if (!Number.isInteger(value)) throw new Error(`${name} is not an integer: ${given}`)
  return value
}
