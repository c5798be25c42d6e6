// Alerts and devices reach a real broker; nothing hostile works there, and nothing of a forgotten device stays
// there.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClearingStore } from '../../../server/notify/channel.ts'
import { notificationOf } from '../../../server/notify/notification.ts'
import { MAX_DEVICES, type HomeDevice } from '../../../server/notify/home-device.ts'
import { configMessages, stateMessage, topicsOf } from '../../../server/notify/channels/mqtt/home-assistant.ts'
import { MqttChannel, type MqttSettings } from '../../../server/notify/channels/mqtt/channel.ts'
import type { WordedAlert } from '../../../server/alerts/alert.ts'
import { HOSTILE_NAMES } from '../../support/hostile-names.ts'
import { freePort, Listener, makeCertificate, Mosquitto, MOSQUITTO, NO_MOSQUITTO } from './mosquitto.ts'

const MAC = '44:65:0d:b4:b2:f5'
const DEVICE: HomeDevice = {
  id: MAC,
  name: 'Hall camera',
  vendor: 'Amazon',
  kind: 'camera',
  sentToday: 4_200_000,
  rateUp: 1_250.4,
  lastEvent: '143 kB to Ring',
  alert: false,
}
const ALERT: WordedAlert = {
  id: 'alert-1',
  kind: 'quiet-hours',
  device: 'aa',
  company: null,
  from: 1_000,
  to: 1_060,
  seen: 4e6,
  usual: 0,
  unit: 'bytes',
  sent: 4e6,
  received: 0,
  sure: 0.8,
  learning: false,
  detail: null,
  direction: 'out',
  times: 1,
  state: 'open',
  destination: null,
  bytes: 0,
  peak: 0,
  isOver: true,
  destinations: [],
  decided: null,
  message: 'Hall camera sent 4.0 MB',
  advice: ['Look whether somebody was there.'],
}
const PASSWORD = 'a-secret-of-the-broker'

class Clearing implements ClearingStore {
  disk = '[]'

  load(): string[] {
    return JSON.parse(this.disk) as string[]
  }

  save(numbers: readonly string[]): Promise<void> {
    this.disk = JSON.stringify(numbers)
    return Promise.resolve()
  }
}

const settings = (port: number, more: Partial<MqttSettings> = {}): MqttSettings => ({
  host: '127.0.0.1',
  port,
  tls: false,
  authority: '',
  user: '',
  password: '',
  privateAddresses: true,
  discovery: 'homeassistant',
  identity: 'by-chance',
  ...more,
})

describe('what Home Assistant is told', () => {
  const topics = topicsOf('homeassistant', 'by-chance')

  it('is one device with three sensors and a binary sensor that read one state', () => {
    const configs = configMessages(topics, DEVICE)
    expect(configs.map(({ topic }) => topic.replace(/[0-9a-f]{16}/, 'N'))).toEqual([
      'homeassistant/sensor/telltale_N/sent_today/config',
      'homeassistant/sensor/telltale_N/rate_up/config',
      'homeassistant/sensor/telltale_N/last_event/config',
      'homeassistant/binary_sensor/telltale_N/alert/config',
    ])
    const parsed = configs.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>)
    const state = stateMessage(topics, DEVICE)
    expect(parsed.every((config) => config['state_topic'] === state.topic)).toBe(true)
    expect(new Set(parsed.map((config) => JSON.stringify(config['device']))).size).toBe(1)
    expect(new Set(parsed.map((config) => config['unique_id'])).size).toBe(4)
    expect(parsed[0]).toMatchObject({
      device_class: 'data_size',
      unit_of_measurement: 'B',
      state_class: 'total_increasing',
      device: { name: 'Hall camera', manufacturer: 'Amazon', model: 'camera' },
    })
    expect(JSON.parse(state.payload)).toEqual({
      sent_today: 4_200_000,
      rate_up: 1_250,
      last_event: '143 kB to Ring',
      alert: 'OFF',
    })
  })

  it('holds no MAC, and no other installation has the same numbers', () => {
    expect(JSON.stringify(configMessages(topics, DEVICE))).not.toMatch(/b4:?b2:?f5/i)
    expect(stateMessage(topics, DEVICE).topic).not.toBe(
      stateMessage(topicsOf('homeassistant', 'another'), DEVICE).topic,
    )
  })

  it('takes no harm from names, ids and events off the network', () => {
    const plain = configMessages(topics, DEVICE).map(({ payload }) => Object.keys(JSON.parse(payload) as object))
    for (const text of [...HOSTILE_NAMES, '#', '+/+', `${'x'.repeat(9_000)}`, '😀'.repeat(200), '{{ states }}']) {
      const hostile = { ...DEVICE, id: text, name: text, vendor: text, kind: text, lastEvent: text }
      const configs = configMessages(topics, hostile)
      expect(configs.map(({ payload }) => Object.keys(JSON.parse(payload) as object))).toEqual(plain)
      for (const { topic, payload } of [...configs, stateMessage(topics, hostile)]) {
        expect(topic).toMatch(/^[a-z0-9_]+(\/[a-z0-9_]+)+$/)
        expect(payload.length).toBeLessThan(1_500)
        expect(payload).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
        const { value_template: template = '' } = JSON.parse(payload) as { value_template?: string }
        expect(template).toMatch(/^(\{\{ value_json\.[a-z_]+ \}\})?$/)
      }
      expect(
        [...(JSON.parse(stateMessage(topics, hostile).payload) as { last_event: string }).last_event].length,
      ).toBeLessThanOrEqual(255)
    }
  })
})

