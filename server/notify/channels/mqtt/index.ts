// The MQTT channel: its settings and what it can do.
import { X509Certificate } from 'node:crypto'
import { number, secret, text, yesNo } from '../../../model/setting-fields.ts'
import { defineChannel, privateAddresses } from '../../channel.ts'
import { MqttChannel } from './channel.ts'
import { isTopicPrefix } from './home-assistant.ts'

export const mqtt = defineChannel({
  name: 'mqtt',
  label: 'MQTT',
  title: 'Tell Home Assistant (MQTT)',
  fields: {
    host: text(
      'Broker',
      'Name or address. Empty: off. Alerts are published there, and each device appears in Home Assistant.',
      255,
    ),
    port: number('Port', '1883 is usual without TLS, 8883 with.', 1883, 1, 65_535),
    user: text('User', 'Empty where the broker asks for none.', 255),
    password: secret('Password', 'Kept in the settings file of this machine.'),
    tls: yesNo('Encrypted (TLS)', 'Without it only a broker at home is spoken to.', false),
    authority: text(
      'Certificate to trust',
      'The text of a PEM file, for a broker with a certificate of its own. Empty: what browsers trust.',
      20_000,
      'certificate',
    ),
    discovery: text(
      "Home Assistant's discovery prefix",
      'Under which devices are announced. Empty: alerts only, no devices.',
      60,
      'topic',
      'homeassistant',
    ),
    privateAddresses,
  },
  needs: ['host'],
  formats: {
    certificate: {
      words: 'a certificate as text, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, or empty',
      fits: isCertificate,
      mayBeEmpty: true,
    },
    topic: {
      words: 'a topic such as homeassistant: letters, digits, - and _, parts divided by /, or empty',
      fits: isTopicPrefix,
      mayBeEmpty: true,
    },
  },
  replaces: true,
  updates: true,
  showsDevices: true,
  place: ({ host, port, discovery }) => JSON.stringify([host, port, discovery]),
  create: (settings, { identity, clearing, now, report }) =>
    new MqttChannel({ ...settings, identity }, clearing, now, report),
})

/** One or more, in PEM (RFC 7468). A private key beside it is no business of ours. */
function isCertificate(value: string): boolean {
  try {
    return !value.includes('PRIVATE KEY') && new X509Certificate(value).raw.length > 0
  } catch {
    return false
  }
}
