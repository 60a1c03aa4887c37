// Who is in an epoch: what of its members outlives its secrets.

import { fromHex, toHex } from '../bytes.ts'
import { encode } from '../codec/writer.ts'
import type { CipherSuite } from '../crypto/labels.ts'
import type { GroupState } from '../group/state.ts'
import { members } from '../tree/ratchet-tree.ts'
import type { DeviceId, Roster } from './epoch-tree.ts'
import { stored } from './stored.ts'

export function rosterOf(wire: CipherSuite, { tree }: GroupState): Roster {
  return rosterWith(wire, new Set([...members(tree)].map(({ leafNode }) => toHex(leafNode.signatureKey))))
}

export function rosterWith(wire: CipherSuite, devices: ReadonlySet<DeviceId>): Roster {
  return { devices, name: toHex(wire.hash.digest(encodeDevices(devices))) }
}

export function encodeRoster({ devices }: Roster): Uint8Array {
  return encodeDevices(devices)
}

/** @throws CoterieError `STORE_CORRUPT` (environment) */
export function decodeRoster(name: string, bytes: Uint8Array): Roster {
  const devices = stored((reader) => reader.vector((inner) => toHex(inner.opaque())), bytes)
  return { name, devices: new Set(devices) }
}

function encodeDevices(devices: ReadonlySet<string>): Uint8Array {
  return encode((writer) => {
    writer.vector([...devices].sort(), (inner, device) => inner.opaque(fromHex(device) ?? new Uint8Array(0)))
  }, undefined)
}
