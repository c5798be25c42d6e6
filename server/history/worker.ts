// The history's own thread: only it waits for the disk.
import { parentPort, workerData } from 'node:worker_threads'
import { SqliteError } from '../../capture/sources/sqlite.ts'
import { diskFault } from '../store/disk-fault.ts'
import { elapsedSeconds, isSynchronised } from '../store/machine-clock.ts'
import { isDiskFull } from '../store/reserve.ts'
import { HistoryDatabase } from './database.ts'
import { answer } from './answer.ts'
import type { DiskFault, FromWorker, ToWorker, WorkerSetup } from './messages.ts'
import { isDamage } from './readable-rows.ts'

function post(message: FromWorker): void {
  parentPort?.postMessage(message)
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A refusal of SQLite's for the person; anything else is a mistake, with its own words. */
function refusalOf(error: unknown): { message: string; fault: DiskFault | null } {
  if (!(error instanceof SqliteError)) return { message: sentenceOf(error), fault: null }
  if (isDamage(error))
    return {
      message: `The history is damaged (${error.message}): restart Telltale, which reads what is left of it into a new one.`,
      fault: { status: 503, code: 'history-damaged' },
    }
  const { message, status, code } = diskFault(error, 'the history')
  return { message, fault: { status, code } }
}

function failureOf(error: unknown): string {
  if (!(error instanceof SqliteError)) return sentenceOf(error)
  const why = isDiskFull(error) ? 'its disk is full: make room on it and start again' : error.message
  return `The history could not be opened (${why}).`
}

/** While the clock is doubted the system is asked about it this often. */
const ASK_EVERY_SECONDS = 60
let askedAt = -Infinity

/** Where the system says that its clock is kept right, it is believed. */
async function askAboutClock(database: HistoryDatabase): Promise<void> {
  const { doubted } = database
  if (doubted === null || elapsedSeconds() - askedAt < ASK_EVERY_SECONDS) return
  askedAt = elapsedSeconds()
  if ((await isSynchronised(Date.now() / 1_000, doubted.since)) && database.doubted?.since === doubted.since)
    database.believeClock()
}

function handle(database: HistoryDatabase, message: ToWorker): void {
  if (message.kind === 'capturing') return database.capturing(message.since, message.on)
  if (message.kind === 'tick') {
    database.tick(message.now)
    return void askAboutClock(database)
  }
  if (message.kind === 'add') {
    try {
      database.add(message.batch)
      post({ kind: 'added', problem: null })
    } catch (error) {
      post({ kind: 'added', problem: sentenceOf(error) })
    }
    return
  }
  try {
    post({ kind: 'answer', id: message.id, value: answer(database, message.question, message.values) })
  } catch (error) {
    post({ kind: 'refused', id: message.id, ...refusalOf(error) })
  }
}

function start(): void {
  try {
    const database = new HistoryDatabase({ ...(workerData as WorkerSetup), elapsed: elapsedSeconds })
    database.onNotice = (sentence) => post({ kind: 'notice', sentence })
    parentPort?.on('message', (message: ToWorker) => {
      handle(database, message)
      if (message.kind === 'ask' && message.question === 'close') parentPort?.close()
    })
    post({ kind: 'opened' })
  } catch (error) {
    post({ kind: 'failed', message: failureOf(error) })
  }
}

start()
