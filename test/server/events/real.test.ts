// The shipped event rules on real bursts and real captures.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { analyzeFile } from '../../../server/analyze/analyze-file.ts'
import {
  readBursts,
  scoreBursts,
  scoreBurstsCommand,
  SPOKEN_STATES,
} from '../../../server/analyze/score-bursts-command.ts'
import { openRules } from '../../../server/rulebook/open.ts'
import { NO_REAL_DATA, realDataFolder } from '../../support/real-data.ts'

const data = realDataFolder()
if (data === null) console.log(`skipped: ${NO_REAL_DATA}`)
const rules = openRules(fileURLToPath(new URL('../../../dist/rules', import.meta.url)))
const HEADING =
  'meanTBP,network_total,network_in,network_out,network_in_local,network_out_local,meanBytes_out_external,meanBytes_in_external,device,state,event,start_time,hosts'

describe('score-bursts', () => {
  const score = async (...rows: string[]): Promise<string[]> => {
    const lines: string[] = []
    const folder = mkdtempSync(join(tmpdir(), 'telltale-bursts-'))
    const path = join(folder, 'table.csv')
    writeFileSync(path, [HEADING, ...rows, ''].join('\n'))
    try {
      await scoreBurstsCommand([path], (line) => lines.push(line), rules)
    } finally {
      rmSync(folder, { recursive: true })
    }
    return lines
  }

  it('finds an activity whose burst is a voice request, and counts one in any other activity as false', async () => {
    const voice = '0.02,100,50,50,0,0,1500,100,echodot'
    const lines = await score(
      `${voice},local_voice,1,10.5,avs-alexa-4-na.amazon.com`,
      `${voice},local_voice,2,90.5,device-metrics-us.amazon.com`,
      `${voice},android_wan_volume,3,200,avs-alexa-4-na.amazon.com`,
    )
    expect(lines.at(-1)).toBe('total recall 0.500 precision 0.500 found 1 of 2 false 1')
  })

  it('says which column a table lacks', async () => {
    expect(() => readBursts('device,state\necho,local_voice')).toThrow(/lacks meanTBP.*no table of BehavIoT/)
    expect(() => readBursts(`${HEADING}\n1,x,1,1,0,0,1,1,a,b,c,1,h`)).toThrow(
      'line 2: network_total "x" is not a number',
    )
  })

  it.skipIf(data === null)(
    'finds at least 97 % of the spoken requests of four speakers, at least 99 % of what it finds are, and none of the false ones is telemetry',
    () => {
      const folder = join(data as string, 'behaviot', 'train-features')
      const bursts = readdirSync(folder)
        .filter((name) => /echo|google/.test(name))
        .flatMap((name) => readBursts(readFileSync(join(folder, name), 'utf8')))
      const scores = scoreBursts(bursts, rules)
      const sum = (of: (score: (typeof scores)[number]) => number): number =>
        scores.reduce((total, score) => total + of(score), 0)
      const [found, positives, wrong] = [
        sum((score) => score.found),
        sum((score) => score.positives),
        sum((score) => score.falseBursts.length),
      ]
      expect(positives).toBe(
        new Set(
          bursts
            .filter(({ state }) => SPOKEN_STATES.includes(state))
            .map(({ device, state, event }) => `${device} ${state} ${event}`),
        ).size,
      )
      expect(found / positives).toBeGreaterThanOrEqual(0.97)
      expect(found / (found + wrong)).toBeGreaterThanOrEqual(0.99)
      for (const { falseBursts } of scores)
        for (const { host } of falseBursts) expect(rules.companies.lookUp(host).purpose).not.toBe('telemetry')
    },
  )
})

describe.skipIf(data === null)('a real capture', () => {
  const captures = join(data ?? '', 'captures')
  const analyze = (path: string): ReturnType<typeof analyzeFile> => analyzeFile(join(captures, path), { rules })
  const ECHO = 'SmartHomePrivacyProject+VCFingerprinting/data/capture_files/sean_kennedy'

  it.each(['alexa_5_40s.pcap', 'flip_a_coin_5_30s.pcap'])(
    'of a command spoken five times shows five voice requests and nothing else called so (%s)',
    async (name) => {
      const { events } = await analyze(`${ECHO}/${name}`)
      const requests = events.filter(({ kind }) => kind === 'voice-request')
      expect(requests).toHaveLength(5)
      for (const { sent, host } of requests) expect([sent > 60_000 && sent < 80_000, host]).toEqual([true, null])
    },
  )

  it('of five spoken requests shows no alarm: events of a usual size explain them', async () => {
    const { alerts } = await analyze(`${ECHO}/alexa_5_40s.pcap`)
    expect(alerts).toEqual([])
  })

  it('of a camera that sends from its first second on shows an event and no spike, as it has no past', async () => {
    const folder = 'NKUHack4FGroup+Lifecycle-Based-Traffic-Dataset/result_demo/traffic_demo/xiaobai_Y2camera_lifecycle'
    const { events, alerts } = await analyze(`${folder}/xiaobai_Y2camera_speak_local.pcap`)
    expect(events).toHaveLength(1)
    expect(alerts).toEqual([])
  })

  it('of a stream within the home shows nothing', async () => {
    const { events, alerts } = await analyze('NEU-SNS+intl-iot/model/yi_camera_sample.pcap')
    expect([events, alerts]).toEqual([[], []])
  })

  it('of an idle camera shows no upload and no view', async () => {
    const folder = 'NKUHack4FGroup+Lifecycle-Based-Traffic-Dataset/result_demo/traffic_demo/xiaobai_Y2camera_lifecycle'
    const path = `${folder}/xiaobai_Y2camera_idle_local.pcap`
    expect(existsSync(join(captures, path))).toBe(true)
    const { events } = await analyze(path)
    expect(events.filter(({ kind }) => kind !== 'heartbeat')).toEqual([])
  })
})
