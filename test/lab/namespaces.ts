// The lab's network namespaces: made, entered and removed, those of a crashed run included.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** `ttlab-<process that made it>-<what it is>`: a namespace whose maker is gone was left by a crash. */
const NAME = /^ttlab-(\d+)-[a-z0-9]+$/
const FOLDER = /^ttlab-(\d+)$/

export function namespaceOf(owner: number, label: string): string {
  return `ttlab-${owner}-${label}`
}

/** Where one run keeps its files. */
export function folderOf(owner: number): string {
  return join(tmpdir(), `ttlab-${owner}`)
}

/** Runs a program to its end and answers what it wrote. Throws with its words where it fails. */
export function run(command: string, args: string[], input?: string): string {
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(input === undefined ? {} : { input }),
    })
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    throw new Error(`${command} ${args.join(' ')}: ${stderr?.trim() || String(error)}`)
  }
}

/** `ip` within a namespace. */
export function ipIn(namespace: string, words: string): void {
  run('ip', ['-n', namespace, ...words.split(' ')])
}

export function setIn(namespace: string, variable: string, value: string | number): void {
  run('ip', ['netns', 'exec', namespace, 'sysctl', '-q', '-w', `${variable}=${value}`])
}

export function makeNamespace(namespace: string): void {
  run('ip', ['netns', 'add', namespace])
  ipIn(namespace, 'link set lo up')
}

/** A program of ours in a namespace, with a channel for messages. It ends when we do. */
export function startScript(namespace: string, script: string, args: string[]): ChildProcess {
  const command = ['netns', 'exec', namespace, process.execPath, '--import', 'tsx', script, ...args]
  return spawn('ip', command, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

export function startIn(
  namespace: string,
  command: string,
  args: string[],
  stdio: 'ignore' | 'inherit' = 'ignore',
): ChildProcess {
  return spawn('ip', ['netns', 'exec', namespace, command, ...args], { stdio: ['ignore', stdio, stdio] })
}

/** Ends what still runs in a run's namespaces, then takes away the namespaces and the run's files. */
export async function removeLab(owner: number): Promise<void> {
  const namespaces = labNamespaces().filter(({ owner: made }) => made === owner)
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const pids = namespaces.flatMap(({ name }) => processesIn(name))
    for (const pid of pids) tryToEnd(pid, signal)
    if (pids.length > 0) await sleep(300)
  }
  for (const { name } of namespaces) spawnSync('ip', ['netns', 'del', name])
  rmSync(folderOf(owner), { recursive: true, force: true })
}

/** What earlier runs left that could not tidy up. */
export async function removeLeftOvers(): Promise<void> {
  const owners = new Set(labNamespaces().map(({ owner }) => owner))
  for (const name of readdirSync(tmpdir())) {
    const match = FOLDER.exec(name)
    if (match !== null) owners.add(Number(match[1]))
  }
  for (const owner of owners) if (!isAlive(owner)) await removeLab(owner)
}

function labNamespaces(): { name: string; owner: number }[] {
  const names = run('ip', ['netns', 'list'])
    .split('\n')
    .map((line) => line.split(' ')[0])
  return names.flatMap((name) => {
    const match = NAME.exec(name)
    return match === null ? [] : [{ name, owner: Number(match[1]) }]
  })
}

function processesIn(namespace: string): number[] {
  const { stdout } = spawnSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' })
  return (stdout ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map(Number)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function tryToEnd(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself.
  }
}
