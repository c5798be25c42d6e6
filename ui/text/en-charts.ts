// English words of the charts.
import { bytes, exactBytes, number, rate, share } from './format.ts'

function seconds(step: number): string {
  if (step === 1) return 'each second'
  if (step < 60) return `${number(step)} seconds`
  if (step === 60) return 'a minute'
  if (step < 3600) return `${number(step / 60)} minutes`
  if (step === 3600) return 'an hour'
  if (step < 86_400) return `${number(step / 3600)} hours`
  return step === 86_400 ? 'a day' : `${number(step / 86_400)} days`
}

export const charts = {
  asTable: 'Show as table',
  asChart: 'Show as chart',
  table: (title: string): string => `${title}, as a table`,
  nothing: 'Nothing was captured in this time.',
  gap: 'nothing captured',
  time: 'Time',
  more: (left: number): string => `${number(left)} more rows are not shown. Pick a shorter time to see them.`,
  live: {
    unit: (step: number): string =>
      step === 1 ? 'Bytes per second' : `Bytes per second, averaged over ${seconds(step)}`,
    keys: 'Arrow keys move the cursor, with Shift they pick a time, Escape clears.',
    summary: (sent: string, received: string, span: string): string => `${span}: sent ${sent}, received ${received}.`,
    most: (value: string, when: string): string => `Most was sent at ${when}: ${value}.`,
    gaps: (share: string): string => `For ${share} of this time nothing was captured.`,
    at: (when: string, sent: string, received: string): string => `${when}: sent ${sent}, received ${received}`,
    atGap: (when: string): string => `${when}: nothing captured`,
    picked: (span: string): string => `Picked ${span}`,
    cleared: 'Shows the whole time again',
    sameScale: 'Same scale for both',
    ownScale: 'Enlarge sent',
    ownScaleNote: 'Sent and received each have their own scale now.',
    sentRate: 'Sent per second',
    receivedRate: 'Received per second',
  },
  sparkline: (name: string, total: number, highest: number): string =>
    `${name}: sent ${bytes(total)}, at most ${bytes(highest)} at once`,
  ribbon: {
    title: 'Who sends what to whom',
    devices: 'Devices',
    companies: 'Companies',
    purposes: 'What for',
    unknownPurpose: 'Unknown purpose',
    others: {
      device: (value: number): string => `Other devices (${number(value)})`,
      company: 'Other',
      purpose: 'Other purposes',
    },
    summary: (total: number, device: string, company: string, part: number): string =>
      `${bytes(total)} sent. The widest band is ${device} to ${company}: ${bytes(part)}, ${share(part, total)} of it.`,
    band: (source: string, target: string, sent: number): string => `${source} to ${target}: ${bytes(sent)}`,
    node: (name: string, sent: number, total: number): string =>
      `${name}: ${bytes(sent)} sent, ${share(sent, total)} of all`,
    nothing: 'Nothing was sent outside the home in this time.',
    from: 'From',
    to: 'To',
    exact: (value: number): string => exactBytes(value),
  },
  rate,
}
