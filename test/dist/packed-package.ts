// The package as its users get it: packed by npm and unpacked into the node_modules of an otherwise empty project.
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { projectRoot } from '../tools/scratch-project.ts'

/** A project with nothing but the packed package and its runtime dependencies. */
export interface ConsumerProject extends AsyncDisposable {
  readonly folder: string
  /** Where the package lies: `node_modules/coterie` of that project. */
  readonly installed: string
  /** Paths of all files in the package, relative to it. */
  readonly files: readonly string[]
}

/** Packs ./dist and installs it in a new temporary folder; disposing of it removes the folder. */
export async function consumerProject(): Promise<ConsumerProject> {
  const folder = await mkdtemp(join(tmpdir(), 'coterie-consumer-'))
  const modules = join(folder, 'node_modules')
  const installed = join(modules, manifest.name)
  await mkdir(modules)
  await writeFile(join(folder, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n')

  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: projectRoot, stdio: 'pipe' })
  execFileSync('tar', ['-xzf', `${manifest.name}-${manifest.version}.tgz`], { cwd: folder })
  await rename(join(folder, 'package'), installed)

  for (const name of Object.keys(manifest.dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true })
    await symlink(join(projectRoot, 'node_modules', name), join(modules, name), 'dir')
  }

  const entries = await readdir(installed, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return {
    folder,
    installed,
    files: files.map((file) => file.slice(installed.length + 1)).sort(),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
