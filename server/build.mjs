// The build: the sources become dist/, step by step, and a service that runs from dist/ meanwhile is not broken.
// Plain JavaScript: `node server/build.mjs` repeats the steps whose sources changed since, with --all every step.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
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
import { buildCore } from './build-core.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')
/** Which sources each step is made of. Tests are no part of any. */
const SOURCES = {
  core: ['package-lock.json', 'capture/core', 'server/build-core.mjs'],
  server: ['package-lock.json', 'tsconfig.json', 'server', 'capture'],
  rules: ['package-lock.json', 'rules'],
  sample: [],
  cache: ['package-lock.json', 'server', 'capture', 'rules'],
  page: ['package-lock.json', 'tsconfig.json', 'vite.config.ts', 'ui', 'server/api', 'server/api.ts', 'server/text'],
}
/** What a step leaves in dist/; the server's is all the rest. */
const OUTPUTS = {
  core: 'core.wasm',
  server: 'cli.js',
  rules: 'rules',
  sample: 'sample.pcap.gz',
  cache: 'analyze.cache',
  page: 'ui',
}
/** Programs of the build itself: their bundles hold all their code, so a step is repeated when its program changes. */
const PROGRAMS = { rules: 'build-rules.js', sample: 'build-sample.js', cache: 'build-analyze-cache.js' }
/** Fingerprints of the steps' sources and programs, and the files whose names hold their hash. */
const NOTE = 'build.json'
/** Loading its files one by one takes 0.2 s of CPU, three times as long as the rest of the start of `analyze`. */
const BUNDLED = ['typebox']
const HASHED = /-[A-Za-z0-9_-]{8}\.(js|css)(\.map)?$/
const PLACING_TRIES = 10

/** True for a file that the page's fingerprint covers. `file` is relative to the repository. */
export function isPageSource(file) {
  return SOURCES.page.some((source) => file === source || file.startsWith(`${source}/`))
}

export function isFresh() {
  return staleSteps(readNote(), fingerprints()).length === 0
}

/**
 * Builds beside dist/ what changed, or everything, and puts the result in its place at the end; `say` is called with
 * each
 * step. Without `page`, a page that was built before stays as it is, and stale. Gives whether anything was built.
 */
export async function build(say = () => {}, { all = false, page = true } = {}) {
  const note = all ? emptyNote() : readNote()
  const sources = fingerprints()
  if (!page && existsSync(join(dist, OUTPUTS.page))) sources.page = note.sources.page
  const stale = staleSteps(note, sources)
  if (stale.length === 0) return false
  const made = join(root, `dist.new-${process.pid}`)
  try {
    rmSync(made, { recursive: true, force: true })
    mkdirSync(made)
    keepUnchanged(made, stale)
    if (stale.includes('core')) say('Compiling the packet core.')
    if (stale.includes('server')) say('Bundling the server.')
    await allDone([
      stale.includes('core') ? buildCore(join(made, OUTPUTS.core)) : undefined,
      stale.includes('server') ? bundle(made) : undefined,
    ])
    const programs = Object.fromEntries(
      Object.entries(PROGRAMS).map(([step, file]) => [step, digest([join(made, file)])]),
    )
    await Promise.all([
      makeRules(made, say, stale.includes('rules') || programs.rules !== note.programs.rules),
      makeSample(made, say, stale.includes('sample') || programs.sample !== note.programs.sample),
      stale.includes('page') ? makePage(made, say) : undefined,
    ])
    await makeCache(made, stale.includes('cache') || programs.cache !== note.programs.cache)
    const hashed = keepWhatIsInUse(made, stale)
    writeFileSync(join(made, NOTE), JSON.stringify({ sources, programs, hashed }))
    replaceDist(made)
    return true
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

/** Compiles the packet core alone where its sources changed, for tests that need nothing else of dist/. */
export async function buildCoreOnly() {
  const note = readNote()
  const sources = fingerprints()
  if (!staleSteps(note, sources).includes('core')) return
  const made = join(root, `core.new-${process.pid}.wasm`)
  try {
    await buildCore(made)
    mkdirSync(dist, { recursive: true })
    renameSync(made, join(dist, OUTPUTS.core))
    writeFileSync(join(dist, NOTE), JSON.stringify({ ...note, sources: { ...note.sources, core: sources.core } }))
  } finally {
    rmSync(made, { force: true })
  }
}

async function makeRules(made, say, isStale) {
  if (!isStale) return
  say('Compiling the rules.')
  rmSync(join(made, OUTPUTS.rules), { recursive: true, force: true })
  await run([join(made, PROGRAMS.rules)])
}

async function makeSample(made, say, isStale) {
  if (!isStale) return
  say('Recording the sample home.')
  await run([join(made, PROGRAMS.sample), made])
}

/** After the rules and the sample, which it runs over. */
async function makeCache(made, isStale) {
  if (isStale) await run([join(made, PROGRAMS.cache), made])
}

async function makePage(made, say) {
  say('Building the page.')
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  // Tests set another one, for which Svelte adds its checks: the same page comes of every build.
  const environment = { ...process.env, NODE_ENV: 'production' }
  const output = ['--outDir', join(made, OUTPUTS.page), '--emptyOutDir', '--logLevel', 'error']
  await run([vite, 'build', ...output], environment)
}

/** Packages are loaded from node_modules at run time, except those of many small files that every command needs. */
function externalPackages() {
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  )
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies })
  return names.filter((name) => !BUNDLED.includes(name)).flatMap((name) => [name, `${name}/*`])
}