describe('without a connection', () => {
  it('goes to no private address, and unencrypted to none on the internet', async () => {
    const send = (more: Partial<MqttSettings>) =>
      new MqttChannel(settings(1, more), new Clearing()).send(notificationOf(ALERT))
    expect(await send({ privateAddresses: false })).toMatchObject({
      done: false,
      again: false,
      reason: expect.stringContaining('allow private addresses') as string,
    })
    expect(await send({ privateAddresses: false, host: 'localhost' })).toMatchObject({ done: false, again: false })
    expect(await send({ host: '8.8.8.8' })).toMatchObject({
      done: false,
      again: false,
      reason: expect.stringContaining('TLS') as string,
    })
    expect(await send({ host: '127.0.0.1' })).toMatchObject({ done: false, again: true })
  })

  it('tries to tell of devices ever more rarely, and never throws', async () => {
    let now = 0
    const reasons: (string | null)[] = []
    const channel = new MqttChannel(
      settings(1),
      new Clearing(),
      () => now,
      (reason) => reasons.push(reason),
    )
    for (now = 0; now < 600_000; now += 1_000) await channel.update([DEVICE])
    expect(new Set(reasons)).toEqual(new Set(['MQTT: the broker cannot be reached at the moment']))
    expect(reasons.length).toBeLessThan(9)
  })
})

if (MOSQUITTO === null) console.log(NO_MOSQUITTO)

