// The first corpus: captures of every protocol, homes as they are, logs of every format, and state files.
import { TEXT_FORMATS } from '../../capture/logs/formats.ts'
import { concat, text } from '../../server/sample/packets/bytes.ts'
import { ETHERTYPE, ethernet, TCP_FLAG, tcpFrame, udpFrame } from '../../server/sample/packets/packet-builder.ts'
import type { Random } from '../../server/sample/packets/random.ts'
import { makeSample } from '../../server/sample/sample.ts'
import { simulateHome } from '../bench/home/simulate.ts'
import { WRAPPINGS } from '../capture/logs/wrappings.ts'
import { make as cnameChain } from '../captures/cname-chain/make.ts'
import { make as ech } from '../captures/ech/make.ts'
import { make as homePrefix } from '../captures/home-prefix/make.ts'
import { make as httpsHint } from '../captures/https-hint/make.ts'
import { make as movedAddress } from '../captures/moved-address/make.ts'
import { make as router } from '../captures/router/make.ts'
import { make as snaplenCut } from '../captures/snaplen-cut/make.ts'
import { make as splitHello } from '../captures/split-hello/make.ts'
import { encapsulatedFrames } from '../support/encapsulated-frames.ts'
import { pcapFiles, pcapngFiles } from '../support/fuzz-files.ts'
import { gquicTarget, quicDatagramTarget, tlsTarget } from '../support/fuzz-hellos.ts'
import { httpRequests } from '../support/valid-messages.ts'
import {
  applicationFrames,
  arpMessages,
  ethernetFrames,
  otherFrames,
  type ValidFrame,
} from '../support/valid-packets.ts'
import { LAMP, ROUTER, UP } from '../support/valid-ends.ts'
import { behaviourCaptures } from './behaviours.ts'
import { exporterSteps } from './exporter-seeds.ts'
import type { Input, Step } from './input.ts'
import { type Packet, packetsOf, plainFile } from './packets.ts'
import { stateSteps } from './state-seeds.ts'
import { MORE_LINES, TABLES } from './log-seeds.ts'

const START = Date.UTC(2026, 0, 5, 8) / 1000
const PIECE_OF_THE_DAY = 120

/** Without the sample home's day, which takes seconds to make. */
export function builtInputs(): Input[] {
  return inputsOf([])
}

export function seedInputs(): Input[] {
  return inputsOf(sampleCaptures())
}

/** What exporters send, alone and in a row: another input is as small. */
export function exporterInputs(): Input[] {
  const steps = exporterSteps()
  return [...steps.map((step): Input => ({ steps: [step] })), { steps: steps.slice(0, 4) }, { steps: steps.slice(4) }]
}

function inputsOf(more: readonly Uint8Array[]): Input[] {
  const captures = [
    ...protocolCaptures(),
    ...behaviourCaptures(),
    ...[cnameChain, ech, homePrefix, httpsHint, movedAddress, router, snaplenCut, splitHello].map((make) => make()),
    ...more,
    simulatedHome(),
    ...pcapFiles(),
    ...pcapngFiles(),
  ]
  const ofCaptures = captures.map((bytes): Input => ({ steps: [{ kind: 'capture', bytes }] }))
  const logs = logSteps()
  const first = simulatedHome()
  const capture: Step = { kind: 'capture', bytes: first }
  const states = stateSteps(first)
  const exporters = exporterSteps()
  return [
    ...ofCaptures,
    ...logs.map((step): Input => ({ steps: [step] })),
    { steps: logs },
    ...exporters.map((step): Input => ({ steps: [step] })),
    { steps: [exporters[0], { kind: 'order', order: 'restart' }, ...exporters.slice(1)] },
    { steps: [capture, exporters[0], { kind: 'order', order: 'forget' }, exporters[1], exporters[0]] },
    { steps: [logs[0], capture, { kind: 'order', order: 'restart' }, logs[2], { kind: 'order', order: 'forget' }] },
    { steps: [capture, { kind: 'order', order: 'ask' }, { kind: 'order', order: 'a month later' }, capture] },
    ...states.map((step): Input => ({ steps: [step, capture] })),
    ...behaviourCaptures().map((bytes): Input => ({
      steps: [
        ...states.filter((step) => step.kind === 'state' && step.file === 'settings.json'),
        { kind: 'capture', bytes },
        { kind: 'order', order: 'a source fails' },
        { kind: 'order', order: 'an hour later' },
        { kind: 'order', order: 'mute' },
      ],
    })),
    { steps: [...states, capture, { kind: 'order', order: 'mute' }] },
  ]
}

/** One capture for each kind of frame, and one for each message in a flow of its own. */
function protocolCaptures(): Uint8Array[] {
  const frames = [...ethernetFrames(), ...applicationFrames(), ...helloFrames()]
  const groups = new Map<string, ValidFrame[]>()
  for (const frame of frames) {
    const name = frame.name.replace(/ \d+$/, '')
    groups.set(name, [...(groups.get(name) ?? []), frame])
  }
  const introduced = arpMessages().map((message) => ethernet(LAMP.mac, ROUTER.mac, ETHERTYPE.arp, message))
  const captures = [...groups.values()].map((group) =>
    plainFile(timed([...introduced.map((bytes) => ({ name: 'ARP', linkType: 1, bytes })), ...group])),
  )
  return [...captures, plainFile(timed(frames)), plainFile(timed(otherFrames())), ...encapsulations()]
}

