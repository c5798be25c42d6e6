// Compiles the packet core, capture/core, to WebAssembly. Plain JavaScript: `node server/build-core.mjs FILE`.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'

const root = fileURLToPath(new URL('..', import.meta.url))
const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js')
/** Every load of the core is bounded by its own checks; `minimal` is the runtime that can free memory. */
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'minimal', '--use', 'abort=']

/** Writes the core to the file `outFile`. Rejects with the compiler's messages. */
export function buildCore(outFile) {
  const words = [compiler, join(root, 'capture/core/index.ts'), ...OPTIONS, '--outFile', outFile]
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', 'inherit', 'pipe'] })
    let errors = ''
    child.stderr.on('data', (piece) => (errors += piece))
    child.once('error', reject)
    child.once('exit', (status) =>
      status === 0 ? resolve() : reject(new Error(`the packet core could not be compiled:\n${errors}`)),
    )
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildCore(process.argv[2] ?? join(root, 'dist/core.wasm'))
