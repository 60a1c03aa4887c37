// Requests by invite links that have been answered, remembered for as long as that may not be the end of it: where two halves of a
// group let people in by the same last use, one half goes on without those of the other (spec/invite.md).

import { CoterieError } from '../errors.ts'
import { ANSWER_CODES } from '../session/admissions.ts'
import type { GroupSession } from '../session/group-session.ts'
import { type BatchPart, bothOf } from '../storage/store.ts'
import { AnswerReason, readAnswer } from '../wire/invite.ts'
import type { Correspondence } from './correspondence.ts'
import type { GroupDriver } from './group-driver.ts'
import {
  type AnsweredJoin,
  decodeAnsweredJoin,
  decodeGrantedJoin,
  encodeAnsweredJoin,
  encodeGrantedJoin,
  type GrantedJoin,
} from './join-records.ts'

export type GrantedJoinsHost = Pick<Correspondence, 'wire' | 'store' | 'clock' | 'warn'>

/** Runs the group that a request has led into. */
export interface EnteredGroup extends Pick<GroupDriver, 'id' | 'perform'> {
  readonly session: Pick<GroupSession, 'isInVain' | 'leaveInVain'>
}

export class GrantedJoins {
  readonly #host: GrantedJoinsHost
  /** By the group's id. */
  readonly #granted = new Map<string, GrantedJoin>()
  /** Those that were answered with no, by their key package's reference. */
  readonly #answered = new Map<string, AnsweredJoin>()
  readonly #drivers = new Map<string, EnteredGroup>()

  constructor(host: GrantedJoinsHost) {
    this.#host = host
  }

  /** Brings back what is on disk, and forgets what is too old for anybody to answer. */
  async restore(): Promise<void> {
    await this.#load(GRANTED, decodeGrantedJoin, this.#granted)
    await this.#load(ANSWERED, decodeAnsweredJoin, this.#answered)
  }

  /** What remembers a request on disk; `note` does so in memory. */
  keep(groupId: string, record: GrantedJoin): BatchPart {
    return (batch) => batch.put(GRANTED, groupId, encodeGrantedJoin(record))
  }

  note(groupId: string, record: GrantedJoin): void {
    this.#granted.set(groupId, record)
  }

  /** What remembers on disk that a request was answered with no. @param reference - of its key package, in hexadecimal */
  keepAnswered(reference: string, record: AnsweredJoin): BatchPart {
    return (batch) => batch.put(ANSWERED, reference, encodeAnsweredJoin(record))
  }

  noteAnswered(reference: string, record: AnsweredJoin): void {
    this.#answered.set(reference, record)
  }

  /**
   * What a Welcome brings with it that comes to a request which was answered with no: some have said no and others have let this
   * client in, and either may be on the branch that loses.
   * @param references - of the key packages that the Welcome is for, in hexadecimal
   * @param invites - that the group has
   */
  letInAfterAll(
    references: ReadonlySet<string>,
    invites: ReadonlySet<string>,
    groupId: string,
    epoch: string,
  ): { also: BatchPart; done: () => Promise<void> } | undefined {
    for (const [reference, record] of this.#answered) {
      if (!references.has(reference) || !invites.has(record.invite)) continue
      const { answerKey, requestedAtMs, reason } = record
      const granted = { answerKey, requestedAtMs, reason, epoch }
      return {
        also: bothOf((batch) => batch.delete(ANSWERED, reference), this.keep(groupId, granted)),
        done: async () => {
          this.#answered.delete(reference)
          this.note(groupId, granted)
        },
      }
    }
    return undefined
  }

  /** Takes an answer to a request that has led into a group. @returns what remembers it; undefined where it is to none of them */
  takeAnswer(body: Uint8Array): BatchPart | undefined {
    for (const [groupId, record] of this.#granted) {
      const reason = readAnswer(this.#host.wire, record.answerKey, body)
      if (reason === undefined) continue
      const answered = { ...record, reason }
      this.#granted.set(groupId, answered)
      const driver = this.#drivers.get(groupId)
      if (driver !== undefined) this.#look(driver, answered)
      return this.keep(groupId, answered)
    }
    return undefined
  }

  /** Something of a group may have changed: only there it shows whether an answer holds. */
  noteChange(driver: EnteredGroup): void {
    const record = this.#granted.get(driver.id)
    if (record === undefined) return
    this.#drivers.set(driver.id, driver)
    this.#look(driver, record)
  }

  async #load<T extends { readonly requestedAtMs: number }>(
    bucket: string,
    decodeRecord: (bytes: Uint8Array) => T,
    records: Map<string, T>,
  ): Promise<void> {
    const old: string[] = []
    for await (const [key, value] of this.#host.store.entries(bucket)) {
      const record = decodeRecord(value)
      if (this.#host.clock() - record.requestedAtMs > KEEP_MS) old.push(key)
      else records.set(key, record)
    }
    if (old.length === 0) return
    await this.#host.store.write((batch) => {
      for (const key of old) batch.delete(bucket, key)
    })
  }

  #look(driver: EnteredGroup, record: GrantedJoin): void {
    const { epoch, reason } = record
    if (reason === undefined || !driver.session.isInVain(epoch)) return
    this.#granted.delete(driver.id)
    this.#drivers.delete(driver.id)
    this.#leave(driver, epoch, reason).catch((error: unknown) => {
      this.#granted.set(driver.id, record)
      this.#host.warn(error)
    })
  }

  async #leave(driver: EnteredGroup, epoch: string, reason: AnswerReason): Promise<void> {
    await driver.perform(async (nowMs) => ({
      effects: await driver.session.leaveInVain(epoch, nowMs),
      result: undefined,
      also: (batch) => batch.delete(GRANTED, driver.id),
    }))
    this.#host.warn(answerError(reason, 'the group has gone on without this device: '))
  }
}

/** What an answer means for the app. @param before - what the message begins with */
export function answerError(reason: AnswerReason, before = ''): CoterieError {
  const [name = 'refused'] = REASONS.filter((one) => AnswerReason[one] === reason)
  return new CoterieError(ANSWER_CODES[name], before + MESSAGES[name])
}

const REASONS: readonly (keyof typeof AnswerReason)[] = ['revoked', 'usedUp', 'expired', 'refused']
const MESSAGES: Readonly<Record<keyof typeof AnswerReason, string>> = {
  revoked: 'this link was revoked',
  usedUp: 'this link has let in as many as it may',
  expired: 'this link has expired',
  refused: 'an admin has refused the request',
}

/** The bucket of these requests, by the group that each has led into. */
const GRANTED = 'granted-joins'
/** The bucket of those that were answered with no, by the reference of their key package. */
const ANSWERED = 'answered-joins'
/** As long as members remember a request. */
const KEEP_MS = 31 * 86_400_000
