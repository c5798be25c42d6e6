// What runs in the history's own thread? SQLite waits for the disk there, and nobody else does.
import { parentPort, workerData } from 'node:worker_threads'
import { HistoryDatabase } from './database.ts'
import { answer } from './answer.ts'
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts'

function say(message: FromWorker): void {
  parentPort?.postMessage(message)
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function handle(database: HistoryDatabase, message: ToWorker): void {
  if (message.kind === 'capturing') return database.capturing(message.since, message.on)
  if (message.kind === 'tick') return database.tick(message.now)
  if (message.kind === 'add') {
    try {
      database.add(message.batch)
      say({ kind: 'added', problem: null })
    } catch (error) {
      say({ kind: 'added', problem: sentenceOf(error) })
    }
    return
  }
  try {
    say({ kind: 'answer', id: message.id, value: answer(database, message.question, message.values) })
  } catch (error) {
    say({ kind: 'refused', id: message.id, message: sentenceOf(error) })
  }
}

function start(): void {
  try {
    const database = new HistoryDatabase(workerData as WorkerSetup)
    parentPort?.on('message', (message: ToWorker) => {
      handle(database, message)
      if (message.kind === 'ask' && message.question === 'close') parentPort?.close()
    })
    say({ kind: 'opened' })
  } catch (error) {
    say({ kind: 'failed', message: sentenceOf(error) })
  }
}

start()
