// Plays scripts on toy stacks for the runner's own tests: a stack of its own for every actor, one of which may lie.
import { meetPeer } from '../campaign.ts'
import { parseScripts } from '../load-scripts.ts'
import type { Call, ResponseOf, RpcName } from '../mls-client.ts'
import type { Peer } from '../run.ts'
import { type Outcome, runScript } from '../runner.ts'
import type { Script } from '../script.ts'
import { fakeStack } from './stack.ts'
import type { Vault } from './vault.ts'

export interface PlayOptions {
  readonly suite?: number
  readonly suites?: readonly number[]
  readonly encryptHandshake?: boolean
  readonly vaults?: ReadonlyMap<string, Vault>
  readonly alteration?: Alteration
  readonly onRequest?: (rpc: string, request: unknown) => void
}

/** Runs a script with a stack of its own for every actor. */
export async function play(script: Script, options: PlayOptions = {}): Promise<Outcome> {
  const { suite = 1, suites = [1, 2], encryptHandshake = false, vaults, alteration, onRequest } = options
  const peers = new Map<string, Peer>()
  for (const actor of script.actors) {
    const stack = fakeStack(`stack of ${actor}`, suites, vaults?.get(actor))
    let times = 0
    const call: Call = async (rpc, request) => {
      onRequest?.(`${actor} ${rpc}`, request)
      const response = await stack[rpc](request)
      if (alteration?.actor !== actor || alteration.rpc !== rpc) return response
      times += 1
      return alteration.nth === 'every' || times === alteration.nth
        ? { ...response, ...alteration.change(response) }
        : response
    }
    peers.set(actor, await meetPeer(call, 'nowhere'))
  }
  return runScript(script, { suite, encryptHandshake, peers })
}

/** Changes what an actor's stack answers the nth time that it is asked something. */
export interface Alteration {
  readonly actor: string
  readonly rpc: RpcName
  readonly nth: number | 'every'
  readonly change: (response: unknown) => object
}

export function alter<N extends RpcName>(
  actor: string,
  rpc: N,
  change: (response: ResponseOf<N>) => object,
  nth: number | 'every' = 1,
): Alteration {
  return { actor, rpc, nth, change: (response) => change(response as ResponseOf<N>) }
}

/** A script of the given steps, by the loader. */
export function scriptOf(...steps: readonly unknown[]): Script {
  const [script] = parseScripts(JSON.stringify({ scripts: { s: steps } }), 'c.json')
  if (script === undefined) throw new Error('no script')
  return script
}
