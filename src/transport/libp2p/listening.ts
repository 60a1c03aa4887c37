// Why a node cannot listen, in words for whoever chose the addresses.

/**
 * One part for each address that cannot be used.
 * @param cause - what libp2p threw: its only trace of which address it was, and why, is its text
 */
export function whyNotListening(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : ''
  const reasons = [...text.matchAll(/^ {2}(\/\S+): (.*)$/gm)].map(([, address, reason = '']) => {
    return `${address} ${inWords(reason)}`
  })
  return reasons.length === 0 ? 'the addresses to listen on cannot be used' : `cannot listen: ${reasons.join('; ')}`
}

function inWords(reason: string): string {
  const [, words] = WORDS.find(([sign]) => reason.includes(sign)) ?? []
  return words ?? `cannot be used (${reason})`
}

const WORDS = [
  ['EADDRINUSE', 'is taken by another program'],
  ['EADDRNOTAVAIL', 'is no address of this machine'],
  ['ENOTFOUND', 'is no address of this machine'],
  ['EACCES', 'may not be used by this user'],
  ['UnsupportedListenAddressError', 'is not of a kind that this transport can listen on'],
] as const
