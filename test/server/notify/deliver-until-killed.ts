// A process that delivers what waits in a queue's file, until it is killed, and says what happens.
import { writeSync } from 'node:fs'
import type { Channel, AlertNotification } from '../../../server/notify/channel.ts'
import { emailChannel, type EmailSettings } from '../../../server/notify/email.ts'
import { MqttChannel, type MqttSettings } from '../../../server/notify/mqtt.ts'
import { ntfyChannel, type NtfySettings } from '../../../server/notify/ntfy.ts'
import { openClearingFile, openQueueFile } from '../../../server/notify/queue-file.ts'
import { NotificationQueue, type Clock } from '../../../server/notify/queue.ts'
import { webhookChannel, type WebhookSettings } from '../../../server/notify/webhook.ts'

export type ChannelPlan =
  | { kind: 'webhook'; settings: WebhookSettings }
  | { kind: 'ntfy'; settings: NtfySettings }
  | { kind: 'e-mail'; settings: EmailSettings }
  | { kind: 'MQTT'; settings: MqttSettings }

export interface DeliveryPlan {
  folder: string
  channel: ChannelPlan
  notifications: AlertNotification[]
}

async function open({ kind, settings }: ChannelPlan, folder: string): Promise<Channel> {
  switch (kind) {
    case 'webhook':
      return webhookChannel(settings)
    case 'ntfy':
      return ntfyChannel(settings)
    case 'e-mail':
      return emailChannel(settings)
    case 'MQTT':
      return new MqttChannel(settings, await openClearingFile(`${folder}/clearing.json`))
  }
}

const clock: Clock = {
  now: Date.now,
  after: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds)
    return () => clearTimeout(timer)
  },
}
const say = (text: string): void => void writeSync(1, `${text}\n`)

const { folder, channel, notifications } = JSON.parse(process.argv[2] as string) as DeliveryPlan
const file = await openQueueFile(`${folder}/queue.json`)
const store = {
  load: () => file.load(),
  save: async (waiting: Parameters<typeof file.save>[0]) => {
    await file.save(waiting)
    say(`waiting ${waiting.length}`)
  },
}
const queue = new NotificationQueue(await open(channel, folder), store, clock, (reason) => say(reason ?? 'delivered'), {
  first: 40,
  longest: 160,
})
say(`waiting ${queue.length}`)
for (const notification of notifications) await queue.add(notification)
queue.start()
// A listener keeps a process alive that has nothing left to deliver: it is there to be killed.
setInterval(() => undefined, 60_000)
