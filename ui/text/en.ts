// English words of the page. A sentence is a function of what it is about.
import { bytes, clock, number, pluralForm } from './format.ts'
import { alerts } from './en-alerts.ts'
import { charts } from './en-charts.ts'
import { home } from './en-home.ts'
import { lookups } from './en-lookups.ts'

function count(value: number, one: string, many: string): string {
  return `${number(value)} ${pluralForm(value) === 'one' ? one : many}`
}

export const en = {
  lookups,
  product: 'Telltale',
  devices: (value: number): string => count(value, 'device', 'devices'),
  companies: (value: number): string => count(value, 'company', 'companies'),
  nav: {
    label: 'Main',
    home: 'Home',
    devices: 'Devices',
    companies: 'Companies',
    alerts: 'Alerts',
    replay: 'Replay',
    settings: 'Settings',
    skip: 'Skip to the page',
    back: 'Back',
  },
  traffic: {
    sent: 'Sent',
    received: 'Received',
    sentArrow: '↑ Sent',
    receivedArrow: '↓ Received',
    both: (sent: number, received: number): string => `sent ${bytes(sent)}, received ${bytes(received)}`,
    total: 'Total',
  },
  company: {
    unknown: 'Unknown',
    other: 'Other',
    keptBack: 'Kept back',
    unknownWords: 'to addresses we could not name',
    otherWords: 'of older, smaller connections, folded together to save room',
    keptBackWords: 'of devices whose details are not kept',
    cloud: 'A rented cloud: who rents it is not visible.',
  },
  common: {
    name: 'Name',
    cancel: 'Cancel',
    save: 'Save',
    close: 'Close',
    tryAgain: 'Try again',
    loading: 'Loading…',
    more: (count: number): string => `Show ${number(count)} more`,
    shownOf: (shown: number, all: number): string => `${number(shown)} of ${number(all)} shown`,
    undo: 'Undo',
    undone: 'Taken back.',
    never: 'never',
    details: 'Details',
    viewerOnly: 'You are looking as a viewer: only the owner can change this.',
  },
  search: {
    label: 'Search devices, companies and addresses',
    placeholder: 'Search',
    key: 'Press / to search',
    nothing: (text: string): string => `Nothing is called “${text}”.`,
    kinds: { device: 'Device', company: 'Company', host: 'Address' },
    results: (value: number): string => (value === 0 ? 'No results' : count(value, 'result', 'results')),
  },
  range: {
    label: 'Time shown',
    names: { '5m': '5 min', '1h': '1 h', '24h': '24 h', '7d': '7 d', '30d': '30 d', all: 'All of it' },
    long: {
      '5m': 'in the last 5 minutes',
      '1h': 'in the last hour',
      '24h': 'in the last 24 hours',
      '7d': 'in the last 7 days',
      '30d': 'in the last 30 days',
      all: 'in the whole recording',
    },
    clear: (span: string): string => `Clear ${span}`,
    selected: (span: string): string => `between ${span.replace('–', ' and ')}`,
  },
  live: {
    on: 'Live',
    paused: 'Paused',
    connecting: 'Connecting',
    pause: 'Pause updates',
    resume: 'Resume updates',
    standsStill: 'The chart stands still while a time is picked.',
    lost: (since: number): string =>
      `No contact with Telltale since ${clock(since)}. What you see may be old. Trying again by itself.`,
    pace: 'Update every',
    seconds: (value: number): string => count(value, 'second', 'seconds'),
  },
  banner: {
    clockIsRight: 'The clock is right',
    sample: 'Sample home: made-up devices.',
    chooseSource: 'Use your own',
    recording: (name: string): string => `Recording ${name}, not live`,
    controls: 'Play and seek',
    toLive: 'Back to live',
    unconfirmed: 'Are the levels of all devices, and of new ones, as you want them?',
    confirm: 'Yes, they are',
    learning: (until: string): string =>
      `Learning what is usual here until ${until}. Until then, “new” only means not seen before.`,
  },
  error: {
    title: 'This could not be loaded',
    unreachable: 'Telltale does not answer. Is it still running?',
    notFound: 'There is no such thing here. It may have been forgotten or closed.',
  },
  logIn: 'Log in',
  theme: { label: 'Colours', auto: 'As this device', light: 'Light', dark: 'Dark' },
  home,
  alerts,
  charts,
}
