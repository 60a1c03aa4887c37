// A relay behind a web server that has the certificate, as docs/deploy-relay.md describes it.

import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import 'reflect-metadata'
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'
import { afterEach, expect, test } from 'vitest'
import { ScriptedChat } from '../../src/cli/scripted-chat.ts'
import { until } from '../../src/testing/until.ts'
import { stageForEach } from './people.ts'

const stage = stageForEach()
const PROGRAM = [process.execPath, fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))] as const
let proxy: Server | undefined

afterEach(() => {
  proxy?.closeAllConnections()
  proxy?.close()
  delete process.env.NODE_EXTRA_CA_CERTS
})

test('chats reach it by secure WebSockets at the address that it announces', async () => {
  const { cert, key } = await certificate()
  let behind = 0
  proxy = createServer({ cert, key })
  // What a web server does with an upgrade: passes on the request, then bytes in both directions.
  proxy.on('upgrade', (request, socket) => {
    const onward = connect(behind, '127.0.0.1')
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}`)
    onward.write(`GET ${request.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
    socket.pipe(onward).pipe(socket)
    for (const end of [socket, onward]) end.on('error', () => socket.destroy())
  })
  const server = proxy
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  behind = await freePort()
  const announced = `/dns4/localhost/tcp/${port}/tls/ws`
  const relay = await stage.relay('relay', ['--announce', announced], `/ip4/127.0.0.1/tcp/${behind}/ws`)
  expect(relay.address.startsWith(`${announced}/p2p/`)).toBe(true)

  const trusted = join(stage.folder, 'ca.pem')
  await writeFile(trusted, cert)
  process.env.NODE_EXTRA_CA_CERTS = trusted
  const { chat, ready } = await ScriptedChat.start({
    program: PROGRAM,
    data: join(stage.folder, 'alice'),
    name: 'alice',
    options: ['--relay', relay.address],
  })
  await until('alice has left key packages', async () => (await relay.metric('one_time_key_packages')) === 20)
  expect(ready.card).toMatch(/^coterie:card/)
  expect(await chat.close()).toBe(0)
})

async function certificate(): Promise<{ cert: string; key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const made = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 3_600_000),
    extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
  })
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { cert: made.toString('pem'), key }
}

/** One that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