/**
 * Each command's code is a file of its own; so is each worker thread's, at the place of its source:
 * server/a/b-worker.ts is dist/a/b-worker.js.
 */
async function bundle(outdir) {
  const esbuild = await import(pathToFileURL(join(root, 'node_modules/esbuild/lib/main.js')).href)
  const server = join(root, 'server')
  const workers = filesUnder(server).filter((file) => /[/\\]([a-z-]+-)?worker\.ts$/.test(file))
  const options = {
    absWorkingDir: root,
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: externalPackages(),
    logLevel: 'warning',
  }
  await allDone([
    esbuild.build({
      ...options,
      entryPoints: [join(server, 'cli.ts'), ...workers].map((file) => ({
        in: workers.includes(file) ? `${WORKER}${relative(root, file).replaceAll('\\', '/')}` : file,
        out: relative(server, file).replace(/\.ts$/, ''),
      })),
      plugins: [withSourceMaps],
      splitting: true,
      // The maps name the sources and leave out their text, which nothing needs to print a stack trace.
      sourcemap: true,
      sourcesContent: false,
    }),
    bundleAnalyze(esbuild, options),
    esbuild.build({
      ...options,
      entryPoints: Object.values(PROGRAMS).map((file) => join(server, file.replace(/\.js$/, '.ts'))),
    }),
  ])
}

/**
 * The command "analyze" as one script, which V8 can keep compiled: server/analyze/program.ts runs it, and gives it what
 * it does not hold itself.
 */
async function bundleAnalyze(esbuild, options) {
  await esbuild.build({
    ...options,
    entryPoints: { 'analyze.script': join(root, 'server/analyze/command.ts') },
    format: 'cjs',
    define: { 'import.meta.url': 'fileUrl' },
    banner: { js: '(function (exports, require, fileUrl) { const module = {};' },
    footer: { js: 'Object.assign(exports, module.exports); })' },
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [withoutSideEffects],
    sourcemap: true,
    sourcesContent: false,
  })
}

/** What of it nobody asks for is left out, although its package does not say that it may be. */
const withoutSideEffects = {
  name: 'typebox without side effects',
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: /./ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      const isOfTypebox = path === 'typebox' || /[/\\]node_modules[/\\]typebox[/\\]/.test(importer)
      if (pluginData === RESOLVING || !isOfTypebox) return undefined
      const found = await pluginBuild.resolve(path, { importer, kind, resolveDir, pluginData: RESOLVING })
      return { ...found, sideEffects: false }
    })
  },
}
const RESOLVING = 'resolving'

/**
 * A thread reads the maps of what it loads only after it was told to, which it does not learn from the thread that
 * starts it. cli.ts does the same.
 */
