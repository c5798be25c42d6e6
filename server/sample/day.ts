// What happens in the sample home from midnight to midnight.
import { derivedSeed, seededRandom } from './packets/random.ts'
import { advertiseRouter, join, remind } from './announcements.ts'
import { namelessCloud, type Host } from './clouds.ts'
import { MEMBER_IDS, type MemberId } from './household.ts'
import { askTheTime, keepAlive, plainRequest, talk, talkAtHome, type Stage } from './talks.ts'
import {
  both,
  browse,
  call,
  clock,
  END,
  every,
  type Life,
  MEGABYTE,
  MODERN,
  MODERN_TLS,
  near,
  settle,
  spread,
  stream,
  voiceRequest,
} from './routines.ts'

/** The one odd thing of the day: seconds after midnight, and what the garden camera sends then. */
export const INCIDENT = {
  from: 3 * 3600 + 12 * 60 + 7,
  seconds: 12 * 60,
  bytes: 800 * MEGABYTE,
  device: 'camera',
  host: 'archive-7c2.fra1.digitaloceanspaces.com',
  company: 'digitalocean',
} as const

export function playTheDay(stage: Stage): void {
  for (let at = 0.5; at < END; at += 600) advertiseRouter(stage, at)
  MEMBER_IDS.forEach((id, index) => {
    const life: Life = { stage, device: stage.household[id], random: seededRandom(derivedSeed(stage.seed, -1 - index)) }
    LIVES[id](life, index)
  })
  talkAtHome(stage, stage.household.pixel, stage.household.nest, 8009, clock('18:40'), [
    { direction: 'sent', bytes: 24_000 },
    { direction: 'received', bytes: 8_000 },
  ])
  talkAtHome(stage, stage.household.iphone, stage.household.tv, 8002, clock('20:12'), [
    { direction: 'sent', bytes: 6_000 },
    { direction: 'received', bytes: 31_000 },
  ])
}

