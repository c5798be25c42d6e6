// A process that delivers through the channels of its settings with the service's own file of state, until it is
// killed, and prints what happens.
import { writeSync } from 'node:fs'
import type { WordedAlert } from '../../../server/alerts/alert.ts'
import { defaults } from '../../../server/settings/settings.ts'
import { createLog } from '../../../server/log.ts'
import type { ChannelName } from '../../../server/notify/channels/index.ts'
import type { Clock } from '../../../server/notify/queue.ts'
import { noChannelState, readChannelState } from '../../../server/app/channel-state.ts'
import { Channels } from '../../../server/app/channels.ts'
import { openStateFile } from '../../../server/store/state-file.ts'
import type { Settings } from '../../../server/settings/schema.ts'

export interface DeliveryPlan {
  folder: string
  channel: ChannelName
  /** Of that channel; the others are at their default. */
  section: Partial<Settings[ChannelName]>
  alerts: WordedAlert[]
}

const clock: Clock = {
  now: Date.now,
  after: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds)
    return () => clearTimeout(timer)
  },
}
const print = (text: string): void => void writeSync(1, `${text}\n`)

const { folder, channel, section, alerts } = JSON.parse(process.argv[2]) as DeliveryPlan
const settings = defaults()
Object.assign(settings[channel], section)
const file = await openStateFile(`${folder}/channels.json`, noChannelState(), readChannelState, print)
const printWaiting = (): void => {
  const waiting = file.data.waiting[channel] ?? []
  print(`waiting ${waiting.length} attempts ${waiting[0]?.attempts ?? 0}`)
}
const channels = new Channels({
  kept: {
    data: file.data,
    save: async () => {
      await file.save()
      printWaiting()
    },
    change: (work) => file.change(work),
    purge: () => file.purge(),
  },
  settings: () => settings,
  timeZone: () => 'UTC',
  clock,
  log: createLog('text', print),
  devices: () => Promise.resolve(null),
  pauses: { first: 40, longest: 160 },
})
printWaiting()
await channels.apply()
for (const alert of alerts) await channels.emit(alert)
print('ready')
// A listener keeps a process alive that has nothing left to deliver: it is there to be killed.
setInterval(() => undefined, 60_000)