const WORKER = 'worker:'
const withSourceMaps = {
  name: 'source maps in workers',
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: /^worker:/ }, ({ path }) => ({
      path: path.slice(WORKER.length),
      namespace: 'worker',
    }))
    pluginBuild.onLoad({ filter: /.*/, namespace: 'worker' }, ({ path }) => ({
      contents: `process.setSourceMapsEnabled(true)\nawait import(${JSON.stringify(`./${path}`)})`,
      resolveDir: root,
    }))
  },
}

/** Steps that must be repeated, as far as the sources say; the bundled programs may add some. */
function staleSteps(note, sources) {
  return Object.keys(SOURCES).filter(
    (step) =>
      sources[step] !== null && (note.sources[step] !== sources[step] || !existsSync(join(dist, OUTPUTS[step]))),
  )
}

/** One number for the sources of each step; null for the page where there is none. */
function fingerprints() {
  return Object.fromEntries(
    Object.entries(SOURCES).map(([step, sources]) => [
      step,
      step === 'page' && !existsSync(join(root, 'vite.config.ts'))
        ? null
        : digest(sources.flatMap((source) => filesUnder(join(root, source)))),
    ]),
  )
}

function digest(files) {
  const hash = createHash('sha256')
  for (const file of files) {
    // Of the build's own files only their contents count, and those are bundled.
    const name = file.startsWith(dist) ? '' : relative(root, file)
    hash.update(`${name}\0`).update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

function isOfStep(file, step) {
  const owner = Object.keys(OUTPUTS).find(
    (name) => name !== 'server' && (file === OUTPUTS[name] || file.startsWith(`${OUTPUTS[name]}/`)),
  )
  return (owner ?? 'server') === step
}

/** What no step will make again is taken over. */
function keepUnchanged(made, stale) {
  if (!existsSync(dist)) return
  for (const name of readdirSync(dist)) {
    if (name === NOTE || stale.some((step) => isOfStep(name, step))) continue
    cpSync(join(dist, name), join(made, name), { recursive: true, preserveTimestamps: true })
  }
}

/**
 * A service still running loads parts of itself by names that hold a hash, and so does an open page: the last build's
 * stay one build longer. Gives the names of this build's.
 */
function keepWhatIsInUse(made, stale) {
  const files = filesUnder(made).map((file) => relative(made, file).replaceAll('\\', '/'))
  const isStale = (file) => stale.some((step) => isOfStep(file, step))
  const before = readNote().hashed
  const hashed = [
    ...files.filter((file) => HASHED.test(file) && isStale(file)),
    ...before.filter((file) => !isStale(file)),
  ]
  for (const file of before) {
    if (hashed.includes(file) || !existsSync(join(dist, file))) continue
    mkdirSync(dirname(join(made, file)), { recursive: true })
    copyFileSync(join(dist, file), join(made, file))
  }
  return hashed
}

/** Another build may put its result there at the same time: the last one stays. */
function replaceDist(made) {
  const old = join(root, `dist.old-${process.pid}`)
  for (let attempt = 1; ; attempt++) {
    try {
      if (existsSync(dist)) renameSync(dist, old)
      renameSync(made, dist)
      return
    } catch (error) {
      if (attempt === PLACING_TRIES || !['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error
    } finally {
      rmSync(old, { recursive: true, force: true })
    }
  }
}

function emptyNote() {
  return { sources: {}, programs: {}, hashed: [] }
}

function readNote() {
  try {
    return { ...emptyNote(), ...JSON.parse(readFileSync(join(dist, NOTE), 'utf8')) }
  } catch {
    // No build, or one cut short: the same as none.
    return emptyNote()
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

/** Waits for all of them, so that none writes once the build is given up; throws what failed first in the list. */
async function allDone(works) {
  const failed = (await Promise.allSettled(works)).find(({ status }) => status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/** A step in a process of its own, so that its memory goes with it. */
function run(args, env = process.env) {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' })
    child.on('error', failed)
    child.on('exit', (status) =>
      status === 0 ? done() : failed(new Error(`"node ${args.join(' ')}" failed with status ${status}`)),
    )
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build(undefined, { all: process.argv.includes('--all') })
}
