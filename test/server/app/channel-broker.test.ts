// A device that is forgotten during an update is not published to the broker again.
import { expect, test } from 'vitest'
import type { HomeDevice } from '../../../server/notify/home-device.ts'
import type { Clock } from '../../../server/notify/queue.ts'
import { BrokerDevices } from '../../../server/app/channel-broker.ts'
import { noChannelState } from '../../../server/app/channel-state.ts'

const device = (id: string): HomeDevice => ({
  id,
  name: id,
  vendor: null,
  kind: null,
  sentToday: 1,
  rateUp: 0,
  lastEvent: null,
  alert: false,
})
const settle = (): Promise<void> => new Promise((done) => setImmediate(done))

/** A brokerDevices whose every step waits to be let through, and what the broker has. */
function bench(): {
  brokerDevices: BrokerDevices
  broker: Set<string>
  due: (() => void)[]
  answer: (devices: HomeDevice[]) => void
  saved: () => void
} {
  const broker = new Set<string>()
  const due: (() => void)[] = []
  let answer = (_devices: HomeDevice[]): void => undefined
  let saved = (): void => undefined
  const clock: Clock = {
    now: () => 0,
    after: (_milliseconds, call) => {
      due.push(call)
      return () => void due.splice(due.indexOf(call), 1)
    },
  }
  const state = noChannelState().mqtt
  const save = (): Promise<void> => new Promise((done) => (saved = done))
  const channel = {
    numberOf: (id: string) => id,
    clear: (numbers: readonly string[]) => {
      for (const number of numbers) broker.delete(number)
      return Promise.resolve()
    },
    update: (devices: readonly HomeDevice[]) => {
      for (const { id } of devices) broker.add(id)
      return Promise.resolve()
    },
    stop: () => Promise.resolve(),
  }
  const brokerDevices = new BrokerDevices({
    channel,
    state,
    save,
    clock,
    devices: () => new Promise((done) => (answer = done)),
  })
  return { brokerDevices, broker, due, answer: (devices) => answer(devices), saved: () => saved() }
}

test.each(['while the traffic history is queried', 'while it is written down who is at the broker'])(
  'a device forgotten %s stays forgotten',
  async (when) => {
    const { brokerDevices, broker, due, answer, saved } = bench()
    brokerDevices.start()
    due.shift()?.()
    const forgetNow = async (): Promise<void> => {
      await brokerDevices.forget(['camera'])
    }
    if (when.includes('queried')) await forgetNow()
    answer([device('camera'), device('plug')])
    await settle()
    if (!when.includes('queried')) await forgetNow()
    saved()
    await settle()
    expect([...broker]).toEqual(['plug'])
  },
)

test('a device that came back after it was forgotten is told again', async () => {
  const { brokerDevices, broker, due, answer, saved } = bench()
  brokerDevices.start()
  due.shift()?.()
  await brokerDevices.forget(['camera'])
  answer([])
  await settle()
  due.shift()?.()
  answer([device('camera')])
  await settle()
  saved()
  await settle()
  expect([...broker]).toEqual(['camera'])
})

test('a device that is merged into another or gone leaves the broker', async () => {
  const { brokerDevices, broker, due, answer, saved } = bench()
  for (const devices of [[device('camera'), device('plug')], [device('plug')]]) {
    if (due.length === 0) brokerDevices.start()
    due.shift()?.()
    answer(devices)
    await settle()
    saved()
    await settle()
  }
  expect([...broker]).toEqual(['plug'])
})
