// How does an alert reach a phone through ntfy?
import type { Channel, AlertNotification } from './channel.ts'
import { post } from './http-post.ts'

export interface NtfySettings {
  /** Server, such as https://ntfy.example. */
  server: string
  /** Whoever knows the topic can read it: it is a secret. */
  topic: string
  /** Access token; empty where the server asks for none. */
  token: string
  allowPrivate: boolean
}

/**
 * ntfy's JSON publishing: https://docs.ntfy.sh/publish/#publish-as-json. Sequences of one alert replace each other by
 * their id.
 */
export function ntfyChannel({ server, topic, token, allowPrivate }: NtfySettings): Channel {
  return {
    name: 'ntfy',
    send: ({ title, text }: AlertNotification) =>
      post({
        name: 'ntfy',
        url: server,
        allowPrivate,
        body: JSON.stringify({ topic, title, message: text, tags: ['eyes'] }),
        headers: { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
      }),
  }
}
