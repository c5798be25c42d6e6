// Tests of a real capture on an interface that sees only this machine, and on one that sees the home.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decode } from '../../../capture/decode.ts'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import type { PacketSource } from '../../../capture/sources/source.ts'
import { tcpdumpSource } from '../../../capture/sources/tcpdump.ts'
import { OwnTraffic } from '../../../server/session/own-traffic.ts'
import { Cable, run, until, whyNoNamespaces } from '../../capture/sources/network-namespace.ts'

const why = whyNoNamespaces()
if (why !== null) console.log(`skipped: ${why}`)

describe.skipIf(why !== null)('on a cable between two machines', () => {
  let cable: Cable
  let source: PacketSource
  let unicast = 0
  const own = new OwnTraffic({ addresses: () => ['127.0.0.1', '10.99.0.2'] })

  beforeAll(async () => {
    cable = new Cable()
    const openReader = (): CaptureReader =>
      new CaptureReader((frame) => {
        decode(frame)
        if (frame.version === 4 && !frame.toGroup) unicast++
        own.observe(frame)
      })
    source = tcpdumpSource('cable', { openReader }, cable.wrapper(cable.near, 'tcpdump'))
    source.start()
    await until(() => source.status().state === 'running', 'the capture runs')
  }, 60_000)

  afterAll(async () => {
    await source?.stop()
    cable?.remove()
  })

  test("talk with the other machine alone is this machine's own", async () => {
    own.check(0)
    cable.send(20)
    await until(() => unicast >= 20, 'the datagrams are seen')
    own.check(200)
    expect(own.isOnlyOwn).toBe(true)
  })

  test("packets between two others, as a mirror port brings them, are the home's", async () => {
    const mac = /link\/ether (\S+)/.exec(run('ip', '-n', cable.near, 'link', 'show', 'cable'))?.[1] ?? ''
    run('ip', '-n', cable.far, 'neigh', 'add', '10.99.0.77', 'lladdr', mac, 'dev', 'cable')
    const before = unicast
    run('ip', 'netns', 'exec', cable.far, 'bash', '-c', 'for i in $(seq 20); do printf x >/dev/udp/10.99.0.77/9; done')
    await until(() => unicast >= before + 20, 'the datagrams are seen')
    own.check(201)
    expect(own.isOnlyOwn).toBe(false)
  })
})
