// Amounts as people write them on a command line.

import { fail } from '../errors.ts'

/** `500MB`, `2GiB`, `1000000`. @returns bytes @throws CoterieError `ARGUMENT_INVALID` (caller) */
export function readBytes(text: string): number {
  return read(text, BYTES, 'an amount of bytes, such as 500MB or 2GiB')
}

/** `90s`, `30m`, `12h`, `7d`. @returns milliseconds @throws CoterieError `ARGUMENT_INVALID` (caller) */
export function readDuration(text: string): number {
  return read(text, DURATIONS, 'a duration, such as 12h or 7d')
}

/** `127.0.0.1:9464`, `[::1]:9464`. @throws CoterieError `ARGUMENT_INVALID` (caller) */
export function readEndpoint(text: string): { readonly host: string; readonly port: number } {
  const [, host = '', port = ''] = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)?.filter(isText) ?? []
  if (host === '' || Number(port) > 65_535) fail('ARGUMENT_INVALID', `${text} is not HOST:PORT`)
  return { host, port: Number(port) }
}

function read(text: string, units: Readonly<Record<string, number>>, what: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,12})([A-Za-z]*)$/.exec(text) ?? []
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined
  const value = Number(digits) * (factor ?? 0)
  if (digits === '' || value === 0 || !Number.isSafeInteger(value)) {
    const names = Object.keys(units).filter((name) => name !== '')
    fail('ARGUMENT_INVALID', `'${text}' is not ${what}; the units are ${names.join(', ')}`)
  }
  return value
}

const isText = (group: string | undefined): boolean => group !== undefined

const BYTES = { '': 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }
const DURATIONS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