describe.skipIf(MOSQUITTO === null)('at a real broker', () => {
  let broker: Mosquitto
  let channels: MqttChannel[] = []
  let port = 0
  const start = async (more?: (folder: string) => string): Promise<void> => {
    broker = new Mosquitto(port, more)
    await broker.start()
  }
  const channel = (
    more: Partial<MqttSettings> = {},
    clearing = new Clearing(),
    report: (reason: string | null) => void = () => undefined,
  ): MqttChannel => {
    const made = new MqttChannel(settings(port, more), clearing, () => 0, report)
    channels.push(made)
    return made
  }
  beforeEach(async () => {
    port = await freePort()
    channels = []
  })
  afterEach(async () => {
    for (const one of channels) await one.stop()
    await broker.remove()
  })

  it('an alert arrives, once and not retained', async () => {
    await start()
    const listener = await Listener.at(port)
    expect(await channel().send(notificationOf(ALERT))).toEqual({ done: true })
    const text = await listener.until(({ topic }) => topic.endsWith('/alert'))
    expect(JSON.parse(text)).toMatchObject({ id: 'alert-1-1000', title: 'Telltale', alert: { kind: 'quiet-hours' } })
    expect([...(await Listener.retainedAt(port)).keys()].filter((topic) => topic.endsWith('/alert'))).toEqual([])
    expect(listener.heard.filter(({ topic }) => topic.endsWith('/alert'))).toHaveLength(1)
    await listener.close()
  })

  it('devices stay for those who come later, and only what changed is told again', async () => {
    await start()
    const one = channel()
    await one.update([DEVICE])
    const retained = await Listener.retainedAt(port)
    expect([...retained.keys()].filter((topic) => topic.endsWith('/config'))).toHaveLength(4)
    const config = JSON.parse([...retained].find(([topic]) => topic.endsWith('/alert/config'))?.[1] ?? '') as Record<
      string,
      string
    >
    expect(retained.get(config['availability_topic'])).toBe('online')
    expect(JSON.parse(retained.get(config['state_topic']) ?? '')).toMatchObject({ alert: 'OFF' })
    const listener = await Listener.at(port)
    await listener.until(({ topic }) => topic === config['state_topic'])
    const before = new Set(listener.heard)
    await one.update([{ ...DEVICE, alert: true }])
    await listener.until(({ topic, text }) => topic === config['state_topic'] && text.includes('"ON"'))
    expect(
      listener.heard.filter((message) => !before.has(message) && !message.retained).map(({ topic }) => topic),
    ).toEqual([config['state_topic']])
    await one.stop()
    expect((await Listener.retainedAt(port)).get(config['availability_topic'])).toBe('offline')
    await listener.close()
  })

  it('tells everything again to a broker that lost it, and of no more devices than its cap', async () => {
    await start()
    const one = channel()
    await one.update([DEVICE])
    await broker.stop()
    await broker.start()
    expect((await Listener.retainedAt(port)).size).toBe(0)
    // The loss is seen with the next message at the latest.
    for (let turn = 0; turn < 3 && (await Listener.retainedAt(port)).size === 0; turn++) await one.update([DEVICE])
    expect((await Listener.retainedAt(port)).size).toBe(6)
    await one.update(
      Array.from({ length: MAX_DEVICES + 20 }, (_unused, index) => ({ ...DEVICE, id: `device-${index}` })),
    )
    expect([...(await Listener.retainedAt(port)).keys()].filter((topic) => topic.endsWith('/state'))).toHaveLength(
      MAX_DEVICES + 1,
    )
  })

  it('leaves nothing of a forgotten device, though the broker was away and Telltale was started again', async () => {
    await start()
    const clearing = new Clearing()
    const one = channel({}, clearing)
    await one.update([DEVICE, { ...DEVICE, id: 'other' }])
    await one.clear([one.numberOf(MAC)])
    expect((await Listener.retainedAt(port)).size).toBe(6)
    expect(clearing.disk).toBe('[]')

    const away = channel({ host: '127.0.0.1', port: await freePort() }, clearing)
    await away.clear([away.numberOf('other')])
    expect(clearing.load()).toHaveLength(1)
    expect(clearing.disk).not.toContain('other')
    const next = channel({}, clearing)
    await next.update([])
    expect([...(await Listener.retainedAt(port)).keys()]).toEqual([expect.stringMatching(/availability$/)])
    expect(clearing.disk).toBe('[]')
  })

  it('asks for user and password where the broker does, and names neither when refused', async () => {
    await start((folder) => {
      const file = join(folder, 'passwords')
      writeFileSync(file, '')
      spawnSync('mosquitto_passwd', ['-b', file, 'telltale', PASSWORD])
      return `allow_anonymous false\npassword_file ${file}`
    })
    expect(await channel({ user: 'telltale', password: PASSWORD }).send(notificationOf(ALERT))).toEqual({ done: true })
    const reasons: (string | null)[] = []
    const wrong = channel({ user: 'telltale', password: `${PASSWORD}-wrong` }, new Clearing(), (reason) =>
      reasons.push(reason),
    )
    const refused = await wrong.send(notificationOf(ALERT))
    await wrong.update([DEVICE])
    expect(refused).toEqual({ done: false, again: false, reason: 'MQTT: the broker refuses user or password' })
    expect(reasons).toEqual(['MQTT: the broker refuses user or password'])
  })

  it('speaks TLS, and only to a certificate that it trusts', async ({ skip }) => {
    await start((folder) =>
      makeCertificate(folder)
        ? `allow_anonymous true\ncertfile ${folder}/certificate.pem\nkeyfile ${folder}/key.pem`
        : 'allow_anonymous true',
    )
    let authority = ''
    try {
      authority = readFileSync(join(broker.folder, 'certificate.pem'), 'utf8')
    } catch {
      console.log('no openssl on this machine: TLS to a broker is not tried')
      skip()
    }
    expect(await channel({ tls: true, authority }).send(notificationOf(ALERT))).toEqual({ done: true })
    expect(await channel({ tls: true }).send(notificationOf(ALERT))).toMatchObject({
      done: false,
      reason: expect.stringContaining('certificate') as string,
    })
    expect(await channel({ tls: true, authority, host: 'localhost' }).send(notificationOf(ALERT))).toMatchObject({
      done: false,
      reason: expect.stringContaining('certificate') as string,
    })
  })
})
