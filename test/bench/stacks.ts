// All stacks that can be measured on this machine, and a word on those that cannot.
import { readFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { PROVIDER_NAMES } from '../conformance/providers.ts'
import { coreCrypto } from '../interop/peers/core-crypto.ts'
import { ourStack } from './our-stack.ts'
import { BENCH_SUITE, type BenchStack } from './stack.ts'
import { tsMlsStack } from './ts-mls-stack.ts'

export interface Stacks {
  readonly present: readonly BenchStack[]
  /** Names of peers with the reason why they are not there. */
  readonly absent: readonly (readonly [name: string, reason: string])[]
}

export async function allStacks(): Promise<Stacks> {
  const present: BenchStack[] = []
  const absent: [string, string][] = [
    ['OpenMLS and mls-rs, native', 'are not measured: there is no Rust program for them here'],
  ]
  for (const provider of PROVIDER_NAMES) present.push(await ourStack(provider))
  for (const [name, load] of PEERS) {
    const version = await installedVersion(name)
    if (version === undefined) absent.push([name, 'is not installed'])
    else present.push(await load(version))
  }
  return { present, absent }
}

const PEERS: ReadonlyMap<string, (version: string) => Promise<BenchStack>> = new Map([
  ['ts-mls', tsMlsStack],
  ['@wireapp/core-crypto', coreCryptoStack],
])

/** OpenMLS in WebAssembly. It stores in memory here, and always puts the tree into Welcomes. */
async function coreCryptoStack(version: string): Promise<BenchStack> {
  return {
    name: `core-crypto ${version}`,
    isOurs: false,
    newMember: ({ identity, groupId }) => coreCrypto.newMember({ identity, groupId, suite: BENCH_SUITE }),
  }
}

async function installedVersion(name: string): Promise<string | undefined> {
  let manifest: string | undefined
  try {
    manifest = findPackageJSON(name, import.meta.url)
  } catch {
    return undefined
  }
  if (manifest === undefined) return undefined
  const { version }: { version?: unknown } = JSON.parse(await readFile(manifest, 'utf8'))
  return String(version)
}
