// How does an alert reach the owner's own program over HTTP?
import { createHmac } from 'node:crypto'
import type { Channel, AlertNotification } from './channel.ts'
import { post } from './http-post.ts'

export interface WebhookSettings {
  url: string
  /** Shared with the receiver; empty: not signed. */
  secret: string
  allowPrivate: boolean
}

/**
 * Posts `{ id, alert, title, text }` as JSON. Header x-telltale-signature is `sha256=` and the hex HMAC-SHA256 of
 * "<x-telltale-timestamp>.<body>" with the shared secret; a receiver should refuse old timestamps.
 */
export function webhookChannel({ url, secret, allowPrivate }: WebhookSettings, now: () => number = Date.now): Channel {
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
        allowPrivate,
        body,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'telltale',
          'x-telltale-id': notification.id,
          ...signature,
        },
      })
    },
  }
}

export function sign(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
}
