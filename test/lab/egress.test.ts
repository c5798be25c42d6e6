// The counter of the suite's offline run counts what leaves, and nothing else.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CONTROL, CountedNamespace, whyNoEgress } from './egress.ts'

const why = whyNoEgress()
if (why !== null) console.log(`skipped: ${why}`)

describe.skipIf(why !== null)('a namespace that counts what leaves', () => {
  let namespace: CountedNamespace
  beforeAll(() => {
    namespace = new CountedNamespace('egress')
  })
  afterAll(() => namespace?.remove())

  test('counts nothing of what stays on the loopback, by name and by number, in both families', async () => {
    const talk = `const { createServer, connect } = require('node:net')
      const server = createServer((socket) => socket.end('x')).listen(0, '::', () => {
        const hosts = ['127.0.0.1', '::1', 'localhost']
        const next = () => { const host = hosts.pop(); if (!host) return server.close(); connect(server.address().port, host).resume().on('close', next) }
        next()
      })`
    expect(await namespace.run(process.execPath, ['-e', talk])).toBe(0)
    expect(namespace.counted()).toEqual({ ipv4: 0, ipv6: 0, dns: 0 })
  })

  test('counts one datagram of each family, and a look-up', async () => {
    expect(await namespace.run(process.execPath, ['-e', CONTROL])).toBe(0)
    const { ipv4, ipv6, dns } = namespace.counted()
    expect(dns).toBeGreaterThan(0)
    expect({ ipv4: ipv4 - dns, ipv6 }).toEqual({ ipv4: 1, ipv6: 1 })
    namespace.reset()
    expect(namespace.counted()).toEqual({ ipv4: 0, ipv6: 0, dns: 0 })
  })
})
