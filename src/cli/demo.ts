// `coterie demo`: people in processes of their own on this machine, over real TCP, with what each step proves.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { type ChatEvent, ScriptedChat } from './scripted-chat.ts'
import { StartedRelay } from './started-relay.ts'

/** Plays the whole story. Rejects at the first step that does not hold. */
export async function demo(program: readonly [string, ...string[]]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'coterie-demo-'))
  const cast = new Cast(program, folder)
  try {
    await play(cast)
  } finally {
    await cast.leave()
    await rm(folder, { recursive: true })
  }
}

async function play(cast: Cast): Promise<void> {
  act('Three people, three processes, no server')
  const alice = await cast.enter('Alice')
  const bob = await cast.enter('Bob', alice)
  const carol = await cast.enter('Carol', alice)
  proved('each has an identity of its own, an encrypted store, and an address on loopback')

  act('Alice makes a group and adds the others by their contact cards')
  const { group } = await alice.chat.ask({ cmd: 'create', name: 'Book club' })
  for (const other of [bob, carol]) {
    await alice.chat.ask({ cmd: 'add', group, card: other.card })
    await other.chat.next((event) => event.event === 'group' && event.group === group)
    line('Alice', `adds ${other.name}`)
  }
  await sameSecret(group, [alice, bob, carol])
  proved('a Welcome, sealed for each newcomer alone, gave all three the same secret')

  act('They talk')
  await say(alice, group, 'Chapter one tonight?', [bob, carol])
  await say(bob, group, 'Yes!', [alice, carol])
  await say(carol, group, 'I bring the tea.', [alice, bob])
  proved('every message reached everybody, encrypted from end to end')

  act('Carol loses power; the others go on')
  await carol.chat.kill()
  line('Carol', styleText('red', 'is killed (SIGKILL)'))
  await say(alice, group, 'Where is Carol?', [bob])
  await say(bob, group, 'She will be back.', [alice])

  act('Carol comes back from disk')
  const back = await cast.enter('Carol', alice)
  for (const text of ['Where is Carol?', 'She will be back.']) await reads(back, text)
  await say(back, group, 'I am. What did I miss?', [alice, bob])
  await sameSecret(group, [alice, bob, back])
  proved('a process that was killed goes on where it was, and gets what it missed from its peers')

  act('Alice removes Bob')
  await alice.chat.ask({ cmd: 'remove', group, member: bob.identity })
  await bob.chat.next((event) => event.event === 'removed' && event.group === group)
  line('Bob', styleText('dim', 'is told that he was removed'))
  await say(alice, group, 'Between us two.', [back])
  await sameSecret(group, [alice, back])
  const { messages } = await bob.chat.ask({ cmd: 'history', group })
  const read = (messages as readonly { readonly text: string }[]).map(({ text }) => text)
  if (read.includes('Between us two.')) throw new Error('Bob read a message that was not for him')
  proved('who was removed cannot read on, and the others have a new secret')

  await playOffline(cast, group, alice, back)
  process.stdout.write(`\n${styleText(['bold', 'green'], 'All of it held.')}\n`)
}

/** Nobody of this act is there at the same time as another. */
async function playOffline(cast: Cast, group: unknown, alice: Person, carol: Person): Promise<void> {
  act('Dora joins, though she and Alice are never there together')
  await cast.exit(carol)
  const relay = await cast.startRelay()
  line('Relay', styleText('dim', 'is a process that cannot read what it keeps'))
  const dora = await cast.enter('Dora', undefined, relay)
  await relay.keeps('one_time_key_packages')
  await cast.exit(dora)

  await alice.chat.ask({ cmd: 'add', group, card: dora.card })
  line('Alice', 'adds Dora')
  await say(alice, group, 'Welcome, Dora!', [])
  await cast.exit(alice)

  await relay.end('SIGKILL')
  line('Relay', styleText('red', 'is killed (SIGKILL)'))
  const again = await cast.startRelay(relay.port)
  line('Relay', styleText('dim', 'is back from disk'))

  const joined = await cast.enter('Dora', undefined, again)
  await reads(joined, 'Welcome, Dora!')
  await say(joined, group, 'Thank you. Where is everybody?', [])
  await cast.exit(joined)

  const returned = await cast.enter('Alice')
  await reads(returned, 'Thank you. Where is everybody?')
  proved('a Welcome and messages waited for those who were off, at a relay that was killed meanwhile')
}

