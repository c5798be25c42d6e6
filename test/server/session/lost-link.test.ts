// A link that is lost shows itself seconds later: what is between is a gap, and not silence.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { InputGuard } from '../../../server/session/input-guard.ts'
import { LivePlayer } from '../../../server/session/live-player.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { pcapHeader } from '../../../server/sample/packets/pcap-writer.ts'
import { newCore } from '../../support/core.ts'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'telltale-lost-'))))
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

/** Stands in for ssh: it gives the head of a capture, then nothing more, and ends with `status` as told. */
function putSsh(status: number): void {
  writeFileSync(join(folder, 'head'), pcapHeader())
  const script = `[ -e '${folder}/ran' ] && exec sleep 60; touch '${folder}/ran'; cat '${folder}/head'; sleep 3; exit ${status}`
  writeFileSync(join(folder, 'ssh'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'ssh'), 0o755)
  vi.stubEnv('PATH', `${folder}:${process.env['PATH'] ?? ''}`)
}

/** When capturing began and ended, in seconds, and when the end was said. */
async function stretchOf(status: number): Promise<{ began: number; ended: number; saidAt: number }> {
  putSsh(status)
  const said: { since: number; on: boolean; at: number }[] = []
  const guard = new InputGuard({
    failedInput: [],
    inHand: { note: () => {}, clear: () => {} } as never,
    isCareful: false,
    onFault: () => {},
    clock: () => 0,
  })
  const nothing = (): void => {}
  const player = new LivePlayer(
    { sources: [planOfArgument('ssh:root@192.0.2.1/br-lan')], accountedUntil: null, positions: [], home: [] },
    {
      core: newCore(),
      packet: nothing,
      mark: nothing,
      flush: nothing,
      peek: nothing,
      capturing: (since, on) => said.push({ since, on, at: Date.now() / 1000 }),
      log: nothing,
      reached: nothing,
      guard,
      takeFile: nothing,
    },
    () => Date.now() / 1000,
  )
  const ended = player.run()
  await vi.waitUntil(() => said.length === 2, { timeout: 20_000 })
  player.stop()
  await ended
  const [begin, end] = said
  return { began: begin.since, ended: end.since, saidAt: end.at }
}

test('a link that ssh gives up was lost at its last sign of life', { timeout: 30_000 }, async () => {
  const { began, ended, saidAt } = await stretchOf(255)
  expect(saidAt - ended).toBeGreaterThan(2.5)
  expect(ended - began).toBeLessThan(2)
})

test('a capture that the router ends was there up to its end', { timeout: 30_000 }, async () => {
  const { began, ended, saidAt } = await stretchOf(1)
  expect(saidAt - ended).toBeLessThan(2.5)
  expect(ended - began).toBeGreaterThanOrEqual(2)
})
