// The ntfy channel: alerts on a phone.
import { secret, text } from '../../model/setting-fields.ts'
import { type Channel, defineChannel, type AlertNotification, privateAddresses } from '../channel.ts'
import { post } from '../http-post.ts'

export const ntfy = defineChannel({
  name: 'ntfy',
  label: 'ntfy',
  title: 'Tell a phone (ntfy)',
  fields: {
    server: text('Server', 'Such as https://ntfy.sh, or your own. Empty: off.', 500, 'web-address'),
    topic: secret('Topic', 'Whoever knows it can read along.'),
    token: secret('Access token', 'Empty where the server asks for none.'),
    privateAddresses,
  },
  needs: ['server', 'topic'],
  replaces: true,
  updates: true,
  showsDevices: false,
  create: ntfyChannel,
})

interface NtfySettings {
  /** Server, such as https://ntfy.example. */
  server: string
  /** Whoever knows the topic can read it: it is a secret. */
  topic: string
  /** Access token; empty where the server asks for none. */
  token: string
  privateAddresses: boolean
}

/**
 * ntfy's JSON publishing: https://docs.ntfy.sh/publish/#publish-as-json. Messages with the same `sequence_id` take the
 * place of each other since server 2.16; an older server shows each of them.
 */
function ntfyChannel({ server, topic, token, privateAddresses }: NtfySettings): Channel {
  return {
    name: 'ntfy',
    send: ({ id, title, text }: AlertNotification) =>
      post({
        name: 'ntfy',
        url: server,
        allowPrivate: privateAddresses,
        body: JSON.stringify({ topic, title, message: text, tags: ['eyes'], sequence_id: id }),
        headers: { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
      }),
  }
}