interface Person {
  readonly name: string
  readonly chat: ScriptedChat
  readonly identity: unknown
  readonly card: unknown
  readonly address: string
}

/** Who is on the stage. */
class Cast {
  readonly #program: readonly [string, ...string[]]
  readonly #folder: string
  readonly #chats = new Set<ScriptedChat>()
  readonly #relays: StartedRelay[] = []

  constructor(program: readonly [string, ...string[]], folder: string) {
    this.#program = program
    this.#folder = folder
  }

  /** Starts the relay, with what it kept before. */
  async startRelay(port = 0): Promise<StartedRelay> {
    const relay = await StartedRelay.start(this.#program, join(this.#folder, 'Relay'), port)
    this.#relays.push(relay)
    return relay
  }

  async enter(name: string, known?: Person, relay?: StartedRelay): Promise<Person> {
    const { chat, ready } = await ScriptedChat.start({
      program: this.#program,
      data: join(this.#folder, name),
      name,
      peers: known === undefined ? [] : [known.address],
      options: relay === undefined ? [] : ['--relay', relay.address],
    })
    this.#chats.add(chat)
    const [address] = ready.addresses as readonly string[]
    if (address === undefined) throw new Error(`${name} has no address`)
    line(name, styleText('dim', `listens on ${address.replace(/\/p2p\/.*/, '')}`))
    return { name, chat, identity: ready.identity, card: ready.card, address }
  }

  /** Somebody goes off. */
  async exit({ name, chat }: Person): Promise<void> {
    await chat.close()
    line(name, styleText('dim', 'goes off'))
  }

  async leave(): Promise<void> {
    await Promise.all([...this.#chats].map((chat) => chat.close()))
    await Promise.all(this.#relays.map((relay) => relay.end('SIGTERM')))
  }
}

async function say(from: Person, group: unknown, text: string, to: readonly Person[]): Promise<void> {
  await from.chat.ask({ cmd: 'send', group, text })
  const heard = (event: ChatEvent): boolean => event.event === 'message' && event.text === text
  await Promise.all(to.map(({ chat }) => chat.next(heard)))
  line(from.name, text)
}

async function reads({ name, chat }: Person, text: string): Promise<void> {
  await chat.next((event) => event.event === 'message' && event.text === text)
  line(name, styleText('dim', `reads: ${text}`))
}

/** All export the same secret, once they are in the same epoch. */
async function sameSecret(group: unknown, people: readonly Person[]): Promise<void> {
  const deadline = AbortSignal.timeout(20_000)
  for (;;) {
    const replies = await Promise.all(people.map(({ chat }) => chat.ask({ cmd: 'export', group, label: 'demo' })))
    if (new Set(replies.map(({ secret }) => secret)).size === 1) return
    deadline.throwIfAborted()
  }
}

function act(title: string): void {
  process.stdout.write(`\n${styleText('bold', title)}\n`)
}

function line(name: string, text: string): void {
  process.stdout.write(`  ${styleText(COLOURS[name] ?? 'white', name.padEnd(6))} ${text}\n`)
}

function proved(what: string): void {
  process.stdout.write(`  ${styleText('green', '✓')} ${what}\n`)
}

const COLOURS: Readonly<Record<string, 'cyan' | 'yellow' | 'magenta' | 'blue' | 'gray'>> = {
  Alice: 'cyan',
  Bob: 'yellow',
  Carol: 'magenta',
  Dora: 'blue',
  Relay: 'gray',
}