/** In the order in which the members join, a few seconds apart. */
const LIVES: Record<MemberId, (life: Life, index: number) => void> = {
  router: ({ stage, device }) => remind(stage, device, 0, END, 900),
  echo: (life, index) => {
    settle(life, 2 + index)
    echoLife(life, [
      '06:50',
      '07:05',
      '07:31',
      '08:02',
      '12:40',
      '16:20',
      '17:05',
      '18:12',
      '18:55',
      '19:40',
      '20:30',
      '21:50',
      '22:35',
    ])
    // The news on the radio while getting dressed: 128 kbit/s.
    talk(life.stage, life.device, 'opml.radiotime.com', clock('07:08'), [both(2_000, 9_000)].flat())
    stream(life, 'music.amazon.com', '07:10', 40, 16_000)
    // New firmware in the night.
    talk(life.stage, life.device, 'softwareupdates.amazon.com', clock('02:40'), both(3_100, 5_200))
    talk(life.stage, life.device, 'amzdigitaldownloads.edgesuite.net', clock('02:41'), [
      { direction: 'received', bytes: 48 * MEGABYTE, seconds: 300 },
    ])
  },
  show: (life, index) => {
    settle(life, 2 + index)
    echoLife(life, ['07:20', '07:44', '12:15', '13:05', '17:40', '18:05', '19:10'])
    every(life, 2 * 3600, (at) =>
      talk(life.stage, life.device, 'mmhome-static-content-prod.s3.amazonaws.com', at, both(1_800, 420_000)),
    )
    for (const time of ['07:20', '12:15', '18:05'])
      talk(life.stage, life.device, 'tinytts.amazon.com', clock(time) + 6, both(2_000, 60_000))
  },
  nest: (life, index) => {
    const { stage, device } = life
    settle(life, 2 + index, 240)
    keepAlive(stage, device, 'mtalk.google.com', 12 + index, END, 300, 90, 70, 5228)
    for (const time of ['07:15', '08:10', '16:35', '17:25', '18:30', '19:20', '20:05', '21:15']) {
      talk(stage, device, 'embeddedassistant.googleapis.com', near(life, time), voiceRequest(life), MODERN)
    }
    every(life, 1800, (at) =>
      talk(stage, device, 'play.googleapis.com', at, both(life.random.integer(2_000, 6_000), 900)),
    )
    every(life, 3600, (at) => plainRequest(stage, device, 'clients3.google.com', at))
    every(life, 7200, (at) => askTheTime(stage, device, 'time.google.com', at))
    talk(stage, device, 'gew1-spclient.spotify.com', clock('18:41'), both(8_000, 30_000))
    stream(life, 'audio-fa.scdn.co', '18:41', 50, 20_000)
  },
  camera: (life, index) => {
    const { stage, device, random } = life
    settle(life, 2 + index)
    keepAlive(stage, device, 'wyze-mqtt.wyzecam.com', 12 + index, END, 200, 110, 80, 8443)
    every(life, 3600, (at) => talk(stage, device, 'device-api.wyzecam.com', at, both(1_400, 2_300)))
    every(life, 4 * 3600, (at) => askTheTime(stage, device, '0.pool.ntp.org', at))
    for (const at of spread(life, '06:40', '21:30', 28)) {
      talk(stage, device, 'wyze-mars-prod.wyzecam.com', at, [
        { direction: 'sent', bytes: random.integer(MEGABYTE, 3 * MEGABYTE), seconds: random.integer(8, 20) },
        { direction: 'received', bytes: 700 },
      ])
      talk(stage, device, 'wyze-device-alarm-file.s3.us-west-2.amazonaws.com', at + 3, [
        { direction: 'sent', bytes: random.integer(40_000, 90_000) },
        { direction: 'received', bytes: 480 },
      ])
    }
    // Somebody at work looks whether the garden door is shut.
    talk(stage, device, 'wyze-mars-prod.wyzecam.com', clock('12:31'), [
      { direction: 'sent', bytes: 16 * MEGABYTE, seconds: 180 },
    ])
    talk(stage, device, INCIDENT.host, INCIDENT.from, [
      { direction: 'sent', bytes: INCIDENT.bytes, seconds: INCIDENT.seconds },
    ])
  },
  doorbell: (life, index) => {
    const { stage, device, random } = life
    settle(life, 2 + index)
    keepAlive(stage, device, 'es.ring.com', 12 + index, END, 260, 96, 64)
    every(life, 2 * 3600, (at) => talk(stage, device, 'fw.ring.com', at, both(1_200, 1_900)))
    every(life, 6 * 3600, (at) => askTheTime(stage, device, '2.pool.ntp.org', at))
    const longRing = clock('17:20')
    for (const at of [...spread(life, '07:30', '20:40', 16), longRing]) {
      talk(stage, device, 'api.ring.com', at, both(3_200, 1_400))
      talk(stage, device, 'share-snaps.ring.com', at + 1, [
        { direction: 'sent', bytes: random.integer(70_000, 140_000) },
      ])
      const seconds = at === longRing ? 75 : random.integer(15, 35)
      talk(
        stage,
        device,
        'ec2-203-0-113-9.prd.rings.solutions',
        at + 2,
        [
          { direction: 'sent', bytes: seconds * 120_000, seconds },
          { direction: 'received', bytes: 30_000 },
        ],
        { port: 15_064 },
      )
    }
  },
  tv: (life, index) => {
    const { stage, device } = life
    settle(life, 2 + index, 1200)
    keepAlive(stage, device, 'osb-v1.samsungqbe.com', 12 + index, END, 400, 210, 160)
    every(life, 4 * 3600, (at) => askTheTime(stage, device, 'time.samsungcloudsolution.com', at))
    every(life, 3 * 3600, (at) => talk(stage, device, 'lcprd1.samsungcloudsolution.net', at, both(6_000, 1_500)))
    talk(stage, device, 'otnprd8.samsungcloudsolution.net', clock('04:20'), both(2_100, 6_000))
    televisionOn(life, '16:50', '17:25')
    stream(life, 'rr3---sn-4g5edn6k.googlevideo.com', '16:53', 30, 28_000, MODERN)
    televisionOn(life, '20:10', '22:25')
    talk(stage, device, 'api-global.netflix.com', clock('20:14'), both(14_000, 240_000))
    stream(life, 'ipv4-c012-fra001-ix.1.oca.nflxvideo.net', '20:15', 125, 40_000)
  },
  washer: (life, index) => plugLife(life, index, 'n-devs.tplinkcloud.com', 210),
  heater: (life, index) => plugLife(life, index, 'n-deventry.tplinkcloud.com', 290),
  lamp: (life, index) => {
    const { stage, device, random } = life
    settle(life, 2 + index)
    keepAlive(stage, device, 'm2.tuyaeu.com', 12 + index, END, 220, 60, 52, 8883)
    every(life, 2 * 3600, (at) => talk(stage, device, 'a2.tuyaeu.com', at, both(1_100, 1_700)))
    // A fixed address in its firmware, never looked up: its owner is unknown.
    every(life, 5400, (at) =>
      talk(stage, device, namelessCloud(1), at, both(random.integer(300, 900), 260), { port: 6_668, named: false }),
    )
  },
  thermostat: (life, index) => {
    const { stage, device } = life
    settle(life, 2 + index, 3600)
    keepAlive(stage, device, 'bgw.ecobee.com', 12 + index, END, 240, 340, 120, 8190)
    every(life, 3 * 3600, (at) => talk(stage, device, 'home.ecobee.com', at, both(9_000, 3_000)))
    talk(stage, device, 'home-fw.hm-prod.ecobee.com', clock('04:50'), both(900, 1_300))
  },
  iphone: (life, index) => {
    const { stage, device } = life
    settle(life, 2 + index)
    for (const [from, until] of [
      [20 + index, clock('08:30')],
      [clock('17:45'), END],
    ] as const)
      keepAlive(stage, device, '12-courier.push.apple.com', from, until, 420, 160, 220, 5223)
    join(stage, device, clock('17:44'))
    plainRequest(stage, device, 'captive.apple.com', clock('17:44') + 5)
    askTheTime(stage, device, 'time.apple.com', clock('17:44') + 8)
    // The night's backup, on the charger.
    talk(stage, device, 'gateway.icloud.com', clock('01:29'), both(9_000, 14_000), MODERN_TLS)
    talk(
      stage,
      device,
      'p63-content.icloud.com',
      clock('01:30'),
      [
        { direction: 'sent', bytes: 90 * MEGABYTE, seconds: 1500 },
        { direction: 'received', bytes: 90_000 },
      ],
      MODERN_TLS,
    )
    browse(
      life,
      [
        'i.instagram.com',
        'scontent.cdninstagram.com',
        'e4.whatsapp.net',
        'mmg.whatsapp.net',
        'www.bbc.co.uk',
        'gsp-ssl.ls.apple.com',
        'outlook.office365.com',
      ],
      [
        ['06:55', '08:25', 22],
        ['17:50', '23:10', 60],
      ],
    )
  },
  pixel: (life, index) => {
    const { stage, device } = life
    settle(life, 2 + index)
    for (const [from, until] of [
      [20 + index, clock('07:50')],
      [clock('18:10'), END],
    ] as const)
      keepAlive(stage, device, 'mtalk.google.com', from, until, 480, 130, 110, 5228)
    join(stage, device, clock('18:09'))
    plainRequest(stage, device, 'connectivitycheck.gstatic.com', clock('18:09') + 5)
    talk(
      stage,
      device,
      'photosdata-pa.googleapis.com',
      clock('00:40'),
      [
        { direction: 'sent', bytes: 60 * MEGABYTE, seconds: 900 },
        { direction: 'received', bytes: 120_000 },
      ],
      MODERN,
    )
    browse(
      life,
      [
        'e4.whatsapp.net',
        'www.youtube.com',
        'i.ytimg.com',
        'en.wikipedia.org',
        'pubads.g.doubleclick.net',
        'android.clients.google.com',
        'firebaselogging-pa.googleapis.com',
        'www.bbc.co.uk',
        'static.family-blog.example',
      ],
      [
        ['06:40', '07:45', 18],
        ['18:15', '23:30', 58],
      ],
    )
  },
  ipad: (life, index) => {
    const { stage, device } = life
    settle(life, 2 + index)
    keepAlive(stage, device, '31-courier.push.apple.com', 20 + index, END, 900, 150, 190, 5223)
    browse(
      life,
      [
        'www.roblox.com',
        'c0.rbxcdn.com',
        'unityads.unity3d.com',
        'app.adjust.com',
        'app-measurement.com',
        'i.ytimg.com',
        'www.school-lunch-menu.example',
      ],
      [
        ['07:10', '07:40', 10],
        ['15:40', '19:00', 54],
      ],
    )
    stream(life, 'rr1---sn-4g5e6nsz.googlevideo.com', '17:30', 40, 20_000, MODERN)
    talk(stage, device, 'swcdn.apple.com', clock('02:05'), [
      { direction: 'received', bytes: 36 * MEGABYTE, seconds: 240 },
    ])
  },
  laptop: (life) => {
    const { stage, device } = life
    join(stage, device, clock('08:45'))
    remind(stage, device, clock('08:50'), clock('17:10'), 1800)
    plainRequest(stage, device, 'captive.apple.com', clock('08:45') + 4)
    keepAlive(stage, device, 'wss-primary.slack.com', clock('08:46'), clock('17:10'), 120, 240, 320)
    browse(
      life,
      ['outlook.office365.com', 'github.com', 'en.wikipedia.org', 'upload.wikimedia.org', 'www.bbc.co.uk'],
      [
        ['08:50', '12:00', 50],
        ['13:00', '17:00', 60],
      ],
    )
    // The morning's video call.
    talk(stage, device, 'zoomfrn151mmr.frn.zoom.us', clock('10:00'), call(20 * 60, 33_000))
  },
}

