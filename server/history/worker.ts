// The history's own thread: only it waits for the disk.
import { parentPort, workerData } from 'node:worker_threads'
import { HistoryDatabase } from './database.ts'
import { answer } from './answer.ts'
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts'

function post(message: FromWorker): void {
  parentPort?.postMessage(message)
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function handle(database: HistoryDatabase, message: ToWorker): void {
  if (message.kind === 'capturing') return database.capturing(message.since, message.on)
  if (message.kind === 'tick') {
    try {
      database.tick(message.now)
    } catch (error) {
      // What is pending stays so until the next tick.
      post({ kind: 'problem', message: sentenceOf(error) })
    }
    return
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
    post({ kind: 'refused', id: message.id, message: sentenceOf(error) })
  }
}

function start(): void {
  try {
    const database = new HistoryDatabase(workerData as WorkerSetup)
    parentPort?.on('message', (message: ToWorker) => {
      handle(database, message)
      if (message.kind === 'ask' && message.question === 'close') parentPort?.close()
    })
    post({ kind: 'opened' })
  } catch (error) {
    post({ kind: 'failed', message: sentenceOf(error) })
  }
}

start()