/** One capture for each link type, and one for all tunnels. */
function encapsulations(): Uint8Array[] {
  const frames = encapsulatedFrames()
  const types = new Set(frames.map(({ linkType }) => linkType))
  return [...types].map((type) => plainFile(timed(frames.filter(({ linkType }) => linkType === type))))
}

function timed(frames: readonly ValidFrame[]): Packet[] {
  return frames.map(({ linkType, bytes }, index) => ({
    linkType,
    seconds: START + Math.floor(index / 4),
    nanos: (index % 4) * 250_000_000,
    timed: true,
    originalLength: bytes.length,
    bytes,
  }))
}

/** Handshakes and requests, each on ports of its own. */
function helloFrames(): ValidFrame[] {
  const ofTcp = (name: string, port: number, payloads: readonly Uint8Array[]): ValidFrame[] =>
    payloads.flatMap((payload, index) => {
      const ends = { ...UP, sourcePort: 41_000 + index, destinationPort: port }
      return [
        tcpFrame({ ...ends, flags: TCP_FLAG.syn, sequence: 99 }),
        tcpFrame({ ...ends, flags: TCP_FLAG.ack, sequence: 100, payload }),
        tcpFrame({ ...ends, flags: TCP_FLAG.ack, sequence: 100 + payload.length, payload: new Uint8Array(900) }),
        tcpFrame({ ...ends, flags: TCP_FLAG.fin | TCP_FLAG.ack, sequence: 1_000 + payload.length }),
      ].map((bytes) => ({ name: `${name} ${index}`, linkType: 1, bytes }))
    })
  const ofUdp = (name: string, payloads: readonly Uint8Array[]): ValidFrame[] =>
    payloads.map((payload, index) => ({
      name: `${name} ${index}`,
      linkType: 1,
      bytes: udpFrame({ ...UP, sourcePort: 42_000 + index, destinationPort: 443, payload }),
    }))
  return [
    ...ofTcp('TLS', 443, [...tlsTarget().seeds]),
    ...ofTcp('HTTP', 80, httpRequests()),
    ...ofUdp('QUIC', [...quicDatagramTarget().seeds]),
    ...ofUdp('Google QUIC', [...gquicTarget().seeds]),
  ]
}

/** Parts of the sample home's day, spread over it: routines, an upload in the night, heartbeats. */
function sampleCaptures(): Uint8Array[] {
  const { pcap } = makeSample()
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.length)
  const starts: number[] = []
  for (let at = 24; at < pcap.length; at += 16 + view.getUint32(at + 8, true)) starts.push(at)
  starts.push(pcap.length)
  return Array.from({ length: 12 }, (_, part) => {
    const from = Math.floor((part / 12) * (starts.length - 1 - PIECE_OF_THE_DAY))
    return concat(pcap.subarray(0, 24), pcap.subarray(starts[from], starts[from + PIECE_OF_THE_DAY]))
  })
}

function simulatedHome(): Uint8Array {
  const packets: Packet[] = []
  simulateHome({ seed: 3, devices: 4, flows: 30, bytes: 60_000 }, (micros, bytes, originalLength = bytes.length) =>
    packets.push({
      linkType: 1,
      seconds: Math.floor(micros / 1e6),
      nanos: Math.floor(micros % 1e6) * 1000,
      timed: true,
      originalLength,
      bytes: Uint8Array.from(bytes),
    }),
  )
  return plainFile(packets.slice(0, 300))
}

function logSteps(): Step[] {
  const logs = TEXT_FORMATS.map(({ id, exampleHead, example }): Step => {
    const head = exampleHead === undefined ? [] : [exampleHead]
    const lines = [...head, ...(MORE_LINES[id] ?? []), example, example.replace('10.0.0.5', '192.168.1.10')]
    return { kind: 'log', format: id, bytes: text(`${lines.join('\n')}\n`) }
  })
  // In every form in which syslog, the journal and containers hand a line on.
  const wrapped = TEXT_FORMATS.map(({ id, example }): Step => {
    const lines = [example, ...(MORE_LINES[id] ?? [])]
    const texts = Object.values(WRAPPINGS).map((wrap, index) =>
      wrap({ message: lines[index % lines.length], program: id, process: 7, second: 1_767_596_401 + index }),
    )
    return { kind: 'log', format: id, bytes: text(`${texts.join('\n')}\n`) }
  })
  return [...logs, ...wrapped, ...TABLES.map((table): Step => ({ kind: 'log', format: 'dnsmasq', bytes: text(table) }))]
}

/** Real captures, where there are some: small ones, drawn at random. */
export function realInputs(captures: readonly Uint8Array[], random: Random, count: number): Input[] {
  return Array.from({ length: Math.min(count, captures.length) }, () => {
    const packets = packetsOf(random.pick(captures)).slice(0, 200)
    return { steps: [{ kind: 'capture', bytes: plainFile(packets) }] } satisfies Input
  })
}
