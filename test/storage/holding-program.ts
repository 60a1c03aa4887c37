// Holds the store in a folder open until its input ends.

import { randomBytes } from 'node:crypto'
import { openStore } from '../../src/storage/level/open-store.ts'

const [, , storage = ''] = process.argv
const store = await openStore({ storage }, (length) => new Uint8Array(randomBytes(length)), [])
process.stdout.write('held\n')
for await (const _ of process.stdin);
await store.close()
