// The whole product in one process: an input goes through everything that its bytes would pass on a real machine.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { readCaptureFile } from '../../capture/sources/file.ts'
import type { Analysis } from '../../server/analyze/analysis.ts'
import { analyzeFile, UnreadableCaptureError } from '../../server/analyze/analyze-file.ts'
import { printAnalysis } from '../../server/analyze/print.ts'
import { recordingSettings } from '../../server/analyze/setting-argument.ts'
import type { AlertSettings } from '../../server/alerts/settings.ts'
import { Engine } from '../../server/engine/engine.ts'
import { BindingNumber, RowNumber } from '../../server/engine/row-table.ts'
import { openRules, type Rules } from '../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { addBytes, checkJson, checkText, checkValue, expectSameBytes, expectThat, noBytes } from './checks.ts'
import { type Features, featuresOf, shape } from './features.ts'
import { runHome } from './home.ts'
import type { Input } from './input.ts'
import { SENSITIVE } from './sensitive.ts'
import { playRecording } from './recording.ts'
import { TIME_ZONE } from './time-zone.ts'

export class Product {
  readonly rules: Rules = openRules(compiledRulesFolder())
  private readonly folder: string

  /** `folder` is for captures and state; it is emptied for each input. */
  constructor(folder: string) {
    this.folder = folder
    process.env['TZ'] = TIME_ZONE
  }

  /** Rejects with what the input broke. */
  async run(input: Input): Promise<Features> {
    const features: Features = new Set()
    rmSync(this.folder, { recursive: true, force: true })
    mkdirSync(this.folder, { recursive: true })
    const captures = input.steps.filter((step) => step.kind === 'capture')
    for (const { bytes } of captures) await this.readFile(bytes, features)
    const isOnlyCapture = captures.length === 1 && input.steps.length === 1
    // A single capture goes into a home now and then: most of what a home does with it a recording does too.
    if (!isOnlyCapture || captures[0].bytes.length % 3 === 0)
      await runHome(input, { rules: this.rules, folder: this.folder, features })
    return features
  }

  private async readFile(bytes: Uint8Array, features: Features): Promise<void> {
    const path = join(this.folder, 'capture')
    writeFileSync(path, bytes)
    await checkSums(path)
    const analysis = await this.analyze(path, features)
    // What the usual settings let pass has words as well.
    if (analysis !== null && bytes.length % 4 === 0) await this.analyze(path, features, recordingSettings(SENSITIVE))
    await playRecording(path, { rules: this.rules, features, analysis })
  }

  /** What `analyze` prints, both ways; null where it says that this is no capture. */
  private async analyze(path: string, features: Features, alerts?: AlertSettings): Promise<Analysis | null> {
    let analysis: Analysis
    try {
      analysis = await analyzeFile(path, { rules: this.rules, ...(alerts === undefined ? {} : { alerts }) })
    } catch (error) {
      if (!(error instanceof UnreadableCaptureError)) throw error
      checkText(error.message, 'why a file is unreadable')
      features.add(`unreadable ${shape(error.message)}`)
      return null
    }
    checkValue(analysis, 'analysis')
    checkJson(analysis, 'analysis')
    checkText(printAnalysis(analysis, this.rules.networks.date), 'the printed analysis')
    checkParts(analysis)
    featuresOf(analysis, features)
    return analysis
  }
}

/** Endpoints add up to their device, and what an address moved does too. */
function checkParts({ devices, capture, coverage }: Analysis): void {
  for (const device of devices) {
    const sum = noBytes()
    for (const { sent, received } of device.endpoints) addBytes(sum, { ...noBytes(), sent, received })
    sum.sentLocal = device.sentLocal
    sum.receivedLocal = device.receivedLocal
    expectSameBytes(device, sum, `endpoints of ${device.id}`)
    const byAddress = noBytes()
    for (const one of device.byAddress) addBytes(byAddress, { ...noBytes(), ...one })
    expectThat(byAddress.sentLocal === device.sentLocal, `addresses of ${device.id}`)
    for (const value of [device.sent, device.received, device.sentLocal, device.receivedLocal])
      expectThat(value >= 0, `${device.id} moved ${value} bytes`)
  }
  expectThat(capture.ipPackets <= capture.packets, 'more IP packets than packets')
  expectThat(coverage.share >= 0 && coverage.share <= 1 + 1e-9, `coverage is ${coverage.share}`)
}

/** Every IP byte is in a row, within the home, passing by, a copy's or a tunnel's: none is lost and none is twice. */
async function checkSums(path: string): Promise<void> {
  const engine = new Engine()
  await readCaptureFile(path, new CaptureReader((frame) => engine.packet(frame))).catch(() => undefined)
  engine.finish()
  let rows = 0
  for (let row = 0; row < engine.rows.used; row++)
    rows += engine.rows.number(row, RowNumber.Sent) + engine.rows.number(row, RowNumber.Received)
  let [bindings, local] = [0, 0]
  for (let binding = 0; binding < engine.ownership.bindingsUsed; binding++) {
    const of = (field: number): number => engine.rows.bindingNumber(binding, field)
    bindings += of(BindingNumber.Sent) + of(BindingNumber.Received)
    local += of(BindingNumber.SentLocal) + of(BindingNumber.ReceivedLocal)
  }
  expectThat(rows === bindings, `rows hold ${rows} bytes, bindings ${bindings}`)
  // Between two devices a packet counts at both ends, to a group at one.
  const rest = engine.ipBytes - rows - engine.transitBytes - engine.tunnelBytes - engine.copiedBytes
  expectThat(
    rest >= local / 2 && rest <= local && rest === engine.localBytes,
    `of ${engine.ipBytes} IP bytes ${rows} are in rows, ${engine.transitBytes} passed by, ${engine.tunnelBytes} are tunnels', ${engine.copiedBytes} copies', ${local} were counted at home`,
  )
}
