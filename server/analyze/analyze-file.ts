// Reads a capture file through the engine and says what is in it.
import { READ_TO_ENGINE } from '../../capture/core/constants.ts'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { EMPTY_FILE } from '../../capture/formats/other-files.ts'
import type { Problem } from '../../capture/formats/problem.ts'
import { readCaptureFile, type FileReadOptions, timeOfFile } from '../../capture/sources/file.ts'
import { readCaptureStream } from '../../capture/sources/stream.ts'
import { captureView } from '../engine/capture-view.ts'
import { Engine, type EngineOptions } from '../engine/engine.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import type { Analysis } from './analysis.ts'
import type { Rules } from '../rulebook/open.ts'
import { RecordingDetection } from '../detection/recording-detection.ts'
import { viewSentence } from '../text/en/capture-view.ts'
import { buildAnalysis } from './report.ts'

/** Names standard input in place of a file. */
export const STANDARD_INPUT = '-'

/** Thrown where nothing of the file could be read; the message is a sentence for the person who named it. */
export class UnreadableCaptureError extends Error {
  /** The file could be read, and begins like no capture. */
  readonly isOtherFile: boolean

  constructor(message: string, isOtherFile = false) {
    super(message)
    this.isOtherFile = isOtherFile
  }
}

export interface AnalyzeOptions extends Omit<EngineOptions, 'onTick' | 'onSecond'>, FileReadOptions {
  /** What is known of companies and devices; without it they stay null. */
  rules?: Rules
  /** What stands out; as for every recording where absent. */
  alerts?: AlertSettings
  /** Called when the whole file was read, before the analysis is written up. */
  onRead?: () => void
}

/**
 * Analyses the capture at `path`, or on standard input. Damage is listed in capture.problems; UnreadableCaptureError is
 * thrown where the file cannot be opened, is no capture, or is damaged before its first packet.
 */
export async function analyzeFile(path: string, options: AnalyzeOptions = {}): Promise<Analysis> {
  const { rules } = options
  const engine = new Engine(
    rules === undefined ? options : { ...options, onSecond: (second) => activity?.addSecond(second) },
  )
  const activity =
    rules === undefined
      ? null
      : new RecordingDetection(engine, rules, {
          core: engine.core,
          ...(options.alerts === undefined ? {} : { settings: options.alerts }),
        })
  let hasFaults = false
  const reader = new CaptureReader(
    {
      core: engine.core,
      mode: READ_TO_ENGINE,
      // A mistake of the program: what the packets before and behind it hold is worth more than giving up.
      onFault: (error) => {
        hasFaults = true
        reader.problems.add(
          reader.packets,
          reader.packetOffset,
          `the packet could not be processed (${wordsOf(error)})`,
        )
      },
    },
    path === STANDARD_INPUT ? {} : { fileTime: timeOfFile(path) },
  )
  try {
    if (path === STANDARD_INPUT) await readCaptureStream(process.stdin, reader, options)
    else await readCaptureFile(path, reader, options)
  } catch (error) {
    throw new UnreadableCaptureError(describeFileError(path, error))
  }
  const problem = reader.allProblems()[0]
  if (reader.format === null || (reader.packets === 0 && reader.failed) || !reader.hasHeader) {
    throw new UnreadableCaptureError(
      `${path}: ${problem === undefined ? EMPTY_FILE : problem.message}`,
      reader.format === null,
    )
  }
  options.onRead?.()
  const attempt = <Result>(what: string, work: () => Result): Result | null => {
    try {
      return work()
    } catch (error) {
      hasFaults = true
      reader.problems.add(0, 0, `${what} (${wordsOf(error)})`)
      return null
    }
  }
  attempt('the end of the capture could not be counted', () => engine.finish())
  for (const problem of engine.linkProblems) reader.problems.add(0, 0, problem)
  const analysis = buildAnalysis(path, reader, engine, rules ?? null, hasFaults)
  const views = attempt('the capture as a whole could not be judged', () => viewsOf(engine, analysis))
  if (activity !== null)
    Object.assign(
      analysis,
      attempt('events and alerts could not be worked out', () => activity.finish(analysis.devices)),
    )
  const ofWhole = [...engine.clockJumps.sentences(), ...(views ?? [])]
  analysis.capture.problems = [...ofWhole.map(problemOfAll), ...reader.allProblems()]
  return analysis
}

/** Where more than this part of the bytes may be the home's and is nobody's, it is a problem. */
const UNKNOWN_PART = 0.01

/** Where the owner names the home, what is of it is their choice. */
function viewsOf(engine: Engine, { capture, coverage }: Analysis): string[] {
  if (engine.isHomeNamed) return []
  const facts = captureView(engine.core)
  const views = facts.map(viewSentence)
  const { bytes = 0 } = coverage.bytes.remainder.find(({ reason }) => reason === 'passing-by') ?? {}
  if (bytes <= UNKNOWN_PART * capture.ipBytes || facts.some(({ kind }) => kind === 'internet-side')) return views
  return [...views, `${bytes} bytes between addresses of which none is known to be at home; name it with --home`]
}

function problemOfAll(message: string): Problem {
  return { packet: 0, offset: 0, message }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function describeFileError(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'ENOENT') return `${path}: there is no such file`
  if (code === 'EACCES' || code === 'EPERM') return `${path}: this user may not read it`
  if (code === 'EISDIR') return `${path}: this is a folder; name a capture file in it`
  return `${path}: ${wordsOf(error)}`
}
