// A copy of the repository in a temporary folder, in which a mutant is built and tested.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { build, type BuildOptions } from 'esbuild'
import { createVitest, type TestModule, type Vitest } from 'vitest/node'

/** `killedBy` is the first test that failed; null where all passed. */
export interface Outcome {
  killedBy: string | null
  failedFile: string | null
}

export interface Tree {
  write(file: string, text: string): Promise<void>
  /** Builds the programs of the server again, from what is written. */
  build(): Promise<void>
  /** Runs tests until one fails. What takes longer than `seconds` in all counts as noticed. */
  test(files: string[], seconds: number): Promise<Outcome>
  close(): Promise<void>
  /** What is left when there is no time to close. */
  remove(): void
}

export function createTree(root: string, workers: number): Tree {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-mutate-'))
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  for (const file of listed.toString().split('\0')) {
    if (file === '' || !existsSync(join(root, file))) continue
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file))
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  if (existsSync(join(root, 'dist'))) cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true })
  // Tests see the copy as the place where they are run. Real captures are left out: who runs this elsewhere has none.
  process.chdir(folder)
  process.env['TELLTALE_DATA'] = ''
  const runner = new Runner(folder, workers)
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  return {
    write: async (file, text) => {
      writeFileSync(join(folder, file), text)
      await runner.changed(file)
    },
    build: () => buildPrograms(folder),
    test: (files, seconds) => runner.test(files, seconds),
    close: async () => {
      await runner.close()
      remove()
    },
    remove,
  }
}

/** The command line and the programs of threads, each at the place of its source, as `server/build.mjs` puts them. */
async function buildPrograms(folder: string): Promise<void> {
  if (!existsSync(join(folder, 'dist'))) return
  const server = join(folder, 'server')
  const workers = execFileSync('find', [server, '-name', '*worker.ts'], { encoding: 'utf8' }).trim().split('\n')
  const options: BuildOptions = {
    entryPoints: [join(server, 'cli.ts'), ...workers.filter((file) => file !== '')].map((file) => ({
      in: file,
      out: relative(server, file).replace(/\.ts$/, ''),
    })),
    absWorkingDir: folder,
    outdir: join(folder, 'dist'),
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'silent',
  }
  await build(options)
}

/** One vitest for all mutants: it starts once, and reads again only what was changed. */
class Runner {
  private readonly folder: string
  private readonly workers: number
  private vitest: Promise<Vitest> | null = null

  constructor(folder: string, workers: number) {
    this.folder = folder
    this.workers = workers
  }

  async changed(file: string): Promise<void> {
    const vitest = await this.vitest
    vitest?.invalidateFile(join(this.folder, file))
  }

  async test(files: string[], seconds: number): Promise<Outcome> {
    this.vitest ??= this.start()
    const vitest = await this.vitest
    const wanted = new Set(files.map((file) => join(this.folder, file)))
    const specifications = (await vitest.globTestSpecifications(files)).filter(({ moduleId }) => wanted.has(moduleId))
    // What failed before would count as a failure of this run, and end it at once.
    vitest.state.filesMap.clear()
    vitest.state.idMap.clear()
    vitest.state.errorsSet.clear()
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      void vitest.cancelCurrentRun('keyboard-input')
      endChildren()
    }, seconds * 1000)
    try {
      const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications, false)
      if (isLate) return await this.late(seconds)
      return firstFailure(
        this.folder,
        testModules.filter(({ moduleId }) => wanted.has(moduleId)),
        unhandledErrors,
      )
    } catch (error) {
      if (isLate) return await this.late(seconds)
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  async close(): Promise<void> {
    const vitest = await this.vitest
    this.vitest = null
    await vitest?.close()
  }

  private async late(seconds: number): Promise<Outcome> {
    await this.close()
    return { killedBy: `time limit of ${seconds} s`, failedFile: null }
  }

  private start(): Promise<Vitest> {
    const { folder, workers } = this
    return createVitest('test', {
      root: folder,
      config: join(folder, 'vitest.config.ts'),
      watch: false,
      bail: 1,
      retry: 0,
      maxWorkers: workers,
      reporters: [{}],
    })
  }
}

/** A test that never ends cannot be asked to: its process is ended. */
function endChildren(): void {
  const listed = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
  for (const [, pid] of listed.matchAll(/^\s*(\d+) .*vitest.*$/gm)) process.kill(Number(pid), 'SIGKILL')
}

function firstFailure(folder: string, modules: readonly TestModule[], errors: readonly unknown[]): Outcome {
  for (const module of modules) {
    const failedFile = relative(folder, module.moduleId)
    for (const { fullName } of module.children.allTests('failed'))
      return { killedBy: `${failedFile} › ${fullName}`, failedFile }
    const [error] = [...module.errors(), ...[...module.children.allSuites()].flatMap((suite) => suite.errors())]
    if (error !== undefined) return { killedBy: `${failedFile}: ${error.message.split('\n')[0]}`, failedFile }
  }
  const [error] = errors
  return { killedBy: error === undefined ? null : `an error outside of tests: ${String(error)}`, failedFile: null }
}
