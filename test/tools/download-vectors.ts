// `npm run vectors`: downloads the official MLS test vectors at one fixed commit into ./vectors/mlswg, each file checked
// against its committed SHA-256. Either the whole folder is replaced or nothing is kept.
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import expected from '../vectors/mlswg-checksums.json' with { type: 'json' }

const projectRoot = fileURLToPath(new URL('../../', import.meta.url))

await new Command('npm run vectors --')
  .description('downloads the official MLS test vectors and checks them')
  .option('--base-url <url>', 'where the repository is served', expected.source)
  .option('--into <folder>', 'the folder to write', join(projectRoot, 'vectors/mlswg'))
  .action(download)
  .parseAsync()

async function download({ baseUrl, into }: { baseUrl: string; into: string }): Promise<void> {
  const folder = resolve(into)
  await mkdir(dirname(folder), { recursive: true })
  const staging = await mkdtemp(`${folder}-`)
  try {
    for (const [name, sha256] of Object.entries(expected.sha256)) {
      const bytes = await fetchBytes(`${baseUrl}/${expected.commit}/${expected.folder}/${name}`)
      const actual = createHash('sha256').update(bytes).digest('hex')
      if (actual !== sha256) throw new Error(`${name}: SHA-256 is ${actual}, expected ${sha256}`)
      await writeFile(join(staging, name), bytes)
    }
    await rm(folder, { recursive: true, force: true })
    await rename(staging, folder)
    console.log(`${Object.keys(expected.sha256).length} files in ${folder}`)
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    console.error(`nothing was kept: ${error instanceof Error ? describe(error) : String(error)}`)
    process.exitCode = 1
  }
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

/** The message and that of its cause: `fetch` puts the reason, such as a refused connection, there. */
function describe({ message, cause }: Error): string {
  return cause instanceof Error ? `${message} (${cause.message})` : message
}
