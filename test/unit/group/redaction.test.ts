// Secrets do not leave a state by being printed, serialised, compared in a failing test, or thrown in an error.
import { format, inspect } from 'node:util'
import { serialize } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../../src/bytes.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import * as mls from '../../../src/mls.ts'
import { rejectionOf } from '../../support/errors.ts'
import { secretsIn } from '../../support/state-walk.ts'
import { client, followed, keyPackageOf, nowMs, pair, send, suite, trio } from './group-fixtures.ts'

/** The beginnings of each secret in every form that bytes are printed in, without white space. */
function forms(secrets: readonly Uint8Array[]): string[] {
  return secrets.flatMap((bytes) => {
    const first = bytes.subarray(0, 8)
    const base64 = Buffer.from(bytes.subarray(0, 9)).toString('base64')
    return [
      toHex(first),
      toHex(first).toUpperCase(),
      base64,
      base64.replaceAll('+', '-').replaceAll('/', '_'),
      first.join(),
      [...first].map((byte) => byte.toString(16).padStart(2, '0')).join(','),
      [...first].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(','),
      JSON.stringify(Object.fromEntries(Object.entries([...first]))).slice(1, -1),
      Buffer.from(first).toString('latin1'),
    ]
  })
}

/** What makes output easy to search: no white space, and no indices, which some printers put before elements. */
const squeezed = (text: string) => text.replaceAll(/\s/g, '')

function shown(value: unknown): string[] {
  const plain = (key: string, part: unknown): unknown => {
    if (key === 'suite') return undefined
    if (typeof part === 'bigint') return String(part)
    return part instanceof Map ? [...part] : part
  }
  const texts = [
    inspect(value, { depth: null, showHidden: true, maxArrayLength: null, getters: true }),
    inspect(value, { depth: null, compact: false, breakLength: 80, maxArrayLength: null }),
    format('%o %O %j', value, value, JSON.parse(JSON.stringify(value, plain) ?? 'null')),
    JSON.stringify(value, plain) ?? '',
    String(value),
  ]
  try {
    expect(value).toBe('something else')
  } catch (error) {
    texts.push(String(error), inspect(error, { depth: null }))
  }
  return texts
}

function expectHidden(value: unknown, secrets: readonly Uint8Array[]): void {
  const wanted = forms(secrets)
  for (const text of shown(value)) {
    const searched = squeezed(text)
    expect(wanted.filter((form) => searched.includes(squeezed(form)) && squeezed(form).length > 6)).toEqual([])
  }
}

/** A state with every kind of secret in it: skipped keys, past epochs, an own Update. */
async function richState(): Promise<{ state: mls.GroupState; peer: mls.GroupState }> {
  let [alice, bob] = await pair()
  const skipped = await send(bob, 'skipped')
  const next = await send(skipped.state, 'next')
  alice = await followed(alice, next.message)
  const commit = await mls.commit(next.state, { nowMs })
  alice = await followed(alice, commit.message)
  bob = commit.state
  const update = await mls.proposeUpdate(alice, { nowMs })
  return { state: update.state, peer: bob }
}
const bytesOf = (state: mls.GroupState) => secretsIn(state).map(({ bytes }) => bytes.slice())

describe('the search', () => {
  it('finds bytes in whatever form they are printed', () => {
    const bytes = suite.randomBytes(32)
    const prints = [
      toHex(bytes),
      Buffer.from(bytes).toString('base64'),
      inspect(bytes),
      inspect({ bytes: Buffer.from(bytes) }),
      JSON.stringify({ bytes: [...bytes] }),
      JSON.stringify(bytes),
      format('%o', bytes),
      String(bytes),
    ]
    const wanted = forms([bytes]).map(squeezed)
    for (const text of prints) expect(wanted.some((form) => squeezed(text).includes(form))).toBe(true)
  })
})

