// How many spoken requests are found in captures of them: npx tsx test/score/voice.ts FOLDER…
//
// Each capture is read as it is, and once more without every packet in which a device announces itself or that carries
// a name. A file's name says how often something was said: "flip_a_coin_5_30s.pcap" five times, 30 s apart.
import { basename, join } from 'node:path'
import { RecordingDetection } from '../../server/detection/recording-detection.ts'
import { Engine } from '../../server/engine/engine.ts'
import { describeDevices } from '../../server/resolve/describe-devices.ts'
import { openRules, type Rules } from '../../server/rulebook/open.ts'
import { compiledRulesFolder } from '../../server/rules/folder.ts'
import { realDataFolder } from '../support/real-data.ts'
import { CAPTURE, capturesIn, readInto } from './capture-files.ts'
import { NamePackets } from './name-packets.ts'

/** So often something was said where the file's name does not tell. */
const USUAL = 5

/** Requests that were spoken, that are found, and that are found beyond the spoken ones. */
export interface VoiceScore {
  truth: number
  found: number
  over: number
}

/** The number without "s" at the end of the file's name. */
export function spokenIn(path: string): number {
  const [end = ''] = /(?:_\d+s?)+$/.exec(basename(path).replace(CAPTURE, '')) ?? []
  const number = end.split('_').find((word) => /^\d+$/.test(word))
  return number === undefined ? USUAL : Number(number)
}

/** The voice requests that telltale finds in the capture, by confidence; without names where `isMasked`. */
export async function requestsIn(path: string, isMasked: boolean, rules: Rules): Promise<number[]> {
  const engine = new Engine({ onSecond: (second) => activity.addSecond(second) })
  const activity = new RecordingDetection(engine, rules, { core: engine.core })
  await readInto(engine, path, isMasked ? new NamePackets({ announcements: true }) : null)
  const { events } = activity.finish(describeDevices(engine, rules))
  return events.filter(({ kind }) => kind === 'voice-request').map(({ confidence }) => confidence)
}

export async function scoreVoice(path: string, isMasked: boolean, rules: Rules): Promise<VoiceScore> {
  const truth = spokenIn(path)
  const { length } = await requestsIn(path, isMasked, rules)
  return { truth, found: Math.min(truth, length), over: Math.max(0, length - truth) }
}

async function report(folders: readonly string[]): Promise<void> {
  const rules = openRules(compiledRulesFolder())
  const total = { captures: 0, truth: 0, found: 0, over: 0, maskedFound: 0, maskedOver: 0 }
  for (const path of folders.flatMap(capturesIn)) {
    try {
      const whole = await scoreVoice(path, false, rules)
      const masked = await scoreVoice(path, true, rules)
      console.log(`${basename(path)} truth ${whole.truth} ${words(whole)} masked ${words(masked)}`)
      total.captures++
      total.truth += whole.truth
      total.found += whole.found
      total.over += whole.over
      total.maskedFound += masked.found
      total.maskedOver += masked.over
    } catch (error) {
      console.log(`${path}: not read: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const { captures, truth, found, over, maskedFound, maskedOver } = total
  const masked = words({ found: maskedFound, over: maskedOver })
  console.log(`total captures ${captures} truth ${truth} ${words({ found, over })} masked ${masked}`)
}

function words({ found, over }: Pick<VoiceScore, 'found' | 'over'>): string {
  return `found ${found} over ${over}`
}

if (process.argv[1] === import.meta.filename) {
  const folders = process.argv.slice(2)
  const data = realDataFolder()
  if (folders.length === 0 && data === null)
    console.log('Name folders of captures: npx tsx test/score/voice.ts FOLDER…')
  else
    await report(
      folders.length > 0 ? folders : [join(data as string, 'captures/SmartHomePrivacyProject+VCFingerprinting')],
    )
}
