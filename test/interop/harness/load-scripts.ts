// Loads the script configurations of the interop harness and refuses what is not exactly in their format.
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { vectorsFolder } from '../../vectors/location.ts'
import { parseStep } from './parse-step.ts'
import { participants, type Script, type Step } from './script.ts'
import { Fields, type Product, ScriptError } from './script-fields.ts'

/** The folder of the working group's configurations, or undefined when it is not on this machine. */
export function configsFolder(): string | undefined {
  const vectors = vectorsFolder()
  const folder = vectors === undefined ? undefined : join(vectors, 'mlswg-interop-configs')
  return folder !== undefined && existsSync(folder) ? folder : undefined
}

/**
 * Loads a configuration file, or every `*.json` of a folder in the order of their names.
 * @throws {ScriptError} when a file is not in the format, or a folder has no configuration.
 */
export async function loadScripts(path: string): Promise<readonly Script[]> {
  if (!(await stat(path)).isDirectory()) return parseScripts(await readFile(path, 'utf8'), basename(path))
  const files = (await readdir(path)).filter((name) => name.endsWith('.json')).sort()
  if (files.length === 0) throw new ScriptError(path, 'has no *.json')
  const loaded = await Promise.all(files.map((name) => loadScripts(join(path, name))))
  return loaded.flat()
}

/**
 * Reads the JSON text of a configuration: `{"scripts": {NAME: [STEP, …], …}}`.
 * @param config - the name to report the scripts under
 * @throws {ScriptError} at the first thing that is not in the format.
 */
export function parseScripts(json: string, config: string): readonly Script[] {
  const file = new Fields(parseJson(json, config), config, [])
  const scripts = file.entries('scripts').map(([name, steps]) => parseScript(config, name, steps))
  file.end()
  if (scripts.length === 0) throw new ScriptError(config, 'has no scripts')
  return scripts
}

function parseJson(json: string, config: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new ScriptError(config, `is not JSON: ${error instanceof Error ? error.message : error}`)
  }
}

function parseScript(config: string, name: string, json: unknown): Script {
  const where = `${config} ${name}`
  if (!Array.isArray(json) || json.length === 0) throw new ScriptError(where, 'must be a list of steps')
  const produced: (readonly Product[])[] = []
  const steps = json.map((stepJson: unknown, i) => {
    const step = parseStep(new Fields(stepJson, `${where}[${i}]`, produced))
    produced.push(productsOf(step))
    return step
  })
  return { config, name, steps, actors: [...new Set(steps.flatMap(actorsOf))] }
}

function productsOf(step: Step): readonly Product[] {
  switch (step.action) {
    case 'createKeyPackage':
      return ['keyPackage']
    case 'installExternalPSK':
      return ['psk']
    case 'externalJoin':
      return ['commit']
    case 'fullCommit':
    case 'commit':
      return ['commit', 'welcome']
    case 'protect':
      return ['ciphertext']
    case 'externalSignerProposal':
      return step.description.type === 'reinit' ? ['reinitProposal'] : ['proposal']
    case 'addProposal':
    case 'updateProposal':
    case 'removeProposal':
    case 'externalPSKProposal':
    case 'resumptionPSKProposal':
    case 'groupContextExtensionsProposal':
    case 'newMemberAddProposal':
    case 'addExternalSigner':
      return ['proposal']
    default:
      return []
  }
}

/** Who takes part in a step. Who is only named (a removed member) has taken part before. */
function actorsOf(step: Step): readonly string[] {
  switch (step.action) {
    case 'createGroup':
    case 'branch':
      return [step.actor, ...step.members]
    case 'externalJoin':
      return [step.actor, step.joiner, ...step.members]
    case 'installExternalPSK':
      return step.clients
    case 'newMemberAddProposal':
      return [step.actor, step.joiner]
    case 'addExternalSigner':
      return [step.actor, step.signer]
    case 'externalSignerProposal':
      return [step.actor, step.member]
    case 'fullCommit':
      return [step.actor, ...step.members, ...step.joiners]
    case 'reinit':
      return participants(step)
    default:
      return [step.actor]
  }
}
