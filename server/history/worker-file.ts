// File of the history's thread: built beside this one, or its source where nothing was built.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { WorkerOptions } from 'node:worker_threads'
import { builtFile } from '../built-file.ts'

/** The file to start, and how: sources need tsx to be read. */
export function workerFile(): { file: URL; options: Pick<WorkerOptions, 'execArgv'> } {
  const source = new URL('./worker.ts', import.meta.url)
  if (import.meta.url.endsWith('.ts') && existsSync(fileURLToPath(source))) {
    // The registration by import is what a worker of Node 20 understands; --import is not passed on there.
    return { file: new URL(`data:text/javascript,${encodeURIComponent(startSource(source))}`), options: {} }
  }
  return { file: builtFile('history/worker.js'), options: {} }
}

function startSource(source: URL): string {
  const tsx = import.meta.resolve('tsx/esm/api')
  return `import { register } from ${JSON.stringify(tsx)}; register(); await import(${JSON.stringify(source.href)})`
}
