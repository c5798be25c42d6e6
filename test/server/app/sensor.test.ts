// A sensor in a process of its own, through a running service: its packets count once, whatever its clock says; another
// key is refused; and it is back after it was killed, or its cable pulled.
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { codeOfKey, newSensorKey } from '../../../capture/sources/sensor-key.ts'
import type { Overview, SourceStatus, TrafficStatus } from '../../../server/api.ts'
import { planOfArgument } from '../../../server/settings/source-plan.ts'
import { eventually, startHome, type TestHome } from '../../support/running.ts'
import { freeTcpPort, PulledCable, SensorLab } from '../../support/sensor-lab.ts'
import { arpFrom, CAMERA, ipLength, SERVER, tcpOut } from '../engine/lab.ts'

const lab = new SensorLab()
let home: TestHome
let cable: PulledCable
let port: number
let sequence = 20_000

beforeAll(async () => {
  port = await freeTcpPort()
  cable = new PulledCable(port)
  await cable.listen()
  mkdirSync(lab.stateFolder, { mode: 0o700 })
  writeKeys(lab.key)
  for (const [name, value] of Object.entries(lab.environment)) vi.stubEnv(name, value)
  await lab.start(port)
  home = await startHome({
    stateFolder: lab.stateFolder,
    sources: ['lo', `sensor:127.0.0.1:${cable.port}`].map(planOfArgument),
  })
}, 60_000)

afterAll(async () => {
  await home.close()
  cable.close()
  await lab.remove()
  vi.unstubAllEnvs()
})

/** No two of a connection are alike. */
function nextPacket(): Uint8Array {
  sequence += 1000
  return tcpOut(CAMERA, SERVER, { sequence, payload: Buffer.alloc(1000, sequence % 251) })
}

function writeKeys(key: Uint8Array): void {
  const { name, text } = lab.keysText(cable.port, key)
  writeFileSync(join(lab.stateFolder, name), text, { mode: 0o600 })
}

async function status(): Promise<TrafficStatus> {
  return await home.client.get('/api/traffic/live/status')
}

async function sensor(): Promise<SourceStatus | undefined> {
  return (await status()).sources.find(({ kind }) => kind === 'sensor')
}

async function overview(): Promise<Overview> {
  const now = Math.floor(Date.now() / 1000)
  return await home.client.get(`/api/traffic/live/overview?from=${now - 86_400}&to=${now + 2}`)
}

async function sent(): Promise<number> {
  return (await overview()).devices.find((device) => device.id === CAMERA.mac)?.sent ?? 0
}

/** What is sent before it captures is lost. */
async function capturing(): Promise<SourceStatus | undefined> {
  const before = (await sensor())?.packets ?? 0
  return await eventually(
    async () => {
      lab.pass(arpFrom(CAMERA))
      return await sensor()
    },
    (now) => now?.state === 'running' && now.packets > before,
  )
}

/** Passes packets, waits until both have them, and returns what they added. */
async function passAndCount(): Promise<{ added: number; passed: number }> {
  await capturing()
  await eventually(
    async () => (await status()).sources,
    (all) => all.every(({ state }) => state === 'running'),
  )
  const [before, packets] = [await sent(), (await sensor())?.packets ?? 0]
  const frames = Array.from({ length: 40 }, () => nextPacket())
  lab.pass(...frames)
  await eventually(sensor, (now) => (now?.packets ?? 0) >= packets + frames.length)
  const passed = frames.reduce((sum, frame) => sum + ipLength(frame), 0)
  await eventually(sent, (now) => now >= before + passed)
  // One more, which counts behind all of them.
  const last = nextPacket()
  lab.pass(last)
  await eventually(sensor, (now) => (now?.packets ?? 0) > packets + frames.length)
  const now = await eventually(sent, (bytes) => bytes >= before + passed + ipLength(last))
  return { added: now - before, passed: passed + ipLength(last) }
}

test('what both machines see counts once', { timeout: 30_000 }, async () => {
  const { added, passed } = await passAndCount()
  expect(added).toBe(passed)
  expect(await sensor()).toMatchObject({ id: `sensor:127.0.0.1:${cable.port}`, kind: 'sensor', problem: null })
})

test.each([-0.02, 2, -2])(
  'also where the clock of the sensor is %d s ahead, after it was killed',
  { timeout: 30_000 },
  async (clock) => {
    await lab.stop()
    await eventually(sensor, (now) => now?.state === 'failed')
    await lab.start(port, { clock })
    const { added, passed } = await passAndCount()
    expect(added).toBe(passed)
    const now = await sensor()
    if (Math.abs(clock) < 1) expect(now?.problem).toBeNull()
    else expect(now?.problem).toContain(`is 2.0 s ${clock > 0 ? 'ahead of' : 'behind'} this machine's: the times`)
    expect(Math.abs((now?.lastPacket ?? 0) - Date.now() / 1000)).toBeLessThan(1.5)
  },
)

test('packets that the kernel of the sensor dropped are told', { timeout: 30_000 }, async () => {
  await capturing()
  await eventually(sensor, (now) => (now?.dropped ?? 0) >= 7)
})

test('a pulled cable is a failure, and the sensor is back when it is plugged in', { timeout: 30_000 }, async () => {
  await capturing()
  cable.isPulled = true
  const lost = await eventually(sensor, (now) => now?.state === 'failed')
  expect(lost?.problem).toMatch(/^Nothing comes from the sensor|^The sensor's machine cannot be reached/)
  cable.isPulled = false
  const { added, passed } = await passAndCount()
  expect(added).toBe(passed)
})

test('a sensor with another key is refused until it is paired anew', { timeout: 30_000 }, async () => {
  const other = newSensorKey()
  await lab.stop()
  lab.setKey(other)
  await lab.start(port)
  const refused = await eventually(sensor, (now) => now?.problem?.includes('another key') === true)
  expect(refused?.state).toBe('failed')
  expect(refused?.problem).toContain(`telltale sensor pair 127.0.0.1:${cable.port} --state ${lab.stateFolder}`)
  expect(lab.said).toContain('127.0.0.1 was refused: it has another key')
  writeKeys(other)
  const { added, passed } = await passAndCount()
  expect(added).toBe(passed)
  for (const code of [codeOfKey(other), codeOfKey(lab.key)]) {
    expect(JSON.stringify([await status(), await home.client.get('/api/settings')])).not.toContain(code)
    expect(lab.said).not.toContain(code)
  }
})

test('a sensor that is asked to stop ends with 0, and its tcpdump with it', { timeout: 30_000 }, async () => {
  await capturing()
  expect(await lab.stop('SIGTERM')).toBe(0)
  const gone = await eventually(sensor, (now) => now?.state === 'failed')
  expect(gone?.problem).toMatch(/ended the connection|No sensor runs at|refuses this machine/)
  expect(statSync(join(lab.stateFolder, 'sensor-keys.json')).mode & 0o777).toBe(0o600)
})
