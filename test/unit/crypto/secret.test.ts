// Secrets: nothing that prints, copies or serialises shows their bytes, and a wiped one cannot be used.
import { inspect } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/crypto/secret.ts'
import { codeOf } from '../../support/errors.ts'

const material = () => Uint8Array.from({ length: 32 }, (_, i) => 0xa0 + i)

describe('a secret', () => {
  it('owns the bytes that it is made of, and copies only when asked to', () => {
    const bytes = material()
    expect(new Secret(bytes).bytes).toBe(bytes)
    for (const source of [material(), Buffer.from(material())]) {
      const copy = Secret.copyOf(source)
      source.fill(0)
      expect(copy.bytes).toEqual(material())
    }
  })

  it('overwrites its bytes when wiped, and refuses to be used after', () => {
    const bytes = material()
    const secret = new Secret(bytes)
    expect(secret.wiped).toBe(false)
    secret.wipe()
    expect(bytes).toEqual(new Uint8Array(32))
    expect(secret.wiped).toBe(true)
    expect(codeOf(() => secret.bytes)).toBe('CRYPTO_SECRET_WIPED')
    expect(secret.length).toBe(0)
    secret.wipe()
    expect(secret.wiped).toBe(true)
  })

  it('does not let go of its bytes in any other way', () => {
    const secret = new Secret(material())
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ deep: [{ secret }] }, { depth: null, showHidden: true }),
      JSON.stringify(Object.entries(secret)),
      JSON.stringify(Reflect.ownKeys(secret)),
      inspect(structuredClone({ secret }), { showHidden: true }),
      inspect(deserialize(serialize({ secret })), { showHidden: true }),
      inspect({ ...secret }, { showHidden: true }),
    ]
    for (const text of shown) {
      expect(text).not.toContain('a0a1')
      expect(text).not.toContain('160,')
      expect(text).not.toContain('160, 161')
    }
    expect(shown.slice(0, 2)).toEqual(['[secret]', '[secret]'])
    expect(shown[2]).toBe('{"secret":"[secret]"}')
    expect(shown[3]).toBe('[secret]')
  })

  it('shows nothing in a test snapshot', () => {
    expect({ secret: new Secret(material()) }).toMatchInlineSnapshot(`
      {
        "secret": "[secret]",
      }
    `)
  })
})
