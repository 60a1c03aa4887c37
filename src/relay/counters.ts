// What a relay has done since it was started, for its operator: numbers, and nothing about anybody.

/** Everything that is counted. */
export const COUNTED = {
  frames_kept: 'Frames that were taken in',
  frames_refused_invalid: 'Frames without the signature of their topic, or too large',
  frames_refused_time: 'Frames that claim to be too old or of the future',
  frames_refused_limit: 'Frames of peers that send too many, or for which there was no room',
  requests_refused_proof: 'Requests without a valid signature',
  requests_refused_limit: 'Requests beyond a limit',
  requests_refused_content: "Key packages that are not valid, or not the device's",
  pins: 'Topics that were pinned or renewed',
  pins_expired: 'Topics whose pins ran out',
  key_packages_deposited: 'Key packages to be handed out once that came in',
  key_packages_taken: 'Key packages that were handed out once',
  last_resorts_taken: 'Times that a last-resort key package was handed out',
  conversations: 'Conversations about frames that went well',
  conversations_failed: 'Conversations about frames that did not',
} as const

export type Counted = keyof typeof COUNTED

export class Counters {
  readonly #values = new Map<Counted, number>()

  add(what: Counted, amount = 1): void {
    this.#values.set(what, this.of(what) + amount)
  }

  of(what: Counted): number {
    return this.#values.get(what) ?? 0
  }
}
