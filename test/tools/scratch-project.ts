// A throw-away copy of the project's configuration and src, for tests that plant a mistake and expect it reported.
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const projectRoot: string = fileURLToPath(new URL('../../', import.meta.url))

/** What a program printed and how it ended. */
export interface Outcome {
  readonly code: number
  readonly output: string
}

/** A folder outside the repository that its tools take for the project. */
export interface ScratchProject extends AsyncDisposable {
  readonly folder: string
  /** Writes files, given as path → text. */
  plant(files: Readonly<Record<string, string>>): Promise<void>
  /** Runs a JavaScript or TypeScript program of the real project inside the scratch folder. */
  run(program: string, ...args: string[]): Promise<Outcome>
}

const configuration = ['package.json', 'tsconfig.json', 'biome.json', '.gitignore', '.dependency-cruiser.cjs']

/** Copies the configuration, and src unless told otherwise, to a new temporary folder; disposing of it removes it. */
export async function scratchProject({ withSource = true }: { withSource?: boolean } = {}): Promise<ScratchProject> {
  const folder = await mkdtemp(join(tmpdir(), 'coterie-scratch-'))
  for (const name of withSource ? [...configuration, 'src'] : configuration) {
    await cp(join(projectRoot, name), join(folder, name), { recursive: true })
  }
  await symlink(join(projectRoot, 'node_modules'), join(folder, 'node_modules'), 'dir')

  return {
    folder,
    async plant(files) {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true })
        await writeFile(join(folder, path), text)
      }
    },
    run: (program, ...args) => runProgram(folder, [join(projectRoot, program), ...args]),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Runs a JavaScript or TypeScript program with this Node, waiting for its end whatever its exit code. */
export function runProgram(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      const failed = typeof error?.code === 'number' ? error.code : 1
      resolve({ code: error === null ? 0 : failed, output: stdout + stderr })
    })
  })
}
