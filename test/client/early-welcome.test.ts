// A Welcome that comes before the removal that makes it needed is kept until then, over a restart too.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../src/testing/until.ts'
import type { FrameHandler, Transport } from '../../src/transport/transport.ts'
import { addressOf, castForEach, groupOf, heard } from './cast.ts'

const cast = castForEach()

/** Hears nothing of groups while `isDeaf`, but what is left in the inbox: the topic that a client listens to first. */
class Ear {
  isDeaf = false
  letters = 0
  #inbox: string | undefined

  of(transport: Transport): Transport {
    const overheard = (topic: string, onFrame: FrameHandler): FrameHandler => {
      this.#inbox ??= topic
      const inbox = this.#inbox
      return async (frame, from) => {
        if (this.isDeaf && topic !== inbox) return 'ignore'
        const verdict = await onFrame(frame, from)
        if (topic === inbox) this.letters++
        return verdict
      }
    }
    const refuseWhileDeaf = (): void => {
      if (this.isDeaf) throw new Error('deaf')
    }
    return new Proxy(transport, {
      get: (target, name) => {
        if (name === 'subscribe') {
          return (topic: string, onFrame: FrameHandler) => target.subscribe(topic, overheard(topic, onFrame))
        }
        if (name === 'open') {
          return async (...args: Parameters<Transport['open']>) => {
            refuseWhileDeaf()
            return target.open(...args)
          }
        }
        if (name === 'handle') {
          return (...[protocol, serve]: Parameters<Transport['handle']>) =>
            target.handle(protocol, async (stream) => {
              refuseWhileDeaf()
              await serve(stream)
            })
        }
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }
}

test.each([
  ['at once', false],
  ['after a restart', true],
])(
  'whoever is removed and added again, and hears of the second first, is a member when it hears of the first: %s',
  async (_, restarts) => {
    const folder = await mkdtemp(join(tmpdir(), 'coterie-early-'))
    try {
      const ear = new Ear()
      const options = {
        storage: restarts ? join(folder, 'carol') : 'memory',
        transport: () => ear.of(cast.network.transport('carol')),
      } as const
      const [alice, bob] = await cast.enterAll('alice', 'bob')
      let carol = await cast.enter('carol', options)
      for (const other of [alice, bob]) await carol.connect(addressOf(other))
      const [inAlice, inBob, inCarol] = await groupOf(alice, bob, carol)
      if (inBob === undefined || inCarol === undefined) throw new Error('somebody has not joined')
      await inAlice.send('Before')
      await heard(inCarol, 'Before')
      const letters = ear.letters
      ear.isDeaf = true
      await inAlice.remove(carol.identity)
      await inAlice.add(await carol.card())
      await until('the second Welcome is there', () => ear.letters > letters)
      await until('bob is where alice is', () => inBob.epoch === inAlice.epoch)
      expect(inCarol.epoch).toBeLessThan(inBob.epoch)
      // Nobody else has what was left in carol's inbox.
      await alice.close()
      if (restarts) {
        await carol.close()
        carol = await cast.enter('carol', options)
        await carol.connect(addressOf(bob))
      }
      ear.isDeaf = false
      await inBob.send('After')
      await heard(carol.groups.get(inCarol.id), 'After')
      expect(carol.groups.get(inCarol.id).epoch).toBe(inBob.epoch)
    } finally {
      await cast.leave()
      await rm(folder, { recursive: true })
    }
  },
)
