// The command "analyze": reads its arguments, shows progress, prints the result.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { type Prefix, prefixOf } from '../../capture/ip-address.ts'
import { analyzeFile, STANDARD_INPUT, UnreadableCaptureError } from './analyze-file.ts'
import { compiledRulesFolder } from '../rules/folder.ts'
import { openRules, type Rules } from '../rulebook/open.ts'
import { jsonPieces } from './json-pieces.ts'
import type { AlertSettings } from '../alerts/settings.ts'
import type { Analysis } from './analysis.ts'
import type * as Print from './print.ts'
import type * as SettingArgument from './setting-argument.ts'

interface AnalyzeArguments {
  file: string
  json: boolean
  home: Prefix[] | null
  networks: string | null
  settings: string[]
}

/**
 * The engine's functions call each other per packet; with V8's usual limits of inlining, compiling them takes more
 * CPU than it saves (measured on captures of 0.5 and 2 GB: a tenth of the whole).
 */
const LESS_INLINING = '--max-inlined-bytecode-size-cumulative=300'

export interface LogOptions {
  rules: Rules
  home: Prefix[] | null
  bytesTotal: number
  onProgress?: (bytesRead: number, bytesTotal: number) => void
}

/** Modules that are not always needed. */
export interface AnalyzeParts {
  print: () => Promise<typeof Print>
  /** Analyses the file where it is a log of a resolver or of Zeek; null where it is none. */
  log: (path: string, options: LogOptions) => Promise<Analysis | null>
  settings: () => Promise<typeof SettingArgument>
}

/** Returns the exit code: 0 where anything could be read, 2 with one sentence on stderr where nothing could. */
export async function analyzeCommand(args: string[], parts: AnalyzeParts): Promise<number> {
  try {
    const { file, json, home, networks, settings } = readArguments(args)
    const alerts = settings.length === 0 ? null : await alertSettings(settings, parts)
    setFlagsFromString(LESS_INLINING)
    // npm runs scripts in the package's folder; INIT_CWD is the folder the command was called in.
    const path = file === STANDARD_INPUT ? file : resolve(process.env['INIT_CWD'] ?? '.', file)
    const rules = openRulesWith(networks)
    const onProgress = process.stderr.isTTY ? showProgress() : undefined
    const progress = onProgress === undefined ? {} : { onProgress }
    const analysis = await analyzeFile(path, {
      home,
      rules,
      onRead: stopOptimizing,
      ...(alerts === null ? {} : { alerts }),
      ...progress,
    }).catch((error: unknown) => analyzeLog(error, path, parts, { home, rules, ...progress }))
    if (onProgress !== undefined) process.stderr.write('\r\u001b[K')
    analysis.capture.file = file
    if (json) {
      for (const piece of jsonPieces(analysis)) await write(piece)
      await write('\n')
    } else await write((await parts.print()).printAnalysis(analysis, networks === null ? rules.networks.date : null))
    return 0
  } catch (error) {
    if (!(error instanceof UnreadableCaptureError || error instanceof ArgumentError)) throw error
    process.stderr.write(`telltale: ${error.message}\n`)
    return 2
  }
}

/** What is no capture may be a log; where it is none either, the sentence about captures stands. */
async function analyzeLog(
  error: unknown,
  path: string,
  parts: AnalyzeParts,
  options: Omit<LogOptions, 'bytesTotal'>,
): Promise<Analysis> {
  if (!(error instanceof UnreadableCaptureError) || !error.isOtherFile || path === STANDARD_INPUT) throw error
  try {
    const analysis = await parts.log(path, { ...options, bytesTotal: statSync(path).size })
    if (analysis !== null) return analysis
  } catch (failure) {
    throw new UnreadableCaptureError(`${path}: ${failure instanceof Error ? failure.message : String(failure)}`)
  }
  throw error
}

/** Analyses the capture for what it compiles, with V8's options as they are, and writes nothing. */
export async function analyzeSample(path: string): Promise<void> {
  const rules = openRulesWith(null)
  for (const piece of jsonPieces(await analyzeFile(path, { rules }))) void piece
}

/** What follows the reading runs once: to optimize it would take longer than it takes. */
function stopOptimizing(): void {
  setFlagsFromString('--no-opt')
}

class ArgumentError extends Error {}

function readArguments(args: string[]): AnalyzeArguments {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        home: { type: 'string', multiple: true },
        networks: { type: 'string' },
        setting: { type: 'string', multiple: true },
      },
    })
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0)
      throw new Error(
        'name one capture file: telltale analyze FILE [--json] [--home CIDR]… [--networks CSV] [--setting NAME=VALUE]…',
      )
    return {
      file,
      json: values.json,
      home: values.home?.map(prefixOf) ?? null,
      networks: values.networks ?? null,
      settings: values.setting ?? [],
    }
  } catch (error) {
    throw new ArgumentError((error as Error).message)
  }
}

/** Loaded only where it is needed: most analyses start without the settings' schema. */
async function alertSettings(given: string[], parts: AnalyzeParts): Promise<AlertSettings> {
  const { recordingSettings } = await parts.settings()
  try {
    return recordingSettings(given)
  } catch (error) {
    throw new ArgumentError((error as Error).message)
  }
}

/** The compiled rules; what is wrong with them or with the owner's table is a sentence for the person. */
function openRulesWith(networks: string | null): Rules {
  try {
    return openRules(compiledRulesFolder(), networks === null ? null : ownNetworks(networks))
  } catch (error) {
    throw new ArgumentError((error as Error).message)
  }
}

/** The owner's own table of networks, dated by the file's last change. */
function ownNetworks(file: string): { networksFile: string; networksDate: string } {
  const path = resolve(process.env['INIT_CWD'] ?? '.', file)
  try {
    return { networksFile: path, networksDate: statSync(path).mtime.toISOString().slice(0, 10) }
  } catch {
    throw new ArgumentError(`--networks ${file}: there is no such file`)
  }
}

/** A line on the terminal, at most ten times a second. */
function showProgress(): (bytesRead: number, bytesTotal: number) => void {
  const start = performance.now()
  let shown = start
  return (bytesRead, bytesTotal) => {
    const now = performance.now()
    if (now - shown < 100 || bytesTotal === 0) return
    shown = now
    const share = Math.min(1, bytesRead / bytesTotal)
    const secondsLeft = Math.ceil(((now - start) / 1000) * (1 / share - 1))
    process.stderr.write(`\r\u001b[K${Math.floor(share * 100)} % read, about ${secondsLeft} s left`)
  }
}

/** Waits until the text has left the process: a pipe takes it as fast as it is read. */
function write(text: string): Promise<void> {
  return new Promise((done, failed) => {
    process.stdout.write(text, (error) => (error ? failed(error) : done()))
  })
}
