// The whole product survives some changed inputs, and the fuzzing finds, makes smaller and repeats what does not.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../../server/sample/packets/random.ts'
import { BrokenPromise, checkText, checkValue } from './checks.ts'
import { Coverage } from './coverage.ts'
import { failureOf, Fuzzer, type FuzzerOptions, type Target } from './fuzzer.ts'
import { type Input, ORDERS, readInput, STATE_FILES, writeInput } from './input.ts'
import { mutatedInput } from './mutate-input.ts'
import { mutatedJson } from './mutate-json.ts'
import { packetsOf, plainFile } from './packets.ts'
import { Product } from './product.ts'
import { builtInputs, exporterInputs } from './seeds.ts'

const folder = mkdtempSync(join(tmpdir(), 'telltale-fuzz-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const seeds = builtInputs()

function counted(
  executions: number,
  options: Partial<FuzzerOptions> & { target: Target },
): Fuzzer & { over(): boolean } {
  // How long an input takes depends on the machine.
  const maxSeconds = Number.POSITIVE_INFINITY
  const fuzzer = new Fuzzer({ seeds, seed: 1, keep: join(folder, 'kept'), maxSeconds, ...options })
  return Object.assign(fuzzer, { over: () => fuzzer.executions >= executions })
}

describe('the product', () => {
  const product = new Product(join(folder, 'scratch'))

  test('reads every seed, and they reach every kind of step and every log format', async () => {
    const reached = new Set<string>()
    for (const seed of seeds) for (const feature of await product.run(seed)) reached.add(feature)
    const steps = seeds.flatMap((seed) => seed.steps)
    expect(new Set(steps.map(({ kind }) => kind))).toEqual(
      new Set(['capture', 'log', 'datagrams', 'connections', 'state', 'order']),
    )
    for (const { format } of steps.filter((step) => step.kind === 'log'))
      expect([...reached].some((feature) => feature.startsWith(`log ${format} `))).toBe(true)
    for (const how of ['tls', 'quic', 'http', 'dns']) expect(reached).toContain(`named by ${how} false`)
    expect([...reached].filter((feature) => feature.startsWith('event ')).length).toBeGreaterThan(0)
    expect([...reached].filter((feature) => feature.startsWith('alert ')).length).toBeGreaterThan(0)
  })

  test.each([11, 12])('survives changed inputs of seed %i', async (seed) => {
    const fuzzer = counted(60, { target: product, seeds: seeds.slice(0, 30), seed })
    await fuzzer.run(() => fuzzer.over())
    expect([...fuzzer.findings.values()].map(({ message }) => message)).toEqual([])
    expect(fuzzer.executions).toBe(60)
  })
})

describe('hostile exporters', () => {
  const product = new Product(join(folder, 'exporters'))
  const exporters = exporterInputs()

  test('reach their sources', async () => {
    const reached = new Set<string>()
    for (const seed of exporters) for (const feature of await product.run(seed)) reached.add(feature)
    for (const start of ['flow true ', 'tzsp # captures its own stream', 'netflow # datagram', 'connections '])
      expect([...reached].filter((feature) => feature.startsWith(start))).not.toEqual([])
  })

  test('break nothing, and nothing of a sender that is not named is counted', async () => {
    const fuzzer = counted(40, { target: product, seeds: exporters, seed: 13 })
    await fuzzer.run(() => fuzzer.over())
    expect([...fuzzer.findings.values()].map(({ message }) => message)).toEqual([])
  })
})

describe('the fuzzing', () => {
  const capture = seeds[0]

  /** Breaks where two packets of three bytes stand in one capture behind a log. */
  const broken: Target = {
    run: ({ steps }) => {
      const log = steps.findIndex(({ kind }) => kind === 'log')
      const isBad = steps.some(
        (step, at) =>
          step.kind === 'capture' &&
          log >= 0 &&
          at > log &&
          packetsOf(step.bytes).filter(({ bytes }) => bytes[0] === 3).length >= 2,
      )
      return isBad ? Promise.reject(new BrokenPromise('two of 3')) : Promise.resolve(new Set())
    },
  }
  const packet = { linkType: 1, seconds: 1, nanos: 0, timed: true, originalLength: 3 }
  const bad: Input = {
    steps: [
      { kind: 'order', order: 'ask' },
      { kind: 'log', format: 'dnsmasq', bytes: new TextEncoder().encode('one\ntwo\n') },
      { kind: 'order', order: 'forget' },
      {
        kind: 'capture',
        bytes: plainFile(
          Array.from({ length: 40 }, (_, index) => ({ ...packet, bytes: Uint8Array.of(index % 13, index) })),
        ),
      },
    ],
  }

  test('makes a failing input as small as it still fails, keeps it once, and repeats it', async () => {
    const keep = join(folder, 'found')
    const fuzzer = counted(3, { target: broken, seeds: [bad, capture, bad], keep })
    await fuzzer.run(() => fuzzer.over())
    const [finding] = [...fuzzer.findings.values()]
    expect([fuzzer.findings.size, finding.times, readdirSync(keep).length]).toEqual([1, 2, 1])
    const { steps } = readInput(finding.path)
    expect(steps.map(({ kind }) => kind)).toEqual(['log', 'capture'])
    expect(steps.map((step) => (step.kind === 'capture' ? packetsOf(step.bytes).length : 0))).toEqual([0, 2])
    expect(await failureOf(broken, { steps })).toBe(finding.key)
  })

  test('keeps a changed input that reaches something new, and no other', async () => {
    let made = 0
    const target: Target = { run: () => Promise.resolve(new Set([`feature ${Math.min(4, made++)}`])) }
    const fuzzer = counted(20, { target, seeds: [capture] })
    await fuzzer.run(() => fuzzer.over())
    expect([fuzzer.corpusSize, fuzzer.features]).toEqual([5, 5])
  })

  test('sees by its own counters that other code of the product ran', async () => {
    const coverage = new Coverage()
    coverage.set(true)
    const product = new Product(join(folder, 'covered'))
    const of = async (input: Input): Promise<Set<string>> => {
      await product.run(input)
      const features = new Set<string>()
      coverage.take(features)
      return features
    }
    await of(capture)
    const [one, other] = [await of(capture), await of(seeds.find(({ steps }) => steps[0].kind === 'log') as Input)]
    coverage.set(false)
    expect([...other].some((feature) => feature.startsWith('capture/logs/') && !one.has(feature))).toBe(true)
  })

  test('makes the same inputs of the same seed', () => {
    const made = (seed: number): string =>
      JSON.stringify(
        Array.from({ length: 30 }, (_, index) => mutatedInput(seeds[index], seeds, seededRandom(seed + index))),
      )
    expect(made(4)).toBe(made(4))
    expect(made(4)).not.toBe(made(5))
  })

  test('changes documents of every shape into others', () => {
    const made = new Set<string>()
    const document = new TextEncoder().encode('{"a":[1,{"b":null}],"c":"x"}')
    for (let seed = 0; seed < 2_000; seed++) made.add(Buffer.from(mutatedJson(document, seededRandom(seed))).toString())
    expect(made.size).toBeGreaterThan(500)
  })

  test('writes an input so that it reads the same again', () => {
    const input: Input = {
      steps: [
        ...bad.steps,
        ...STATE_FILES.map((file) => ({ kind: 'state' as const, file, bytes: Uint8Array.of(0, 255) })),
        ...ORDERS.map((order) => ({ kind: 'order' as const, order })),
      ],
    }
    const path = join(folder, 'written.json')
    writeInput(path, input)
    expect(readInput(path)).toEqual(input)
  })

  test.each([
    [{ a: [1, Number.NaN] }, /a\[\] is NaN/],
    [{ a: { b: 'sent NaN bytes' } }, /a\.b: "NaN"/],
    [[undefined], /is undefined/],
    [new Map([['x', Number.POSITIVE_INFINITY]]), /x is Infinity/],
  ])('does not let %j pass', (value, message) => {
    expect(() => checkValue(value, '')).toThrow(message)
  })

  test('lets names pass that only look like a number gone wrong', () => {
    for (const text of ['banana', 'nan.example', 'undefined.example'.toUpperCase()]) checkText(text, '')
    expect(() => checkText('until Invalid Date', '')).toThrow(BrokenPromise)
  })
})
