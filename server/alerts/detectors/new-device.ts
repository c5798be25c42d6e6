// Alert: a device that was never here before.
import { isIPv6 } from 'node:net'
import * as Type from 'typebox'
import { yesNo } from '../../model/setting-fields.ts'
import { defineDetector, type NewDeviceSample } from '../detector.ts'
import type { Found } from '../found.ts'

/** The engine itself knows the devices of the home: nothing else is to be remembered. */
const schema = Type.Object({})

/**
 * What comes beyond the devices that are remembered is a flood, which has an alert of its own. An IPv6 address without
 * a MAC is no device: most devices take a new one each day.
 */
function detect(_memory: object, { second, device, isLearning, isRemembered }: NewDeviceSample): Found | null {
  if (isLearning || !isRemembered || isIPv6(device.id)) return null
  return {
    from: second,
    to: second,
    seen: 1,
    usual: 0,
    unit: 'devices',
    sent: 0,
    received: 0,
    sure: 0.9,
    learning: false,
    detail: device.kind === 'unknown' ? null : device.kind,
  }
}

export const newDevice = defineDetector({
  kind: 'new-device',
  settings: {
    on: 'newDevice',
    fields: { newDevice: yesNo('New devices', 'A device that was never here before.', true) },
    read: () => ({}),
  },
  memory: { scope: 'home', key: 'new-device', schema, fresh: () => ({}) },
  streams: { newDevice: detect },
  words: {
    en: {
      title: 'New device',
      sentence: ({ detail }, who) =>
        `${who} is new in the home${detail === null ? '' : ` and seems to be a ${detail}`}`,
      advice: ["Give it a name if it is yours or a guest's.", 'If nobody knows it, change the password of your Wi-Fi.'],
    },
  },
  dryRun: 'hour',
  isInSample: false,
  isShownWhileLearning: false,
  group: null,
})
