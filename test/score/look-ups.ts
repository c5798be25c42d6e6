// The look-ups of a capture as tshark reads them, in the form in which a resolver's log tells them.
import { execFileSync } from 'node:child_process'
import { addressOf } from '../../capture/logs/addresses.ts'
import { nameOf } from '../../capture/logs/names.ts'
import type { AnswerStatus, LogRecord } from '../../capture/logs/record.ts'

const FIELDS = [
  'frame.time_epoch',
  'ip.src',
  'ipv6.src',
  'ip.dst',
  'ipv6.dst',
  'dns.flags.response',
  'dns.flags.rcode',
  'dns.qry.name',
  'dns.qry.type',
  'dns.a',
  'dns.aaaa',
  'dns.cname',
  'eth.src',
] as const
const NO_NAME = 3

/** Look-ups and answers over port 53, in their order; times in whole seconds, as most resolvers write them. */
export function lookUpsOf(capture: string): LogRecord[] {
  const words = ['-r', capture, '-n', '-Y', 'udp.port == 53 && dns', '-T', 'fields', '-E', 'separator=/t']
  const text = execFileSync('tshark', [...words, ...FIELDS.flatMap((field) => ['-e', field])], {
    encoding: 'utf8',
    maxBuffer: 256 << 20,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return text.split('\n').flatMap((line) => recordOf(line.split('\t')))
}

function recordOf(words: string[]): LogRecord[] {
  const of = Object.fromEntries(FIELDS.map((field, place) => [field, words[place] ?? '']))
  const time = Math.floor(Number(of['frame.time_epoch']))
  const isAnswer = of['dns.flags.response'] === '1' || of['dns.flags.response'] === 'True'
  const client = addressOf(isAnswer ? firstOf(of['ip.dst'], of['ipv6.dst']) : firstOf(of['ip.src'], of['ipv6.src']))
  const name = nameOf(firstOf(of['dns.qry.name']), 'raw')
  const type = Number(firstOf(of['dns.qry.type']))
  if (!Number.isFinite(time) || client === null || name === null || !Number.isFinite(type)) return []
  if (!isAnswer) return [{ kind: 'query', time, client, name, type, clientMac: firstOf(of['eth.src']) }]
  const addresses = [of['dns.a'], of['dns.aaaa']].flatMap(listOf).flatMap((text) => addressOf(text) ?? [])
  const aliases = listOf(of['dns.cname']).flatMap((text) => nameOf(text, 'raw') ?? [])
  return [
    {
      kind: 'answer',
      time,
      client,
      name,
      type,
      status: statusOf(of['dns.flags.rcode'], addresses),
      addresses,
      aliases,
    },
  ]
}

function statusOf(code: string | undefined, addresses: readonly string[]): AnswerStatus {
  if (Number(code) === NO_NAME) return 'no-name'
  if (Number(code) !== 0) return 'failed'
  return addresses.length > 0 ? 'answered' : 'no-data'
}

/** tshark divides the values of one field by commas. */
function listOf(text: string | undefined): string[] {
  return (text ?? '').split(',').filter((word) => word !== '')
}

function firstOf(...texts: (string | undefined)[]): string {
  return texts.flatMap(listOf)[0] ?? ''
}
