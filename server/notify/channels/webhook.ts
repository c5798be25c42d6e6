// The webhook channel: alerts posted to the owner's own program over HTTP.
import { createHmac } from 'node:crypto'
import { secret } from '../../model/setting-fields.ts'
import { type Channel, defineChannel, type AlertNotification, privateAddresses } from '../channel.ts'
import { post } from '../http-post.ts'
import { messageId } from '../notice-id.ts'

export const webhook = defineChannel({
  name: 'webhook',
  label: 'webhook',
  title: 'Tell a program (webhook)',
  fields: {
    url: secret(
      'Address',
      'Alerts are posted here as JSON. Empty: off. Alerts of the sample home and of recordings are never sent.',
      'web-address',
    ),
    secret: secret('Secret', 'Shared with the receiver: each message is signed with it (HMAC-SHA256).'),
    privateAddresses,
  },
  needs: ['url'],
  replaces: true,
  updates: true,
  showsDevices: false,
  create: (settings, { now }) => webhookChannel(settings, now),
})

interface WebhookSettings {
  url: string
  /** Shared with the receiver; empty: not signed. */
  secret: string
  privateAddresses: boolean
}

/**
 * Posts the notification as JSON: its `id` is the same in all messages of an incident, header x-telltale-id in
 * repetitions of one message only. Header x-telltale-signature is `sha256=` and the hex HMAC-SHA256 of
 * "<x-telltale-timestamp>.<body>" with the shared secret; a receiver should refuse old timestamps.
 */
function webhookChannel({ url, secret, privateAddresses }: WebhookSettings, now: () => number): Channel {
  return {
    name: 'webhook',
    send: (notification: AlertNotification) => {
      const body = JSON.stringify(notification)
      const timestamp = String(Math.floor(now() / 1000))
      const signature: Record<string, string> =
        secret === ''
          ? {}
          : { 'x-telltale-timestamp': timestamp, 'x-telltale-signature': `sha256=${sign(secret, timestamp, body)}` }
      return post({
        name: 'webhook',
        url,
        allowPrivate: privateAddresses,
        body,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'telltale',
          'x-telltale-id': messageId(notification),
          ...signature,
        },
      })
    },
  }
}

function sign(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
}
