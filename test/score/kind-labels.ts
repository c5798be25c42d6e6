// Labels of the devices in public data sets, by the names of their folders and files.
import type { Kind } from '../../server/rules/types.ts'

export interface DeviceLabel {
  /** What the table calls it. */
  device: string
  /** Of the capture's path. */
  path: RegExp
  /** Part of its MAC maker's registered name; absent: the device of a known maker that moved the most. */
  macMaker?: RegExp
  /** Parts of the vendors that are right, in small letters. */
  makers: string[]
  /** Kinds that are right. */
  kinds: Kind[]
}

/** A capture of IoT Sentinel (andypitcher/IoT_Sentinel): one folder for each device. */
function sentinel(folder: string, macMaker: RegExp, makers: string[], kinds: Kind[]): DeviceLabel {
  return { device: folder, path: new RegExp(`IoT[_-]Sentinel/${folder}/`), macMaker, makers, kinds }
}

const D_LINK = /D-Link/i
const EDIMAX = /Edimax/i
const BELKIN = /Belkin/i

export const LABELS: readonly DeviceLabel[] = [
  sentinel('Aria', /Delta Electronics|Fitbit/, ['fitbit'], ['health']),
  sentinel('D-LinkCam', D_LINK, ['d-link'], ['camera']),
  sentinel('D-LinkDayCam', D_LINK, ['d-link'], ['camera']),
  // The sensors speak Z-Wave: what is on the network is their hub.
  sentinel('D-LinkDoorSensor', D_LINK, ['d-link'], ['hub']),
  sentinel('D-LinkHomeHub', D_LINK, ['d-link'], ['hub']),
  sentinel('D-LinkSensor', D_LINK, ['d-link'], ['sensor']),
  sentinel('D-LinkSiren', D_LINK, ['d-link'], ['sensor']),
  sentinel('D-LinkSwitch', D_LINK, ['d-link'], ['plug']),
  sentinel('D-LinkWaterSensor', D_LINK, ['d-link'], ['sensor']),
  sentinel('EdimaxCam[12]?', EDIMAX, ['edimax'], ['camera']),
  sentinel('EdimaxPlug[0-9]+W', EDIMAX, ['edimax'], ['plug']),
  sentinel('EdnetCam[12]?', /ASSMANN|Ednet/i, ['ednet', 'assmann'], ['camera']),
  sentinel('EdnetGateway', /Hi-flying/i, ['ednet', 'assmann'], ['hub']),
  sentinel('HomeMaticPlug', /eQ-3/i, ['homematic', 'eq-3'], ['plug', 'hub']),
  sentinel('HueBridge', /Philips|Signify/i, ['philips', 'hue', 'signify'], ['hub']),
  sentinel('HueSwitch', /Philips|Signify/i, ['philips', 'hue', 'signify'], ['hub']),
  sentinel('iKettle2', /Espressif|GainSpan|Smarter/i, ['smarter'], ['appliance']),
  sentinel('Lightify', /Osram/i, ['osram', 'ledvance'], ['hub']),
  sentinel('MAXGateway', /eQ-3/i, ['homematic', 'eq-3', 'max'], ['hub']),
  sentinel('SmarterCoffee', /Espressif|GainSpan|Smarter/i, ['smarter'], ['appliance']),
  sentinel('TP-LinkPlugHS1[01]0', /TP-Link/i, ['tp-link'], ['plug']),
  sentinel('WeMoInsightSwitch', BELKIN, ['belkin'], ['plug']),
  sentinel('WeMoLink', BELKIN, ['belkin'], ['hub']),
  sentinel('WeMoSwitch2?', BELKIN, ['belkin'], ['plug', 'switch']),
  sentinel('Withings', /Withings/i, ['withings'], ['health']),
  {
    device: 'Yi camera',
    path: /intl-iot\/model\/yi_camera/,
    macMaker: /Zowee|Xiaoyi/i,
    makers: ['yi'],
    kinds: ['camera'],
  },
  {
    device: 'Xiaobai camera',
    path: /xiaobai_Y2camera/,
    macMaker: /Imilab/i,
    makers: ['xiaomi', 'imilab'],
    kinds: ['camera'],
  },
  // The plug is switched through a speaker, which is what the captures hold.
  {
    device: 'Xiaodu speaker',
    path: /xiaodu_plug/,
    macMaker: /Xiaodu/i,
    makers: ['xiaodu', 'baidu'],
    kinds: ['speaker', 'display'],
  },
  { device: 'Echo', path: /VCFingerprinting/, macMaker: /Amazon/, makers: ['amazon'], kinds: ['speaker'] },
  { device: 'Echo set up', path: /alexa_recon/, macMaker: /Amazon/, makers: ['amazon'], kinds: ['speaker'] },
  {
    device: 'Google speakers',
    path: /tplink_shp/,
    macMaker: /Google/,
    makers: ['google'],
    kinds: ['speaker', 'display', 'streamer'],
  },
  {
    device: 'Nest thermostat',
    path: /nest_log_sink/,
    macMaker: /Nest Labs/,
    makers: ['nest', 'google'],
    kinds: ['thermostat'],
  },
  {
    device: 'Tuya modules',
    path: /tuya_lp/,
    macMaker: /Espressif|Tuya/,
    makers: ['tuya'],
    kinds: ['plug', 'bulb', 'switch'],
  },
  { device: 'Android phone', path: /nDPI.*\/android\.pcap/, macMaker: /HMD/, makers: ['hmd'], kinds: ['phone'] },
  {
    device: 'iMac',
    path: /nDPI.*\/(android|signal)\.pcap/,
    macMaker: /^Apple/,
    makers: ['apple'],
    kinds: ['computer', 'phone'],
  },
]

