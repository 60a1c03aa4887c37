// `npm run test:runtimes`: installs Bun and Deno from the npm registry into a folder of their own, and runs the vectors and
// the life of a group in them. Ends with `N passed, N failed`, one for each run.
import { execFile, execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { projectRoot } from '../tools/scratch-project.ts'
import { vectorsFolder } from '../vectors/location.ts'

const folder = join(projectRoot, 'temp/runtimes')
const RUNTIMES = {
  bun: { version: '^1.3.0', run: ['bun'] },
  // What the programs do: read the vectors and the environment.
  deno: { version: '^2.5.0', run: ['deno', 'run', '--allow-read', '--allow-env'] },
} as const
type RuntimeName = keyof typeof RUNTIMES

await new Command('npm run test:runtimes --')
  .description('runs vectors and groups in runtimes other than Node.js')
  .argument('[folders...]', "folders of vectors (default: the working group's)")
  .action(run)
  .parseAsync()

async function run(folders: readonly string[]): Promise<void> {
  const vectors = folders.length > 0 ? folders : defaultVectors()
  await install()
  const programs = [
    ['test/runtimes/group-program.ts'],
    ['test/runtimes/group-program.ts', '--without-subtle'],
    // The node provider is for Node.js alone.
    ['test/conformance/cli.ts', '--provider', 'noble', ...vectors],
    ['test/conformance/cli.ts', '--provider', 'webcrypto', ...vectors],
  ]
  let failed = 0
  for (const runtime of Object.keys(RUNTIMES) as RuntimeName[]) {
    for (const program of programs) if (!(await runs(runtime, program))) failed++
  }
  const all = programs.length * Object.keys(RUNTIMES).length
  console.log(`${all - failed} passed, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}

function defaultVectors(): string[] {
  const root = vectorsFolder()
  if (root === undefined) throw new Error('there are no vectors: `npm run vectors` downloads them')
  return [join(root, 'mlswg')]
}

/** Outside of this project's dependencies: nobody needs two more runtimes to work on it. */
async function install(): Promise<void> {
  await mkdir(folder, { recursive: true })
  const dependencies = Object.fromEntries(Object.entries(RUNTIMES).map(([name, { version }]) => [name, version]))
  const allowScripts = Object.fromEntries(Object.keys(RUNTIMES).map((name) => [name, true]))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies, allowScripts }))
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' })
}

/** Runs a program of this project, prints how it ended, and everything that it printed where it failed. */
async function runs(runtime: RuntimeName, program: readonly string[]): Promise<boolean> {
  const [name, ...options] = RUNTIMES[runtime].run
  const file = join(folder, 'node_modules/.bin', name)
  const { failed, output } = await new Promise<{ failed: boolean; output: string }>((resolve) => {
    const settings = { cwd: projectRoot, maxBuffer: 2 ** 26 }
    execFile(file, [...options, ...program], settings, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: stdout + stderr })
    })
  })
  const last = output.trimEnd().split('\n').at(-1) ?? ''
  console.log(`${runtime}  ${program.slice(0, 3).join(' ')}  ${failed ? 'failed' : last}`)
  if (failed) console.log(output)
  return !failed
}
