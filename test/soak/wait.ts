// Waiting for what happens in other processes, without keeping them busy by asking.

/** Resolves once the condition holds. @returns whether it did so within `timeoutMs` */
export async function holdsWithin(timeoutMs: number, condition: () => Promise<boolean>): Promise<boolean> {
  const endMs = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > endMs) return false
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS))
  }
  return true
}

const INTERVAL_MS = 250