describe('a state', () => {
  it('shows none of its secrets', async () => {
    const { state } = await richState()
    const secrets = bytesOf(state)
    expect(secrets.length).toBeGreaterThan(20)
    expectHidden(state, secrets)
    expectHidden({ states: [state] }, secrets)
  })

  it('loses them when it is cloned', async () => {
    const { state } = await richState()
    const secrets = bytesOf(state)
    const { suite: _, ...data } = state
    expectHidden(structuredClone(data), secrets)
    const serialized = Buffer.from(serialize(data)).toString('latin1')
    const found = secrets.filter((bytes) => serialized.includes(Buffer.from(bytes.subarray(0, 8)).toString('latin1')))
    expect(found).toEqual([])
  })

  it('shows the placeholder in their place', async () => {
    const { state } = await richState()
    expect(inspect(state.secrets)).toContain('initSecret: [secret]')
    expect(JSON.stringify(state.own.signatureKeyPair)).toContain('"privateKey":"[secret]"')
  })

  it('is not shown by a key package or a lookup either', async () => {
    const own = await keyPackageOf('dave')
    const pairs = Object.values(own.secrets).map(({ privateKey }) => privateKey.bytes.slice())
    expectHidden(own, pairs)
    const secret = new Secret(suite.randomBytes(32))
    expectHidden(mls.knownPsks({ external: [{ pskId: utf8('x'), secret }] }), [secret.bytes])
  })
})

describe('an error', () => {
  it('has no secret in its message, details, stack or cause', async () => {
    const { state, peer } = await richState()
    const [, , carol] = await trio()
    const dave = await keyPackageOf('dave')
    const commit = await mls.commit(peer, {
      nowMs,
      proposals: [mls.addProposal(dave.keyPackage)],
      wireFormat: 'public',
    })
    const sealed = await mls.commit(peer, { nowMs })
    const sent = await send(peer, 'x')
    const welcome = commit.welcome as Uint8Array
    const info = await mls.createGroupInfo(peer)
    const records = mls.stateRecords(peer).put
    const calls: (() => Promise<unknown>)[] = []
    for (const message of [commit.message, sealed.message, sent.message]) {
      for (let at = 4; at < message.length; at += 23) {
        const broken = message.slice()
        broken[at] = (broken[at] as number) ^ 0x10
        calls.push(() => followed(state, broken))
      }
    }
    for (let at = 4; at < welcome.length; at += 61) {
      const broken = welcome.slice()
      broken[at] = (broken[at] as number) ^ 0x10
      calls.push(() => mls.joinGroup(suite, broken, [dave], { nowMs }))
    }
    for (let at = 4; at < info.length; at += 61) {
      const broken = info.slice()
      broken[at] = (broken[at] as number) ^ 0x10
      calls.push(async () => mls.joinExternal(suite, broken, { ...(await client('erin')), nowMs }))
    }
    for (const name of records.keys()) {
      const value = records.get(name) ?? new Uint8Array(0)
      calls.push(async () => mls.restoreState(suite, new Map(records).set(name, value.subarray(1))))
      calls.push(async () => mls.restoreState(suite, new Map(records).set(`${name}0`, value)))
    }
    calls.push(
      () => mls.encryptMessage(state, utf8('x')),
      () => followed(carol, sent.message),
      () => mls.commit(state, { nowMs, proposals: [mls.removeProposal(7)] }),
      () => mls.commit(state, { nowMs, references: [new Uint8Array(32)] }),
      () => mls.joinGroup(suite, welcome, [], { nowMs }),
      async () => mls.exportSecret(peer, 'x', utf8(''), 1e6),
    )
    const secrets = [state, peer, carol].flatMap(bytesOf)
    secrets.push(...Object.values(dave.secrets).map(({ privateKey }) => privateKey.bytes.slice()))
    secrets.push(...[...records].filter(([name]) => !name.startsWith('tree/')).map(([, value]) => value.slice(-24)))
    const codes = new Set<string>()
    for (const call of calls) {
      const error = await rejectionOf(call()).catch(() => undefined)
      if (error === undefined) continue
      if (!mls.CoterieError.is(error)) throw error
      codes.add(error.code)
      expectHidden(error, secrets)
      expectHidden({ ...error, message: error.message, stack: error.stack, cause: error.cause }, secrets)
    }
    expect(codes.size).toBeGreaterThan(10)
  })
})
