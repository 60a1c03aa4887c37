// Finds the files of vectors that a conformance run is about, and reads them.
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { vectorsFolder } from '../vectors/location.ts'

/** The files of one folder, which may build on one another. */
export interface VectorFolder {
  readonly files: readonly VectorFile[]
}

export interface VectorFile {
  /** The path to show, from the name of the folder that was searched on. */
  readonly name: string
  readonly path: string
}

/** What is in a file. `error` says why it is no JSON. */
export type FileContent = { readonly json: unknown; readonly error?: never } | { readonly error: string }

const DEFAULT_FOLDERS = ['mlswg', 'mls-rs', 'openmls', 'rfc9180', 'hpke', 'wycheproof', 'xwing']

/**
 * The folders that are run when none is named.
 * @throws {Error} where this machine has no vectors
 */
export function defaultFolders(): string[] {
  const root = vectorsFolder()
  const found = DEFAULT_FOLDERS.map((name) => join(root ?? '', name)).filter((path) => root && existsSync(path))
  if (found.length === 0) {
    throw new Error('there are no vectors: `npm run vectors` downloads them, or COTERIE_VECTORS names their folder')
  }
  return found
}

/**
 * All *.json files below folders, or the files themselves where files are named, by folder and in alphabetical order.
 * @throws {Error} where a path does not exist, or no file is found below it
 */
export async function findVectors(paths: readonly string[]): Promise<VectorFolder[]> {
  const folders = new Map<string, VectorFile[]>()
  for (const path of paths) {
    const root = resolve(path)
    if (!existsSync(root)) throw new Error(`${path} does not exist`)
    const found = (await stat(root)).isFile() ? [root] : await jsonFilesBelow(root)
    if (found.length === 0) throw new Error(`${path} holds no *.json files`)
    for (const file of found) {
      const name = file === root ? basename(root) : join(basename(root), relative(root, file))
      const folder = dirname(file)
      const files = folders.get(folder) ?? []
      if (files.every((other) => other.path !== file)) files.push({ name, path: file })
      folders.set(folder, files)
    }
  }
  return [...folders.values()].map((files) => ({ files }))
}

export async function readVectors(path: string): Promise<FileContent> {
  try {
    const json: unknown = JSON.parse(await readFile(path, 'utf8'))
    return { json }
  } catch (error) {
    return { error: `it cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}

async function jsonFilesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true })
  return entries
    .filter((entry) => entry.endsWith('.json'))
    .sort()
    .map((entry) => join(folder, entry))
}
