// Many runs: every script in every suite, with handshakes public and private, in several castings.
import { createHash } from 'node:crypto'
import { type ConnectOptions, connect } from './client-api.ts'
import type { Call } from './mls-client.ts'
import type { Casting, Peer } from './run.ts'
import { type Outcome, runScript } from './runner.ts'
import type { Script } from './script.ts'

/**
 * Who plays whom. `pairs`: for every ordered pair of clients (each with itself too) one casting in which the two take
 * turns through the script's actors. `random`: one casting that the seed decides.
 */
export type CastingMode = { readonly mode: 'pairs' } | { readonly mode: 'random'; readonly seed: string }

export interface Campaign {
  readonly scripts: readonly Script[]
  readonly peers: readonly Peer[]
  readonly suites: readonly number[]
  /** The values of `encrypt_handshake` to run with. */
  readonly handshakes: readonly boolean[]
  readonly casting: CastingMode
}

/** All runs of one script in one suite and one kind of handshake. */
export interface GroupReport {
  readonly script: Script
  readonly suite: number
  readonly encryptHandshake: boolean
  readonly runs: readonly { readonly cast: string; readonly outcome: Outcome }[]
}

/** Runs everything, one run after the other. */
export async function* runCampaign(campaign: Campaign): AsyncGenerator<GroupReport> {
  for (const script of campaign.scripts) {
    for (const suite of campaign.suites) {
      for (const encryptHandshake of campaign.handshakes) {
        const runs = []
        for (const peers of casts(script, suite, encryptHandshake, campaign)) {
          const casting: Casting = { suite, encryptHandshake, peers }
          runs.push({ cast: describeCast(peers), outcome: await runScript(script, casting) })
        }
        yield { script, suite, encryptHandshake, runs }
      }
    }
  }
}

/** The suites of RFC 9420 §17.1, and any other that a peer says it has. */
export function allSuites(peers: readonly Peer[]): readonly number[] {
  const suites = new Set([1, 2, 3, 4, 5, 6, 7, ...peers.flatMap((peer) => [...peer.suites])])
  return [...suites].sort((a, b) => a - b)
}

/** Connects to a stack's server and asks who it is. */
export async function openPeer(address: string, options?: ConnectOptions): Promise<Peer & { close(): void }> {
  const connection = await connect(address, options)
  try {
    return { ...(await meetPeer(connection.call, address)), close: connection.close }
  } catch (error) {
    connection.close()
    throw error
  }
}

/** Asks a stack who it is. */
export async function meetPeer(call: Call, address: string): Promise<Peer> {
  const { name } = await call('Name', {})
  const { ciphersuites } = await call('SupportedCiphersuites', {})
  return { name, address, suites: new Set(ciphersuites), call }
}

type Cast = ReadonlyMap<string, Peer>

function casts(
  script: Script,
  suite: number,
  encryptHandshake: boolean,
  { peers, casting }: Campaign,
): readonly Cast[] {
  if (casting.mode === 'pairs') return peers.flatMap((a) => peers.map((b) => alternate(script, [a, b])))
  const seed = [casting.seed, script.config, script.name, suite, encryptHandshake]
  return [new Map(script.actors.map((actor) => [actor, pick(peers, JSON.stringify([...seed, actor]))]))]
}

function alternate({ actors }: Script, pair: readonly [Peer, Peer]): Cast {
  return new Map(actors.map((actor, i) => [actor, i % 2 === 0 ? pair[0] : pair[1]]))
}

/** The same peer for the same text, whatever the runtime: the first 32 bits of a hash, modulo. */
function pick(peers: readonly Peer[], text: string): Peer {
  const drawn = peers[createHash('sha256').update(text).digest().readUInt32BE(0) % peers.length]
  if (drawn === undefined) throw new Error('a campaign needs a peer')
  return drawn
}

function describeCast(cast: Cast): string {
  const parts = [...new Set(cast.values())].map((peer) => {
    const actors = [...cast.keys()].filter((actor) => cast.get(actor) === peer)
    return `${peer.name} at ${peer.address}: ${listActors(actors)}`
  })
  return parts.join('; ')
}

function listActors(actors: readonly string[]): string {
  return actors.length <= 6 ? actors.join(', ') : `${actors.slice(0, 5).join(', ')} and ${actors.length - 5} more`
}
