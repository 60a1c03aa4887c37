// Random schedules of coterie with ts-mls alone, so that handshakes may be encrypted and signature keys be replaced.
import { playLive } from './live-schedules.ts'
import { qualifiedClientId } from './peers/identities.ts'
import { tsMls } from './peers/ts-mls.ts'

playLive({
  title: 'coterie and ts-mls',
  others: [tsMls],
  suites: [
    { suite: 1, schedules: 4, steps: 30 },
    { suite: 2, schedules: 2, steps: 20 },
    { suite: 3, schedules: 4, steps: 30 },
    { suite: 4, schedules: 4, steps: 15 },
    { suite: 5, schedules: 1, steps: 12 },
    { suite: 6, schedules: 4, steps: 15 },
    { suite: 7, schedules: 1, steps: 12 },
  ],
  identityOf: qualifiedClientId,
  groupId: new TextEncoder().encode('live'),
})
