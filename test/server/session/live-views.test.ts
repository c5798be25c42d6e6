// What a live source says where its packets, or this machine's routes, show that it is not on the home's side.
import { spawnSync } from 'node:child_process'
import { describe, expect, test, vi } from 'vitest'
import type { SourceReport } from '../../../server/model/source-report.ts'
import { InputGuard } from '../../../server/session/input-guard.ts'
import { LivePlayer } from '../../../server/session/live-player.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { newCore } from '../../support/core.ts'
import { LIVE_VIEWS, LiveViews } from '../../../server/session/live-views.ts'

const source = (part: Partial<SourceReport> = {}): SourceReport => ({
  id: 'interface:wan',
  kind: 'interface',
  title: 'wan',
  state: 'running',
  packets: 100,
  dropped: 0,
  lastPacket: 1,
  problem: null,
  ...part,
})
const log = source({ id: 'dns:x', title: 'log', tellsBytes: false })
const off = source({ id: 'interface:eth1', title: 'eth1', state: 'off' })

describe('the packets of a live source', () => {
  test('are looked at after half a minute, and again every half a minute', () => {
    const views = new LiveViews()
    let looks = 0
    const look = (): string[] => {
      looks++
      return ['the capture is from the internet side: …']
    }
    expect(views.addTo([source()], 1_000, look)[0].problem).toBeNull()
    expect(views.addTo([source()], 1_029, look)[0].problem).toBeNull()
    expect(views.addTo([source()], 1_030, look)[0].problem).toBe('The capture is from the internet side: ….')
    expect(views.addTo([source()], 1_031, look)[0].problem).toBe('The capture is from the internet side: ….')
    expect(looks).toBe(1)
    expect(views.addTo([source()], 1_060, () => [])[0].problem).toBeNull()
  })

  test.each<[string, SourceReport[], (string | null)[]]>([
    ['of one source beside a log and one that is off', [source(), log, off], ['Here.', null, null]],
    ['of several sources are not told apart', [source(), source({ id: 'interface:lan' })], [null, null]],
    ['of a source with a problem of its own leave that', [source({ problem: 'Down.' })], ['Down.']],
    ['of none', [log], [null]],
  ])('%s', (_, reports, problems) => {
    const views = new LiveViews()
    views.addTo(reports, 0, () => [])
    expect(views.addTo(reports, 30, () => ['here']).map(({ problem }) => problem)).toEqual(problems)
  })

  test('do not call a VPN that the home uses a problem', () => {
    expect(LIVE_VIEWS).not.toContain('vpn')
    expect(LIVE_VIEWS).toContain('internet-side')
  })
})

const mayCapture = process.getuid?.() === 0 && spawnSync('tcpdump', ['--version']).status === 0
if (!mayCapture) console.log('skipped: a capture on an interface needs root and tcpdump')

describe.skipIf(!mayCapture)('an interface on the side of the internet', () => {
  async function problemOf(home: string[]): Promise<string | null> {
    let latest: SourceReport[] = []
    const guard = new InputGuard({
      failedInput: [],
      inHand: { note: () => {}, clear: () => {} } as never,
      isCareful: false,
      onFault: () => {},
      clock: () => 0,
    })
    const nothing = (): void => {}
    const player = new LivePlayer(
      {
        sources: [planOfArgument('lo')],
        accountedUntil: null,
        positions: [],
        home,
        internetSide: (name) => `${name} is the internet side.`,
      },
      {
        core: newCore(),
        packet: nothing,
        mark: nothing,
        flush: (_, sources) => (latest = sources),
        peek: nothing,
        capturing: nothing,
        log: nothing,
        reached: nothing,
        guard,
        takeFile: nothing,
      },
      () => Date.now() / 1000,
    )
    const running = player.run()
    await vi.waitUntil(() => latest[0]?.state === 'running', { timeout: 30_000, interval: 20 })
    const { problem } = latest[0]
    player.stop()
    await running
    return problem
  }

  test('says so as soon as it runs', async () => {
    expect(await problemOf([])).toBe('lo is the internet side.')
  }, 40_000)

  test('is left to the owner who named the home', async () => {
    expect(await problemOf(['192.0.2.0/24'])).toBeNull()
  }, 40_000)
})
