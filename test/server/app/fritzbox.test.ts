// A FRITZ!Box through a running service, against a stand-in: its password's ways, a restart, an unplugged box.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Overview, SettingsPage, SourceStatus, TrafficStatus } from '../../../server/api.ts'
import { readSecret } from '../../../server/serve-command.ts'
import { FritzboxStandIn } from '../../support/fritzbox-stand-in.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { arpFrom, CAMERA, dnsAnswerA, ipLength, SERVER, tcpOut, tlsHello } from '../engine/lab.ts'

const PASSWORD = 'CANARY-fritzbox-5d1f0c'
const OTHER_PASSWORD = 'CANARY-fritzbox-other-77aa10'
const stateFolder = mkdtempSync(join(tmpdir(), 'telltale-fritzbox-'))
const hello = tcpOut(CAMERA, SERVER, { payload: tlsHello('api.amazonalexa.com') })
const printed: string[] = []
const answers: string[] = []
let home: TestHome
let box: FritzboxStandIn

async function open(): Promise<void> {
  home = await startHome({ stateFolder })
}

beforeAll(async () => {
  for (const method of ['log', 'info', 'warn', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((...words: unknown[]) => void printed.push(words.join(' ')))
  box = await FritzboxStandIn.open({ password: PASSWORD })
  await open()
}, 60_000)

afterAll(async () => {
  await home.close()
  await box.close()
  rmSync(stateFolder, { recursive: true, force: true })
  vi.restoreAllMocks()
})

const change = async (sources: Record<string, unknown>): Promise<SettingsPage> => {
  const page = await home.client.send<SettingsPage>('PATCH', '/api/settings', { sources })
  answers.push(JSON.stringify(page))
  return page
}

/** Undefined in its first moments. */
async function source(): Promise<SourceStatus | undefined> {
  const status = await home.client.get<TrafficStatus>('/api/traffic/live/status')
  answers.push(JSON.stringify(status))
  return status.sources[0]
}

async function overview(): Promise<Overview> {
  const now = Math.floor(Date.now() / 1000)
  const answer = await home.client.get<Overview>(`/api/traffic/live/overview?from=${now - 86_400}&to=${now + 2}`)
  answers.push(JSON.stringify(answer))
  return answer
}

const sent = (answer: Overview): number => answer.devices.find(({ id }) => id === CAMERA.mac)?.sent ?? 0
const running = (): Promise<SourceStatus | undefined> =>
  eventually(source, (now) => now?.state === 'running' && box.openStreams === 1)

const filesWith = (word: string): string[] =>
  readdirSync(stateFolder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(stateFolder, name)
    return statSync(path).isFile() && readFileSync(path).includes(word)
  })

test('a box without a password says what is missing, and is asked nothing', async () => {
  await change({ fritzboxes: [`anna@127.0.0.1:${box.port} lan`] })
  const shown = await eventually(source, (now) => now?.state === 'failed')
  expect(shown).toMatchObject({ kind: 'fritzbox', title: `lan of the FRITZ!Box 127.0.0.1` })
  expect(shown?.problem).toContain('Set it under Settings › Sources')
  expect(box.requests).toEqual([])
})

test('with its password, devices, names and bytes are on the page', async () => {
  const page = await change({ fritzboxPassword: PASSWORD })
  expect(page.values['sources']?.['fritzboxPassword']).toBe('••••••••')
  await running()
  box.send([arpFrom(CAMERA), dnsAnswerA(CAMERA, 'api.amazonalexa.com', SERVER), hello])
  const shown = await eventually(overview, (answer) => sent(answer) > 0)
  expect(sent(shown)).toBe(ipLength(hello))
  expect(shown.companies.map(({ slug, sent }) => [slug, sent])).toContainEqual(['alexa', ipLength(hello)])
})

test('a box that was unplugged is captured on again within 5 s of its return', async () => {
  const { port } = box
  await box.close()
  await eventually(source, (now) => now?.state === 'failed')
  box = await FritzboxStandIn.open({ password: PASSWORD, port })
  const returned = performance.now()
  await eventually(
    () => Promise.resolve(box.openStreams),
    (streams) => streams === 1,
  )
  console.info(`back after ${Math.round(performance.now() - returned)} ms`)
  await running()
  const again = tcpOut(CAMERA, SERVER, { sourcePort: 41_000 })
  box.send([again])
  const shown = await eventually(overview, (answer) => sent(answer) > ipLength(hello))
  expect(sent(shown)).toBe(ipLength(hello, again))
})

test('after a restart all is there once, the session of before is over, and what is new is added', async () => {
  const before = sent(await overview())
  await home.close()
  expect(box).toMatchObject({ openStreams: 0, openSessions: 0, logOuts: 1 })
  await open()
  await running()
  const again = tcpOut(CAMERA, SERVER, { sourcePort: 42_000 })
  box.send([again])
  const shown = await eventually(overview, (answer) => sent(answer) > before)
  expect(sent(shown)).toBe(before + ipLength(again))
})

test('the settings as they were shown, sent back, leave the password as it is', async () => {
  const { logIns } = box
  const { values } = await home.client.get<SettingsPage>('/api/settings')
  await change(values['sources'] ?? {})
  await running()
  expect(box.logIns).toBe(logIns)
})

test('a line with a password in it is refused, and not repeated', async () => {
  const refused = await change({ fritzboxes: [`anna:${PASSWORD}@127.0.0.1 lan`] }).catch(
    (error: Error) => error.message,
  )
  expect(refused).toContain('without a password')
  answers.push(String(refused))
})

test('switched off, it is logged out', async () => {
  await change({ off: [`fritzbox:127.0.0.1:${box.port}/lan`] })
  await eventually(source, (now) => now?.state === 'off')
  expect(box).toMatchObject({ openStreams: 0, openSessions: 0 })
  await change({ off: [] })
  await running()
})

test('the password is in the file of the settings, which is for its owner alone, and nowhere else', () => {
  expect(filesWith(PASSWORD).filter((name) => !/^(last-)?settings\.json(\.bak)?$/.test(name))).toEqual([])
  expect(filesWith(PASSWORD)).toContain('settings.json')
  for (const name of filesWith(PASSWORD)) expect(statSync(join(stateFolder, name)).mode & 0o077).toBe(0)
})

test('another password is used at once; of the one before nothing is left', async () => {
  await change({ fritzboxPassword: OTHER_PASSWORD })
  const shown = await eventually(source, (now) => now?.problem?.includes('does not accept') === true)
  expect(shown?.problem).toContain('the password of its user anna')
  expect(box.refusals).toBe(1)
  expect(filesWith(PASSWORD)).toEqual([])
})

test('a password that is taken away is in no file, and no answer or line of the log held one', async () => {
  await change({ fritzboxPassword: '' })
  expect(filesWith('CANARY-fritzbox')).toEqual([])
  const said = [...answers, ...printed].join('\n')
  expect(said).toContain('FRITZ!Box')
  expect(said).not.toContain('CANARY-fritzbox')
})

test('a file of the password has to be for its owner alone', () => {
  const path = join(stateFolder, 'password')
  writeFileSync(path, `${PASSWORD}\nsecond line\n`, { mode: 0o640 })
  expect(() => readSecret(path)).toThrow(`${path} can be read by others: chmod 600 ${path}`)
  rmSync(path)
  writeFileSync(path, `${PASSWORD}\nsecond line\n`, { mode: 0o600 })
  expect(readSecret(path)).toBe(PASSWORD)
  rmSync(path)
})
