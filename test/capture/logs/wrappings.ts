// The forms in which syslog daemons, the journal, containers and log shippers hand on a program's lines.

/** One line of a program, its tag and process number, and when it was written. */
export interface Written {
  message: string
  program: string
  process: number
  /** Seconds since 1970-01-01 UTC, whole. */
  second: number
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const two = (value: number): string => String(value).padStart(2, '0')

/** Of this machine's zone. */
function local(second: number): { day: string; month: string; dayOfMonth: string; year: number; clock: string } {
  const date = new Date(second * 1000)
  return {
    day: DAYS[date.getDay()],
    month: MONTHS[date.getMonth()],
    dayOfMonth: String(date.getDate()).padStart(2),
    year: date.getFullYear(),
    clock: `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`,
  }
}

/** "2026-11-24T11:00:00.5+01:00" */
function iso(second: number, fraction: string, zone: '+01:00' | '+0100' | 'Z' | '-05:30'): string {
  const minutes = zone === 'Z' ? 0 : zone === '-05:30' ? -330 : 60
  return `${new Date((second + minutes * 60) * 1000).toISOString().slice(0, 19)}${fraction}${zone}`
}

const rfc3164 = (second: number): string => {
  const { month, dayOfMonth, clock } = local(second)
  return `${month} ${dayOfMonth} ${clock}`
}
const tag = ({ program, process }: Written): string => `${program}[${process}]: `

/** Texts with one line, or with several where the form needs them. */
export const WRAPPINGS: Readonly<Record<string, (written: Written) => string>> = {
  'RFC 3164': (w) => `${rfc3164(w.second)} router ${tag(w)}${w.message}`,
  'RFC 3164 with its priority': (w) => `<30>${rfc3164(w.second)} router ${tag(w)}${w.message}`,
  'RFC 3164 from an IPv6 host': (w) => `${rfc3164(w.second)} fd00::53 ${tag(w)}${w.message}`,
  'syslog of BusyBox': (w) => `${rfc3164(w.second)} router daemon.info ${tag(w)}${w.message}`,
  'syslogd -vv of FreeBSD': (w) => `${rfc3164(w.second)} <daemon.info> pfSense ${tag(w)}${w.message}`,
  "a file in which pfSense's RFC 5424 lost its head": (w) =>
    `${rfc3164(w.second)} pfSense ${w.program} ${w.process} - - ${w.message}`,
  'RFC 5424': (w) => `<30>1 ${iso(w.second, '.123456', '+01:00')} router ${w.program} ${w.process} - - ${w.message}`,
  'RFC 5424 with structured data': (w) =>
    `<30>1 ${iso(w.second, '', 'Z')} router ${w.program} ${w.process} ID47 [meta sequenceId="529"][x@32473 a="q\\"u\\]o\\\\" b="[1]"] \ufeff${w.message}`,
  'RFC 5424 without its priority': (w) =>
    `1 ${iso(w.second, '.5', '-05:30')} router ${w.program} ${w.process} - [meta sequenceId="1"] ${w.message}`,
  'RFC 5424 counted by octets': (w) =>
    `142 <30>1 ${iso(w.second, '.5', 'Z')} router ${w.program} ${w.process} - - ${w.message}`,
  'rsyslog with precise times': (w) => `${iso(w.second, '.123456', '+01:00')} router ${tag(w)}${w.message}`,
  'rsyslog, forwarded': (w) => `<30>${iso(w.second, '.123456', 'Z')} router ${tag(w)}${w.message}`,
  'syslog-ng with years': (w) => {
    const { month, dayOfMonth, clock, year } = local(w.second)
    return `${year} ${month} ${dayOfMonth} ${clock} router ${tag(w)}${w.message}`
  },
  'syslog-ng in JSON': (w) =>
    JSON.stringify({
      PROGRAM: w.program,
      PID: String(w.process),
      MESSAGE: w.message,
      ISODATE: iso(w.second, '', '+01:00'),
    }),
  'rsyslog in JSON': (w) =>
    JSON.stringify({
      timestamp: iso(w.second, '.1', '+01:00'),
      host: 'r',
      syslogtag: `${w.program}[${w.process}]:`,
      message: ` ${w.message}`,
    }),
  "OpenWrt's logread": (w) => {
    const { day, month, dayOfMonth, clock, year } = local(w.second)
    return `${day} ${month} ${dayOfMonth} ${clock} ${year} daemon.info ${tag(w)}${w.message}`
  },
  "OpenWrt's logread -t": (w) => {
    const { day, month, dayOfMonth, clock, year } = local(w.second)
    return `${day} ${month} ${dayOfMonth} ${clock} ${year} [${w.second}.481] daemon.info ${tag(w)}${w.message}`
  },
  journalctl: (w) => `${rfc3164(w.second)} router ${tag(w)}${w.message}`,
  'journalctl -o short-precise': (w) => `${rfc3164(w.second)}.123456 router ${tag(w)}${w.message}`,
  'journalctl -o short-iso': (w) => `${iso(w.second, '', '+0100')} router ${tag(w)}${w.message}`,
  'journalctl -o short-iso-precise': (w) => `${iso(w.second, '.123456', '+01:00')} router ${tag(w)}${w.message}`,
  'journalctl -o short-full': (w) =>
    `${DAYS[new Date(w.second * 1000).getUTCDay()]} ${iso(w.second, '', 'Z').slice(0, -1).replace('T', ' ')} UTC router ${tag(w)}${w.message}`,
  'journalctl -o short-unix': (w) => `${w.second}.123456 router ${tag(w)}${w.message}`,
  'journalctl -o with-unit': (w) =>
    `${DAYS[new Date((w.second + 3600) * 1000).getUTCDay()]} ${iso(w.second, '', '+01:00').slice(0, -6).replace('T', ' ')} CET router ${w.program}.service[${w.process}]: ${w.message}`,
  'journalctl -o json': (w) => JSON.stringify(journal(w)),
  'journalctl -o json, bytes': (w) => JSON.stringify({ ...journal(w), MESSAGE: [...Buffer.from(w.message)] }),
  'journalctl -o json-sse': (w) => `data: ${JSON.stringify(journal(w))}\n`,
  'journalctl -o json-seq': (w) => `\u001e${JSON.stringify(journal(w))}`,
  'journalctl -o export': (w) =>
    `${Object.entries(journal(w))
      .map(([name, value]) => `${name}=${value}`)
      .join('\n')}\n`,
  'docker logs -t': (w) => `${iso(w.second, '.123456789', 'Z')} ${tag(w)}${w.message}`,
  'docker compose logs -t': (w) => `resolver-1  | ${iso(w.second, '.123456789', 'Z')} ${tag(w)}${w.message}`,
  "Docker's json-file": (w) =>
    JSON.stringify({ log: `${tag(w)}${w.message}\n`, stream: 'stdout', time: iso(w.second, '.123456789', 'Z') }),
  "Docker's syslog driver": (w) => `<30>${rfc3164(w.second)} nas 0123456789ab[811]: ${tag(w)}${w.message}`,
  "Docker's journald driver": (w) =>
    JSON.stringify({
      ...journal(w),
      SYSLOG_IDENTIFIER: '0123456789ab',
      CONTAINER_NAME: 'resolver',
      MESSAGE: tag(w) + w.message,
    }),
  containerd: (w) => `${iso(w.second, '.123456789', '+01:00')} stdout F ${tag(w)}${w.message}`,
  'containerd, a line that was cut': (w) => {
    const stamp = iso(w.second, '.123456789', '+01:00')
    const whole = tag(w) + w.message
    return `${stamp} stdout P ${whole.slice(0, 30)}\n${stamp} stdout F ${whole.slice(30)}`
  },
  'kubectl logs --prefix --timestamps': (w) =>
    `[pod/resolver-0/resolver] ${iso(w.second, '.123456789', 'Z')} ${tag(w)}${w.message}`,
  Filebeat: (w) =>
    JSON.stringify({
      '@timestamp': iso(w.second, '.900', 'Z'),
      message: `${rfc3164(w.second)} router ${tag(w)}${w.message}`,
      log: { file: { path: '/var/log/syslog' } },
      host: { name: 'router' },
    }),
  'the Elastic Common Schema': (w) =>
    JSON.stringify({
      '@timestamp': iso(w.second, '.900', 'Z'),
      event: { original: `${rfc3164(w.second)} router ${tag(w)}${w.message}` },
    }),
}

function journal({ message, program, process, second }: Written): Record<string, string> {
  return {
    __CURSOR: `s=0639e91a4b2a4dc4a12ad5d7aa2e55d2;i=${second}`,
    __REALTIME_TIMESTAMP: `${second}123456`,
    _PID: String(process),
    SYSLOG_IDENTIFIER: program,
    PRIORITY: '6',
    MESSAGE: message,
  }
}
