// Waiting for what happens elsewhere.

/**
 * Resolves once the condition holds; looks again every few milliseconds.
 * @param what - completes "waited in vain until …"
 * @throws Error after `timeoutMs`, 10,000 ms by default
 */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  const endMs = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