/** What every Echo does: an open line, statistics, clock, connection checks, and what it was asked. */
function echoLife(life: Life, requests: string[]): void {
  const { stage, device, random } = life
  keepAlive(stage, device, 'alexa.na.gateway.devices.a2z.com', 24 + random.integer(0, 9), END, 210, 130, 90)
  for (const time of requests) {
    const at = near(life, time)
    talk(stage, device, 'avs-alexa-4-na.amazon.com', at, voiceRequest(life))
    talk(stage, device, 'api.amazonalexa.com', at + 4, both(2_400, 3_100))
  }
  every(life, 2400, (at) =>
    talk(stage, device, 'device-metrics-us.amazon.com', at, both(random.integer(2_000, 8_000), 700)),
  )
  every(life, 3 * 3600, (at) =>
    talk(stage, device, 'det-ta-g7g.amazon.com', at, both(random.integer(12_000, 30_000), 900)),
  )
  every(life, 3600, (at) => plainRequest(stage, device, 'spectrum.s3.amazonaws.com', at))
  every(life, 3 * 3600, (at) => askTheTime(stage, device, 'ntp-g7g.amazon.com', at))
}

function plugLife(life: Life, index: number, host: Host, period: number): void {
  const { stage, device } = life
  settle(life, 2 + index)
  keepAlive(stage, device, host, 12 + index, END, period, 190, 150)
  every(life, 6 * 3600, (at) => askTheTime(stage, device, '0.pool.ntp.org', at))
}

/** While the screen is on, what is on it is recognised and reported every two minutes, and advertising fetched. */
function televisionOn(life: Life, from: string, until: string): void {
  const { stage, device, random } = life
  for (let at = clock(from); at < clock(until); at += random.integer(110, 130))
    talk(stage, device, 'acr-eu-prd.samsungacr.com', at, both(random.integer(9_000, 16_000), 800))
  for (let at = clock(from) + 20; at < clock(until); at += random.integer(500, 800)) {
    talk(stage, device, 'config.samsungads.com', at, both(2_600, 4_000))
    talk(stage, device, 'ads.samsungads.com', at + 1, both(3_400, random.integer(90_000, 700_000)))
    talk(stage, device, 'pubads.g.doubleclick.net', at + 2, both(2_900, 26_000))
    talk(stage, device, 'sb.scorecardresearch.com', at + 3, both(1_500, 600))
  }
}
