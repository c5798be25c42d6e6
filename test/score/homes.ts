// How much of each real home's traffic is named, by which name source, and whether the best sources agree.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { readCaptureFile } from '../../capture/sources/file.ts'
import type { Analysis } from '../../server/analyze/analysis.ts'
import { buildAnalysis } from '../../server/analyze/report.ts'
import { Engine } from '../../server/engine/engine.ts'
import { NAMED_BY_WORDS, type NamedByWord } from '../../server/engine/named-by.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { openRules, type Rules } from '../../server/rulebook/open.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'

/** Sources that hold a home's devices rather than protocol vectors. */
const HOMES = /IoT_Sentinel|NKUHack|VCFingerprinting|alexa_recon|intl-iot|iot-inspector|nDPI/

/** An engine that notes how the names that flows carry differ from those that their devices looked up. */
class ComparingEngine extends Engine {
  readonly differences = new Map<string, number>()

  constructor() {
    super()
    this.core.host.nameDiffers = (name, byDns) => {
      const words = `hello ${this.names.text(name)}, DNS ${this.names.text(byDns)}`
      this.differences.set(words, (this.differences.get(words) ?? 0) + 1)
    }
  }

  get agreed(): number {
    return this.core.exports.namesAgreed.value as number
  }
}

export interface HomeScore {
  captures: number
  bytes: number
  by: Map<NamedByWord, number>
  agreed: number
  differences: Map<string, number>
}

/** Scores per folder of captures. */
export async function scoreHomes(folder: string, rules: Rules): Promise<Map<string, HomeScore>> {
  const homes = new Map<string, HomeScore>()
  for (const name of readdirSync(join(folder, 'truth'), { recursive: true, encoding: 'utf8' }).sort()) {
    const capture = join(folder, 'captures', name.replace(/\.json$/, ''))
    if (!name.endsWith('.json') || !HOMES.test(name) || !existsSync(capture)) continue
    const engine = new ComparingEngine()
    const reader = new CaptureReader((frame) => engine.packet(frame))
    await readCaptureFile(capture, reader)
    engine.finish()
    const home =
      name.split('/').slice(0, -1).at(-1) === 'pcap' ? name.split('/').at(-1) : name.split('/').slice(0, -1).at(-1)
    addTo(homes, (home as string).replace(/\.json$/, ''), buildAnalysis(capture, reader, engine, rules), engine)
  }
  return homes
}

function addTo(homes: Map<string, HomeScore>, name: string, analysis: Analysis, engine: ComparingEngine): void {
  const score = homes.get(name) ?? { captures: 0, bytes: 0, by: new Map(), agreed: 0, differences: new Map() }
  homes.set(name, score)
  score.captures++
  score.agreed += engine.agreed
  for (const [words, count] of engine.differences)
    score.differences.set(words, (score.differences.get(words) ?? 0) + count)
  for (const { namedBy, sent, received } of analysis.devices.flatMap((device) => device.endpoints)) {
    score.bytes += sent + received
    score.by.set(namedBy, (score.by.get(namedBy) ?? 0) + sent + received)
  }
}

if (process.argv[1] === import.meta.filename) {
  const folder = process.argv[2] ?? realDataFolder()
  if (folder === null) {
    console.log(NO_REAL_DATA)
  } else {
    const words = [...NAMED_BY_WORDS.slice(1), NAMED_BY_WORDS[0]]
    console.log(['home', 'captures', 'kB', ...words, 'agree', 'differ'].join('\t'))
    const homes = await scoreHomes(folder, openRules(compiledRulesFolder()))
    for (const [name, { captures, bytes, by, agreed, differences }] of homes) {
      const shares = words.map((word) => `${bytes === 0 ? 0 : Math.round((100 * (by.get(word) ?? 0)) / bytes)} %`)
      const differ = [...differences.values()].reduce((sum, count) => sum + count, 0)
      console.log([name, captures, Math.round(bytes / 1000), ...shares, agreed, differ].join('\t'))
    }
    for (const [name, { differences }] of homes)
      for (const [words, count] of differences) console.log(`${name}: ${words} (${count} flows)`)
  }
}
