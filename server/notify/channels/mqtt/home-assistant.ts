// The retained messages that make a device of this home appear in Home Assistant.
//
// MQTT discovery: https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery. One device there per device at home,
// with three sensors and one binary sensor that read one state message.
import { type HomeDevice, numberOf } from '../../home-device.ts'

export interface Retained {
  topic: string
  /** Empty: the broker forgets the topic. */
  payload: string
}

/** Where messages go, and the key of the names in them. */
export interface Topics {
  /** Home Assistant's own, unless it was changed there: "homeassistant". */
  discovery: string
  /** Ours: "telltale/" and this installation's number. */
  base: string
  /** Made once, by chance: keys the hash, so that no MAC address can be guessed from a topic. */
  identity: string
}

/** Home Assistant takes no longer state. */
const LONGEST_STATE = 255
const LONGEST_NAME = 63

type Component = 'sensor' | 'binary_sensor'

interface Entity {
  component: Component
  object: string
  /** The discovery message for Home Assistant; templates are ours alone, text off the network is only ever data. */
  config: Record<string, string>
}

const ENTITIES: readonly Entity[] = [
  {
    component: 'sensor',
    object: 'sent_today',
    config: {
      name: 'Sent today',
      device_class: 'data_size',
      unit_of_measurement: 'B',
      state_class: 'total_increasing',
      value_template: '{{ value_json.sent_today }}',
    },
  },
  {
    component: 'sensor',
    object: 'rate_up',
    config: {
      name: 'Rate up',
      device_class: 'data_rate',
      unit_of_measurement: 'B/s',
      state_class: 'measurement',
      value_template: '{{ value_json.rate_up }}',
    },
  },
  {
    component: 'sensor',
    object: 'last_event',
    config: { name: 'Last event', icon: 'mdi:message-text-clock', value_template: '{{ value_json.last_event }}' },
  },
  {
    component: 'binary_sensor',
    object: 'alert',
    config: {
      name: 'Alert',
      device_class: 'problem',
      payload_on: 'ON',
      payload_off: 'OFF',
      value_template: '{{ value_json.alert }}',
    },
  },
]

export function topicsOf(discovery: string, identity: string): Topics {
  return { discovery, base: `telltale/${numberOf(identity, 'this installation')}`, identity }
}

/** Wildcards and empty levels are no place to write to (MQTT 3.1.1, section 4.7). */
export function isTopicPrefix(text: string): boolean {
  return /^[\w-]+(\/[\w-]+)*$/.test(text)
}

export function availabilityTopic({ base }: Topics): string {
  return `${base}/availability`
}

/** Discovery of the device's four entities. Told again only where it changed. */
export function configMessages(topics: Topics, device: HomeDevice): Retained[] {
  const number = numberOf(topics.identity, device.id)
  const name = plainLine(device.name) || `Device ${number.slice(0, 4)}`
  const maker = plainLine(device.vendor)
  const model = plainLine(device.kind)
  const about = {
    identifiers: [`telltale_${number}`],
    name,
    ...(maker === '' ? {} : { manufacturer: maker }),
    ...(model === '' ? {} : { model }),
  }
  return ENTITIES.map((entity) => ({
    topic: configTopic(topics, number, entity),
    payload: JSON.stringify({
      ...entity.config,
      unique_id: `telltale_${number}_${entity.object}`,
      state_topic: stateTopic(topics, number),
      availability_topic: availabilityTopic(topics),
      device: about,
      origin: { name: 'Telltale' },
    }),
  }))
}

export function stateMessage(topics: Topics, device: HomeDevice): Retained {
  const { id, sentToday, rateUp, lastEvent, alert } = device
  const state = {
    sent_today: Math.round(sentToday),
    rate_up: Math.round(rateUp),
    last_event: plainLine(lastEvent, LONGEST_STATE) || 'none yet',
    alert: alert ? 'ON' : 'OFF',
  }
  return { topic: stateTopic(topics, numberOf(topics.identity, id)), payload: JSON.stringify(state) }
}

/** Empties every retained topic of the device with this number. */
export function clearingMessages(topics: Topics, number: string): Retained[] {
  return [...ENTITIES.map((entity) => configTopic(topics, number, entity)), stateTopic(topics, number)].map(
    (topic) => ({ topic, payload: '' }),
  )
}

function configTopic({ discovery }: Topics, number: string, { component, object }: Entity): string {
  return `${discovery}/${component}/telltale_${number}/${object}/config`
}

function stateTopic({ base }: Topics, number: string): string {
  return `${base}/${number}/state`
}

/**
 * Text off the network as one line of so many characters: nothing in it controls, hides or turns round what stands
 * beside it.
 */
function plainLine(text: string | null, longest: number = LONGEST_NAME): string {
  const line = (text ?? '')
    .slice(0, 4 * longest)
    .replace(/[\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/[\p{C}\ufffd]/gu, '')
  return [...line.trim()].slice(0, longest).join('')
}
