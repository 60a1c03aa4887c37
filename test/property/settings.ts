// How the property tests are run: with a seed that is different each time, printed, and set again by an environment variable.

/** `COTERIE_SEED=…` repeats a run. */
export const SEED: number = readSeed()

/** For `fc.assert`: this many runs, and the seed. */
export function runs(numRuns: number): { readonly numRuns: number; readonly seed: number; readonly verbose: 1 } {
  return { numRuns, seed: SEED, verbose: 1 }
}

/** To be called once in each file, so that a failure can be repeated. */
export function printSeed(file: string): void {
  console.log(`${file}: COTERIE_SEED=${SEED}`)
}

function readSeed(): number {
  const given = process.env.COTERIE_SEED
  const seed = given === undefined ? Date.now() % 0x7fff_ffff : Number(given)
  if (!Number.isInteger(seed)) throw new Error(`COTERIE_SEED is not an integer: ${given}`)
  return seed
}
