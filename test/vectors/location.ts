// Finds the folder of test vectors, which are too large for the repository (`npm run vectors` downloads the official ones).
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const projectRoot = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Finds the folder whose subfolders hold the vectors, such as `mlswg`: the environment variable COTERIE_VECTORS, else
 * `../shared/vectors` beside the repository, else `./vectors` inside it.
 * @returns an absolute path, or undefined when there are no vectors on this machine
 * @throws {Error} when COTERIE_VECTORS names a folder that does not exist
 */
export function vectorsFolder(): string | undefined {
  const named = process.env.COTERIE_VECTORS
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`COTERIE_VECTORS names a folder that does not exist: ${named}`)
    return resolve(named)
  }
  return ['../shared/vectors', 'vectors'].map((path) => join(projectRoot, path)).find((path) => existsSync(path))
}
