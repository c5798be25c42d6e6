// Evidence of what devices are, over a renewal of the tables and a restart.
import { describe, expect, test } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { TCP_ACK, TCP_SYN } from '../../../capture/core/constants.ts'
import { RECORDING_SETTINGS } from '../../../server/alerts/settings.ts'
import { toEvidence } from '../../../server/rulebook/example-check.ts'
import type { Level } from '../../../server/api.ts'
import type { KeptEvidence, SeenDevice } from '../../../server/model/seen-device.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { pcapHeader, pcapRecord } from '../../../server/sample/packets/pcap-writer.ts'
import { keptEvidence } from '../../../server/session/kept-evidence.ts'
import type { FromEngine, SessionPlan } from '../../../server/session/messages.ts'
import { Pipeline } from '../../../server/session/pipeline.ts'
import { arpFrom, type Host, PHONE, SERVER, tcpOut } from '../engine/lab.ts'

const rules = openRules(compiledRulesFolder())
/** Its MAC names TP-Link, who make plugs, cameras, routers and more. */
const CAMERA: Host = { mac: '50:c7:bf:00:00:01', address: '192.168.1.10' }
const POLICY: SessionPlan['policy'] = {
  levels: {},
  newDeviceLevel: 'everything',
  kinds: {},
  ignored: { salt: '', hashes: [] },
}

/** A pipeline, and the last description of the camera. */
function homeWith(changes: Partial<SessionPlan> = {}): {
  pipeline: Pipeline
  sees: (seconds: number, ...frames: Uint8Array[]) => SeenDevice | undefined
} {
  const messages: FromEngine[] = []
  const plan: SessionPlan = {
    source: { kind: 'live', sources: [] },
    home: [],
    timeZone: 'UTC',
    names: [],
    accountedUntil: null,
    ownHistory: false,
    alerts: { settings: RECORDING_SETTINGS, memory: null },
    policy: POLICY,
    ...changes,
  }
  const pipeline = new Pipeline(rules, plan, null, (message) => void messages.push(message))
  const reader = new CaptureReader(pipeline.packet)
  reader.push(pcapHeader({}))
  return {
    pipeline,
    sees: (seconds, ...frames) => {
      for (const bytes of frames) reader.push(pcapRecord({ seconds, nanos: 0, bytes }))
      pipeline.mark(seconds + 1)
      pipeline.flush(seconds + 1, [], 0, false)
      return messages
        .splice(0)
        .flatMap((message) => (message.type === 'devices' ? message.devices : []))
        .findLast(({ id }) => id === CAMERA.mac)
    },
  }
}

const moves = [arpFrom(CAMERA), arpFrom(PHONE), tcpOut(CAMERA, SERVER)]
const offersPicture = tcpOut(CAMERA, PHONE.address, {
  sourcePort: 554,
  destinationPort: 41_000,
  flags: TCP_SYN | TCP_ACK,
})
const EVIDENCE: KeptEvidence = { ports: ['serves tcp 554'] }

describe('evidence of a kind', () => {
  test('is described with the device, and makes it known after a restart before it is seen again', () => {
    const before = homeWith().sees(1_000, ...moves, offersPicture)
    expect(before).toMatchObject({ kind: 'camera', vendor: 'TP-Link', evidence: EVIDENCE })
    expect(homeWith().sees(1_000, ...moves)).toMatchObject({ kind: 'unknown' })
    expect(homeWith({ evidence: [[CAMERA.mac, EVIDENCE]] }).sees(1_000, ...moves)).toMatchObject({
      kind: 'camera',
      evidence: EVIDENCE,
    })
  })

  test('stays over a renewal of the tables, but for devices that are forgotten', () => {
    const after = (forgotten: string[]): SeenDevice | undefined => {
      const { pipeline, sees } = homeWith()
      sees(1_000, ...moves, offersPicture)
      pipeline.renew(1_001, forgotten)
      return sees(1_002, ...moves)
    }
    expect(after([PHONE.mac])).toMatchObject({ kind: 'camera' })
    expect(after([CAMERA.mac])).toMatchObject({ kind: 'unknown' })
  })

  test.each<Level>(['companies', 'totals'])('is neither used nor kept of a device at the level "%s"', (level) => {
    const policy = { ...POLICY, levels: { [CAMERA.mac]: level } }
    const seen = homeWith({ policy }).sees(1_000, ...moves, offersPicture)
    expect(seen).toMatchObject({ kind: 'unknown' })
    expect(seen).not.toHaveProperty('evidence')
  })

  test('goes when the level of its device goes down', () => {
    const { pipeline, sees } = homeWith()
    sees(1_000, ...moves, offersPicture)
    pipeline.setPolicy({ ...POLICY, levels: { [CAMERA.mac]: 'companies' } })
    pipeline.setPolicy(POLICY)
    pipeline.renew(1_001, [])
    expect(sees(1_002, ...moves)).toMatchObject({ kind: 'unknown' })
  })

  test('that a file does not hold as it should is left out', () => {
    const broken = { ports: 'serves tcp 554', dhcpHostnames: [7, null, 'x'.repeat(10_000)] } as unknown as KeptEvidence
    const seen = homeWith({ evidence: [[CAMERA.mac, broken]] }).sees(1_000, ...moves)
    expect(seen).toMatchObject({ kind: 'unknown', name: null })
  })

  test('holds no text that a device writes into multicast DNS or its browser, and is capped', () => {
    const many = Array.from({ length: 100 }, (_, index) => `name-${index}`)
    const kept = keptEvidence({
      ...toEvidence({ mdnsName: 'secret.local', mdnsTxt: 'fn=secret', userAgent: 'secret' }),
      dhcpHostnames: [...many, 'x'.repeat(1_000)],
    })
    expect(JSON.stringify(kept)).not.toContain('secret')
    expect(kept?.dhcpHostnames).toHaveLength(8)
    expect(keptEvidence(toEvidence({}))).toBeUndefined()
  })
})
