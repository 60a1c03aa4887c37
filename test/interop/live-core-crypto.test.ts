// Random schedules of coterie with OpenMLS, as core-crypto has it, alone and with ts-mls.
import { playLive } from './live-schedules.ts'
import { coreCrypto } from './peers/core-crypto.ts'
import { qualifiedClientId } from './peers/identities.ts'
import { tsMls } from './peers/ts-mls.ts'

const groupId = new TextEncoder().encode('live')

playLive({
  title: 'coterie, core-crypto and ts-mls',
  others: [coreCrypto, tsMls],
  suites: [
    { suite: 1, schedules: 5, steps: 30 },
    { suite: 2, schedules: 4, steps: 20 },
    { suite: 3, schedules: 5, steps: 30 },
    { suite: 5, schedules: 2, steps: 12 },
    { suite: 7, schedules: 3, steps: 12 },
  ],
  identityOf: qualifiedClientId,
  groupId,
})

playLive({
  title: 'coterie and core-crypto',
  others: [coreCrypto],
  suites: [
    { suite: 1, schedules: 3, steps: 30 },
    { suite: 2, schedules: 2, steps: 20 },
    { suite: 3, schedules: 3, steps: 30 },
    { suite: 5, schedules: 1, steps: 12 },
    { suite: 7, schedules: 1, steps: 12 },
  ],
  identityOf: qualifiedClientId,
  groupId,
})
