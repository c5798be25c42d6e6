// Coverage of the product's code by an input, from V8's own counters: blocks, and roughly how often each ran.
import { Session } from 'node:inspector'
import { fileURLToPath } from 'node:url'
import type { Features } from './features.ts'
import { magnitude } from './features.ts'

interface ScriptCoverage {
  url: string
  functions: { functionName: string; ranges: { startOffset: number; count: number }[] }[]
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PRODUCT = ['capture/', 'server/']

/** Costs about what a small input does: to be switched on for some of the inputs. */
export class Coverage {
  private readonly session = new Session()
  private isOn = false

  constructor() {
    this.session.connect()
    this.ask('Profiler.enable')
  }

  set(isOn: boolean): void {
    if (isOn === this.isOn) return
    this.isOn = isOn
    if (isOn) this.ask('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
    else this.ask('Profiler.stopPreciseCoverage')
  }

  /** Adds what ran since the last call. */
  take(features: Features): void {
    if (!this.isOn) return
    const { result } = this.ask('Profiler.takePreciseCoverage') as { result: ScriptCoverage[] }
    for (const { url, functions } of result) {
      const file = url.replace(/^file:\/\//, '').replace(ROOT, '')
      if (!PRODUCT.some((folder) => file.startsWith(folder))) continue
      for (const { ranges } of functions)
        for (const { startOffset, count } of ranges)
          if (count > 0) features.add(`${file}:${startOffset}:${magnitude(count)}`)
    }
  }

  private ask(method: string, parameters: object = {}): unknown {
    let answer: unknown
    let failure: Error | null = null
    // The session answers at once: it is of this thread.
    this.session.post(method, parameters, (error, result) => {
      failure = error
      answer = result
    })
    if (failure !== null) throw failure as Error
    return answer
  }
}