/** Devices of BehavIoT (NEU-SNS), of which hosts and periods are known: the beginning of their names. */
export const BEHAVIOT: readonly (readonly [name: RegExp, makers: string[], kinds: Kind[]])[] = [
  [/^amazon-plug/, ['amazon'], ['plug']],
  [/^aqara-hub/, ['aqara', 'lumi'], ['hub']],
  [/^brewer/, ['behmor'], ['appliance']],
  [/^bulb1|^smartlife-bulb|^gosund-bulb/, ['tuya', 'gosund'], ['bulb']],
  [/^dlink-cam/, ['d-link'], ['camera']],
  [/^dlink-mov/, ['d-link'], ['sensor']],
  [/^echoshow|^echospot/, ['amazon'], ['display']],
  [/^echo/, ['amazon'], ['speaker']],
  [/^fridge/, ['samsung'], ['appliance']],
  [/^google-/, ['google'], ['speaker']],
  [/^govee/, ['govee'], ['bulb']],
  [/^homepod/, ['apple'], ['speaker']],
  [/^icsee-doorbell/, ['icsee', 'xiongmai'], ['doorbell']],
  [/^ikea/, ['ikea'], ['hub']],
  [/^ikettle/, ['smarter'], ['appliance']],
  [/^keyco/, ['keyco', 'solu'], ['sensor']],
  [/^lefun/, ['lefun', 'vimtag'], ['camera']],
  [/^magichome/, ['magic'], ['bulb']],
  [/^meross-dooropener/, ['meross'], ['switch']],
  [/^microseven/, ['microseven'], ['camera']],
  [/^microwave/, ['ge'], ['appliance']],
  [/^nest-tstat/, ['nest', 'google'], ['thermostat']],
  [/^ring-camera/, ['ring'], ['camera', 'doorbell']],
  [/^ring-/, ['ring'], ['doorbell']],
  [/^smartthings/, ['smartthings', 'samsung'], ['hub']],
  [/^switchbot/, ['switchbot'], ['hub']],
  [/^t-philips/, ['philips', 'hue', 'signify'], ['hub']],
  [/^t-wemo/, ['belkin', 'wemo'], ['plug']],
  [/^thermopro/, ['thermopro', 'tuya'], ['sensor']],
  [/^tplink-bulb/, ['tp-link'], ['bulb']],
  [/^tplink-plug/, ['tp-link'], ['plug']],
  [/^tuya-camera/, ['tuya'], ['camera']],
  [/^ubell/, ['ubell'], ['doorbell']],
  [/^wink/, ['wink'], ['hub']],
  [/^wyze/, ['wyze'], ['camera']],
  [/^yi-/, ['yi'], ['camera']],
]
