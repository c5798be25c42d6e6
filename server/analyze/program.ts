// The program of "analyze": as the build made it, one script with V8's code cache beside it.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import type * as AnalyzeCommand from './command.ts'

type Command = typeof AnalyzeCommand

/** What few analyses need is loaded only then. */
const PARTS: Omit<AnalyzeCommand.AnalyzeParts, 'log'> = {
  print: () => import('./print.ts'),
  settings: () => import('./setting-argument.ts'),
}

export async function runAnalyze(args: string[], log: AnalyzeCommand.AnalyzeParts['log']): Promise<number> {
  const isSource = import.meta.url.endsWith('.ts')
  const { analyzeCommand } = isSource ? await import('./command.ts') : loadScript(dirOfDist()).command
  return analyzeCommand(args, { ...PARTS, log })
}

/** Beside the chunk that holds this. */
function dirOfDist(): URL {
  return new URL('.', import.meta.url)
}

/**
 * Most of a short analysis is the compilation of its functions: the cache holds those that the build's own analysis
 * ran. Another version of Node, or other options of V8, refuse it and compile as usual.
 */
export function loadScript(dist: URL): { command: Command; script: Script } {
  const file = new URL('analyze.script.js', dist)
  const cache = new URL('analyze.cache', dist)
  // esbuild writes nothing but ASCII.
  const source = readFileSync(file, 'latin1')
  const script = new Script(source, {
    filename: file.href,
    ...(existsSync(cache) ? { cachedData: readFileSync(cache) } : {}),
  })
  const command = {} as Command
  const run = script.runInThisContext() as (exports: Command, require: NodeJS.Require, url: string) => void
  run(command, createRequire(fileURLToPath(file)), file.href)
  return { command, script }
}
