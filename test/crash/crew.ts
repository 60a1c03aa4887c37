// People in processes of their own who can be killed at any moment and come back from their disks.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ChatEvent, ScriptedChat, type ScriptedChatOptions } from '../../src/cli/scripted-chat.ts'

const PROGRAM = [process.execPath, fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))] as const

/** Somebody who is on the network now and then. */
export class Person {
  readonly name: string
  readonly #crew: Crew
  #running: { readonly chat: ScriptedChat; readonly ready: ChatEvent } | undefined
  /** What the processes before this one have told. */
  readonly past: ChatEvent[] = []

  constructor(crew: Crew, name: string) {
    this.#crew = crew
    this.name = name
  }

  get chat(): ScriptedChat {
    return this.#now.chat
  }

  get card(): unknown {
    return this.#now.ready.card
  }

  get identity(): unknown {
    return this.#now.ready.identity
  }

  get addresses(): readonly string[] {
    return this.#running === undefined ? [] : (this.#running.ready.addresses as readonly string[])
  }

  async start(): Promise<void> {
    this.#running = await ScriptedChat.start(this.#options)
  }

  /** Starts, and is killed before being ready or soon after. */
  async startAndDie(delayMs: number): Promise<void> {
    const chat = ScriptedChat.spawn(this.#options)
    await pause(delayMs)
    await chat.kill()
  }

  async kill(): Promise<void> {
    const { chat } = this.#now
    this.#running = undefined
    await chat.kill()
    this.past.push(...chat.events)
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  get #now(): { readonly chat: ScriptedChat; readonly ready: ChatEvent } {
    if (this.#running === undefined) throw new Error(`${this.name} is not running`)
    return this.#running
  }

  get #options(): ScriptedChatOptions {
    const { folder, people } = this.#crew
    const peers = people.flatMap((person) => (person === this ? [] : person.addresses.slice(0, 1)))
    return { program: PROGRAM, data: join(folder, this.name), name: this.name, peers }
  }
}

/** Everybody who takes part. */
export class Crew {
  readonly folder: string
  readonly people: Person[] = []

  constructor(folder: string) {
    this.folder = folder
  }

  enter(name: string): Person {
    const person = new Person(this, name)
    this.people.push(person)
    return person
  }

  async leave(): Promise<void> {
    await Promise.all(this.people.map((person) => (person.isRunning ? person.kill() : undefined)))
  }
}

/** For the random moments of a run; what is to happen is waited for by condition. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
