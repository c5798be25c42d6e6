// The schema of the settings: what the owner can set, between which limits, and what each setting means. It validates,
// documents and draws the form.
import { type Static, type TSchema, Type } from 'typebox'
import type { SecretField } from '../../capture/sources/definition.ts'
import { SOURCE_SECRETS, SOURCE_SETTINGS, type SourceField } from '../../capture/sources/sources.ts'
import { DETECTOR_FIELDS } from '../alerts/detectors/index.ts'
import { LEVELS } from '../api.ts'
import { choice, number, secret, text, texts, yesNo } from '../model/setting-fields.ts'
import { CHANNEL_SECTIONS } from '../notify/channels/index.ts'

const strict = { additionalProperties: false }

/** The lists of sources as their definitions say; `x-add` is how the checklist lets one be added. */
function sourceLists() {
  const fields = SOURCE_SETTINGS.map(({ field, title, description, format, maxItems, add }) => {
    const list = texts(title, description, format, maxItems)
    return [field, add === null ? list : { ...list, 'x-add': add }]
  })
  return Object.fromEntries(fields) as Record<SourceField, ReturnType<typeof texts>>
}

function sourceSecrets() {
  const fields = SOURCE_SECRETS.map(({ field, title, description }) => [field, secret(title, description)])
  return Object.fromEntries(fields) as Record<SecretField, ReturnType<typeof secret>>
}

export const SETTINGS_SCHEMA = Type.Object(
  {
    sources: Type.Object(
      {
        ...sourceLists(),
        ...sourceSecrets(),
        leases: text(
          'List of DHCP leases',
          "Full path of dnsmasq's, Kea's, ISC dhcpd's or odhcpd's list: it tells whose an address is. Empty: the usual places.",
          255,
          'file',
        ),
        off: Type.Array(Type.String({ maxLength: 600 }), {
          title: 'Switched off',
          description: 'Sources that are named and not used now.',
          default: [],
          maxItems: 40,
          'x-switches': true,
        }),
      },
      { ...strict, title: 'Sources' },
    ),
    storage: Type.Object(
      {
        saveEverySeconds: number(
          'Save every (seconds)',
          'Longer spares the SD card; a power cut loses at most this much.',
          300,
          60,
          3600,
        ),
        minuteHours: number('Keep minutes for (hours)', 'Older traffic is kept by the hour.', 48, 1, 24 * 14),
        hourDays: number('Keep hours for (days)', 'Older traffic is kept by the day.', 35, 1, 400),
        dayDays: number('Keep days for (days)', 'Older traffic is deleted.', 730, 1, 3650),
        diskBudgetMegabytes: number(
          'Disk budget (MB)',
          'Above it, the least important endpoints are folded into "other".',
          500,
          20,
          100_000,
        ),
      },
      { ...strict, title: 'Storage' },
    ),
    privacy: Type.Object(
      {
        newDevices: choice(
          'Keep of a new device',
          'Everything, its companies only, its totals only, or nothing: its packets are not looked into.',
          LEVELS,
          'everything',
        ),
        keepFailedInput: yesNo(
          'Keep what the engine failed at',
          'The bytes of a packet, a line of a log or the start of a file at which the engine failed, for a report to the makers: 50 of them, for 30 days. Off: only a hash of each.',
          false,
        ),
      },
      { ...strict, title: 'Privacy' },
    ),
    home: Type.Object(
      {
        timeZone: text(
          'Time zone',
          'IANA name such as Asia/Kolkata, in which hours and days are cut. Empty: the zone of this machine.',
          64,
          'time-zone',
        ),
        networks: texts(
          'Home networks',
          'Address ranges such as 192.168.1.0/24. Empty: found from the traffic.',
          'cidr',
          32,
        ),
        learningDays: number('Learning time (days)', 'What is first seen later than this is called new.', 7, 0, 60),
      },
      { ...strict, title: 'Home' },
    ),
    alerts: Type.Object(
      {
        ...DETECTOR_FIELDS,
        coolDownMinutes: number(
          'One matter for (minutes)',
          'The same again within this time belongs to the same alert.',
          60,
          1,
          1440,
        ),
      },
      { ...strict, title: 'Alerts' },
    ),
    ...CHANNEL_SECTIONS,
    replay: Type.Object(
      {
        maxUploadMegabytes: number('Largest recording (MB)', 'Larger uploads are refused.', 2048, 1, 100_000),
        maxMinutes: number(
          'Longest reading time (minutes)',
          'A recording that takes longer to read is stopped.',
          60,
          1,
          24 * 60,
        ),
      },
      { ...strict, title: 'Replay' },
    ),
    access: Type.Object(
      {
        sessionDays: number(
          'Stay logged in for (days)',
          'After this many days without a visit the password is asked for again.',
          30,
          1,
          365,
        ),
        extraHostNames: texts(
          'Further names of this machine',
          'Names under which the page may be opened, besides its own name and addresses.',
          'host-name',
          16,
        ),
        trustedProxies: texts(
          'Trusted proxies',
          'Addresses of TLS proxies in front of this page, such as 127.0.0.1: they say which browser is behind them, and that it came over TLS. Nobody else is believed.',
          'proxy',
          16,
        ),
      },
      { ...strict, title: 'Access' },
    ),
  },
  { ...strict, title: 'Settings' },
)

export type Settings = Static<typeof SETTINGS_SCHEMA>

/** The schema as plain JSON, for the form. */
export function settingsSchema(): Record<string, unknown> {
  return JSON.parse(JSON.stringify(SETTINGS_SCHEMA)) as Record<string, unknown>
}

export function sections(): [string, { properties: Record<string, TSchema> }][] {
  return Object.entries(SETTINGS_SCHEMA.properties)
}
