// Closing a client while something is under way: what was on disk by then has been done.

import { expect, test } from 'vitest'
import { castForEach } from './cast.ts'

const cast = castForEach()

test('what moves the group to another topic is carried out while the client closes', async () => {
  const [alice, bob] = await cast.enterAll('alice', 'bob')
  const club = await alice.groups.create({ name: 'Book club' })
  await club.add(await bob.card())
  const closing = alice.close()
  // A removal makes the client listen to a new topic, when the transport has stopped already.
  await expect(Promise.all([club.remove(bob.identity), club.send('Between us'), closing])).resolves.toBeDefined()
})
