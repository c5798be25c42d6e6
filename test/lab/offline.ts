// npm run test:offline: the whole test suite in a namespace where each packet that leaves is counted.
//
// Words are handed on to vitest. Ends with 1 where a test failed or a packet left. Traffic in namespaces that tests
// make for themselves goes nowhere, and is not counted.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CONTROL, CountedNamespace, type Egress, whyNoEgress } from './egress.ts'
import { has } from './programs.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
process.exitCode = await main(process.argv.slice(2))

async function main(words: string[]): Promise<number> {
  const why = whyNoEgress()
  if (why !== null) {
    console.error(`The suite cannot be run offline here: ${why}.`)
    return 2
  }
  const namespace = new CountedNamespace()
  // Ctrl-C reaches the suite as well: it ends by itself, and we tidy up.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
  try {
    return await inside(namespace, words)
  } finally {
    namespace.remove()
  }
}

async function inside(namespace: CountedNamespace, words: string[]): Promise<number> {
  await namespace.run(process.execPath, ['-e', CONTROL])
  const control = namespace.counted()
  console.log(`control, sent on purpose: ${egressText(control)}`)
  if (control.ipv4 < 1 || control.ipv6 < 1 || control.dns < 1) {
    console.error('The counters do not count.')
    return 2
  }
  namespace.reset()
  const witness = watchOut(namespace)
  const status = await namespace.run(process.execPath, [`${root}node_modules/vitest/vitest.mjs`, 'run', ...words])
  const left = namespace.counted()
  console.log(`left the house during the suite: ${egressText(left)}`)
  const seen = witness()
  if (left.ipv4 + left.ipv6 + left.dns === 0) return status
  console.error(`Something left:\n${seen}`)
  return 1
}

/** What leaves, in tcpdump's words, so that a failure says who it was for. */
function watchOut({ name }: CountedNamespace): () => string {
  if (!has('tcpdump')) return () => 'install tcpdump to see what'
  const lines: string[] = []
  const child = spawn('ip', ['netns', 'exec', name, 'tcpdump', '-i', 'out', '-n', '-l', '-c', '200'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  child.stdout.on('data', (piece: Buffer) => lines.push(piece.toString()))
  return () => {
    child.kill('SIGTERM')
    return lines.join('')
  }
}

function egressText({ ipv4, ipv6, dns }: Egress): string {
  return `${ipv4} IPv4 and ${ipv6} IPv6 packets, ${dns} of them name look-ups`
}
