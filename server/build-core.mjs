// Compiles the packet core, capture/core, to WebAssembly: `node server/build-core.mjs [FILE | --check]`.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'

const root = fileURLToPath(new URL('..', import.meta.url))
const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js')
/** Every load of the core is bounded by its own checks; `minimal` is the runtime that can free memory. */
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'minimal', '--use', 'abort=']

/** Writes the core to the file `outFile`. Rejects with the compiler's messages. */
export function buildCore(outFile) {
  return compile([...OPTIONS, '--outFile', outFile])
}

/** Checks the core's types. Rejects with the compiler's messages. */
export function checkCore() {
  return compile(['--noEmit'])
}

function compile(options) {
  const words = [compiler, join(root, 'capture/core/index.ts'), ...options]
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [word = join(root, 'dist/core.wasm')] = process.argv.slice(2)
  await (word === '--check' ? checkCore() : buildCore(word))
}
