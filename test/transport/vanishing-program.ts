// A peer that opens a stream to the address that it is given, closes its side of it if told to, and waits to be killed.
// It never receives: whoever sends to it has to wait.
import { libp2pTransport } from '../../src/libp2p.ts'

const [address = '', side] = process.argv.slice(2)
const transport = libp2pTransport({ listen: [], mdns: false })
await transport.start()
const peer = await transport.connect(address)
const stream = await transport.open(peer, 'hold')
if (side === 'half-closed') await stream.close()
await new Promise(() => undefined)
