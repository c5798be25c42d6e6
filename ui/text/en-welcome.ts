// What do the checklist and the list of sources say in English? Loaded with their screens, not with every page.
import { bytes, number } from './format.ts'

export const welcome = {
  title: 'Is it working?',
  lead: 'This list ticks itself.',
  done: 'Done',
  waiting: 'Waiting',
  capture: 'Capture is running',
  captureHelp: 'No source is running yet.',
  packets: 'Packets arrive',
  packetsCount: (count: number): string => `${number(count)} so far`,
  namedBytes: (amount: string): string => `${amount} with a name`,
  packetsHelp: 'No packet yet. Is the cable in, is the Wi-Fi up?',
  devices: 'More than one device is seen',
  devicesHelp:
    'Only one device is visible so far. This machine may see only its own traffic: it must sit where the others pass.',
  names: 'Names are learned',
  namesHelp: 'No name yet. They come from name look-ups and greetings: this can take a minute.',
  room: 'Room on the disk',
  roomUsed: (used: number): string => `${bytes(used)} used`,
  sources: 'Where it listens',
  chooseTitle: 'Choose what to look at',
  sampleTitle: 'The sample home',
  sampleWords: 'Made-up devices, playing now. Good for a first look around.',
  fileTitle: 'A recording',
  fileWords: 'Drop in a capture file (pcap, pcapng) and see it at its own clock.',
  interfaceTitle: (name: string): string => `This machine's ${name}`,
  interfaceNote: 'Capturing needs tcpdump, and the right to use it.',
  watch: 'Listen here',
  dropped: (count: string): string => `${count} missed`,
  isOn: 'On',
  onlyOwn: 'Sees only this machine',
  add: {
    title: 'The router, a resolver’s log, a folder',
    kind: 'What',
    kinds: {
      routers: 'A router over ssh',
      dnsLogs: 'The log of Pi-hole, AdGuard Home, dnsmasq …',
      folders: 'A folder of captures',
    },
    line: 'Where',
    examples: {
      routers: 'root@192.168.1.1 br-lan',
      dnsLogs: 'pihole /var/log/pihole/pihole.log',
      folders: '/var/captures',
    },
    hints: {
      routers:
        'The router and its interface, with a space between. It needs tcpdump; this machine needs a key for it and has to know its host key.',
      dnsLogs:
        'Which kind, then the full path: dnsmasq, pihole, pihole-ftl (its database), adguard, unbound, bind or zeek.',
      folders: 'The full path of a folder that tcpdump -G fills.',
    },
    submit: 'Add',
  },
  toHome: 'Look around',
  toReplay: 'Open a recording',
  stays: 'Data stays on this machine.',
  packetsPerSecond: (rate: number): string => `${number(Math.round(rate))} packets a second`,
  sourceStates: {
    starting: 'Starting',
    running: 'Running',
    quiet: 'Quiet',
    failed: 'Failed',
    ended: 'Ended',
    off: 'Off',
  },
}
