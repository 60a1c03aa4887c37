// `npm run test:interop`: coterie with other stacks, by schedules that one random base seed decides, which it prints.
import { randomInt } from 'node:crypto'
import { parseCLI, startVitest } from 'vitest/node'

const MAX_SEED = 2 ** 31

process.env.SEED ??= String(randomInt(1, MAX_SEED))
console.log(
  `Base seed ${process.env.SEED}. To run the same schedules again: SEED=${process.env.SEED} npm run test:interop`,
)

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)])
const files = filter.length > 0 ? filter : ['test/interop/']
const vitest = await startVitest('test', files, { ...options, exclude: ['test/interop/harness/**'] })
await vitest.close()
