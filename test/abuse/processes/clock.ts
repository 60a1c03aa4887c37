// One clock for all processes of a machine, finer than a millisecond.

/** In milliseconds since the Unix epoch. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now()
}
