// How do the sources become dist/, without breaking a service that runs from it meanwhile?
// Plain JavaScript: `node server/build.mjs` builds, with --unless-fresh only where a source has changed since.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
/** What dist/ is made of. Tests are no part of it. */
const SOURCES = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'server',
  'capture',
  'rules',
  'ui',
  'test/sample',
  'test/bench/home',
  'test/support',
]
/** Which sources dist/ was made of, and its files whose names hold their hash. */
const NOTE = 'build.json'
const HASHED = /-[A-Za-z0-9_-]{8}\.(js|css)$/

/** One number for the contents of all sources. */
export function fingerprint() {
  const hash = createHash('sha256')
  for (const file of SOURCES.flatMap((source) => filesUnder(join(root, source)))) {
    if (file.endsWith('.test.ts')) continue
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  }
  return hash.digest('hex')
}

export function isFresh() {
  return readNote()?.fingerprint === fingerprint()
}

/** Builds beside dist/ and puts the result in its place at the end; `say` is told each step. */
export async function build(say = () => {}) {
  const made = join(root, `dist.new-${process.pid}`)
  const started = fingerprint()
  try {
    rmSync(made, { recursive: true, force: true })
    mkdirSync(made)
    say('Bundling the server.')
    await bundle(made)
    say('Compiling the rules and recording the sample home.')
    await Promise.all([run([join(made, 'build-rules.js')]), run([join(made, 'build-sample.js'), made])])
    if (existsSync(join(root, 'ui/vite.config.ts'))) {
      say('Building the page.')
      await run([
        join(root, 'node_modules/vite/bin/vite.js'),
        'build',
        '--config',
        'ui/vite.config.ts',
        '--outDir',
        join(made, 'ui'),
        '--emptyOutDir',
        '--logLevel',
        'error',
      ])
    }
    const hashed = filesUnder(made)
      .map((file) => relative(made, file))
      .filter((file) => HASHED.test(file))
    keepWhatIsInUse(made, hashed)
    writeFileSync(join(made, NOTE), JSON.stringify({ fingerprint: started, hashed }))
    replaceDist(made)
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

/**
 * Each command's code is a file of its own; so is each worker thread's, at the place of its source:
 * server/a/b-worker.ts is dist/a/b-worker.js.
 */
async function bundle(outdir) {
  const esbuild = await import(pathToFileURL(join(root, 'node_modules/esbuild/lib/main.js')).href)
  const server = join(root, 'server')
  const workers = filesUnder(server).filter((file) => /[/\\]([a-z-]+-)?worker\.ts$/.test(file))
  const entries = [join(server, 'cli.ts'), join(server, 'build-rules.ts'), ...workers].map((file) => ({
    in: file,
    out: relative(server, file).replace(/\.ts$/, ''),
  }))
  await esbuild.build({
    entryPoints: [...entries, { in: join(root, 'test/sample/build.ts'), out: 'build-sample' }],
    absWorkingDir: root,
    outdir,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  })
}

/**
 * A service still running loads parts of itself by names that hold a hash, and so does an open page: the last build's
 * stay one build longer.
 */
function keepWhatIsInUse(made, hashed) {
  for (const file of readNote()?.hashed ?? []) {
    if (hashed.includes(file) || !existsSync(join(dist, file))) continue
    mkdirSync(dirname(join(made, file)), { recursive: true })
    copyFileSync(join(dist, file), join(made, file))
  }
}

function replaceDist(made) {
  const old = join(root, `dist.old-${process.pid}`)
  if (existsSync(dist)) renameSync(dist, old)
  renameSync(made, dist)
  rmSync(old, { recursive: true, force: true })
}

function readNote() {
  try {
    return JSON.parse(readFileSync(join(dist, NOTE), 'utf8'))
  } catch {
    // No build, or one cut short: the same as none.
    return null
  }
}

/** In a fixed order; nothing for what does not exist. */
function filesUnder(path) {
  if (!existsSync(path)) return []
  try {
    return readdirSync(path, { withFileTypes: true })
      .sort((one, other) => (one.name < other.name ? -1 : 1))
      .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(path, entry.name)) : [join(path, entry.name)]))
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path]
    throw error
  }
}

/** A step in a process of its own, so that its memory goes with it. */
function run(args) {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' })
    child.on('error', failed)
    child.on('exit', (status) =>
      status === 0 ? done() : failed(new Error(`"node ${args.join(' ')}" failed with status ${status}`)),
    )
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes('--unless-fresh') || !isFresh()) await build()
}
