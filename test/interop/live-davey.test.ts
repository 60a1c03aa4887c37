// Random schedules of coterie with OpenMLS, as davey has it, in groups with an external sender.
import { playLive } from './live-schedules.ts'
import { daveyPeer } from './peers/davey.ts'
import { userNumber } from './peers/identities.ts'

playLive({
  title: 'coterie and davey',
  others: [daveyPeer],
  suites: [{ suite: 2, schedules: 12, steps: 15 }],
  identityOf: userNumber,
  groupId: userNumber(0x11fe),
  hasExternalSender: true,
})
