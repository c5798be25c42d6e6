// Opening the traffic history in a thread of its own, and the client that the rest of the server uses it through.
import { Worker } from 'node:worker_threads'
import type { Batch } from '../model/batch.ts'
import { ServiceError } from '../model/service-error.ts'
import { askAll } from './answer.ts'
import type { History } from './history.ts'
import type { FromWorker, Question, ToWorker, WorkerSetup } from './messages.ts'
import { WaitingBatch } from './merge-batches.ts'
import { workerFile } from './worker-file.ts'

/** Batches on their way to the thread; further ones are merged while they wait. */
const MAX_UNDERWAY = 4

interface Call {
  resolve: (value: never) => void
  reject: (error: Error) => void
}

/** Called when a batch was refused, or when the thread died: one sentence. */
export type OnProblem = (sentence: string) => void

class HistoryClient {
  private readonly worker: Worker
  private readonly onProblem: OnProblem
  private readonly calls = new Map<number, Call>()
  private readonly waiting = new WaitingBatch()
  private waitingTick: number | null = null
  private underway = 0
  private nextId = 1
  private ended: string | null = null

  constructor(worker: Worker, onProblem: OnProblem) {
    this.worker = worker
    this.onProblem = onProblem
    worker.on('message', (message: FromWorker) => this.handle(message))
    worker.on('error', (error) => this.end(`The history stopped working (${error.message}). Restart Telltale.`))
    worker.on('exit', () => this.end('The history is closed.'))
  }

  add(batch: Batch): void {
    if (this.ended !== null) return
    if (this.underway < MAX_UNDERWAY && this.waiting.empty) this.sendBatch(batch)
    else this.waiting.add(batch)
  }

  /** The newest clock is enough; it never overtakes a batch. */
  tick(now: number): void {
    if (this.waiting.empty) this.post({ kind: 'tick', now })
    else this.waitingTick = now
  }

  capturing(since: number, on: boolean): void {
    this.handOn()
    this.post({ kind: 'capturing', since, on })
  }

  ask =
    (question: Question) =>
    async (...values: unknown[]): Promise<never> => {
      if (this.ended !== null) throw new Error(this.ended)
      // An answer includes everything that was added before the question.
      this.handOn()
      const id = this.nextId++
      return new Promise((resolve, reject) => {
        this.calls.set(id, { resolve, reject })
        this.post({ kind: 'ask', id, question, values })
      })
    }

  private handle(message: FromWorker): void {
    if (message.kind === 'added') {
      this.underway -= 1
      if (message.problem !== null) this.onProblem(message.problem)
      if (this.underway < MAX_UNDERWAY) this.handOn()
    } else if (message.kind === 'notice') {
      this.onProblem(message.sentence)
    } else if (message.kind === 'answer') {
      this.settle(message.id)?.resolve(message.value as never)
    } else if (message.kind === 'refused') {
      const { fault, message: sentence } = message
      this.settle(message.id)?.reject(
        fault === null ? new Error(sentence) : new ServiceError(fault.status, fault.code, sentence),
      )
    }
  }

  private settle(id: number): Call | undefined {
    const call = this.calls.get(id)
    this.calls.delete(id)
    return call
  }

  private handOn(): void {
    if (!this.waiting.empty) this.sendBatch(this.waiting.drain())
    if (this.waitingTick === null) return
    const now = this.waitingTick
    this.waitingTick = null
    this.post({ kind: 'tick', now })
  }

  private sendBatch(batch: Batch): void {
    this.underway += 1
    // Copied, not transferred: the live feed reads the same cells.
    this.post({ kind: 'add', batch })
  }

  private post(message: ToWorker): void {
    if (this.ended === null) this.worker.postMessage(message)
  }

  private end(reason: string): void {
    if (this.ended !== null) return
    this.ended = reason
    if (reason !== 'The history is closed.') this.onProblem(reason)
    for (const { reject } of this.calls.values()) reject(new Error(reason))
    this.calls.clear()
  }
}

/** Resolves once the thread has opened the traffic history. */
async function opened(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const onExit = (): void => reject(new Error('The thread of the history ended before it was open'))
    worker.once('error', reject)
    worker.once('exit', onExit)
    worker.once('message', (message: FromWorker) => {
      worker.removeListener('error', reject)
      worker.removeListener('exit', onExit)
      if (message.kind === 'failed') reject(new Error(message.message))
      else resolve()
    })
  })
}

/**
 * Opens the traffic history in a thread of its own. Rejects with a sentence for the person. Nothing is lost that was
 * flushed or committed; what was added since the last commit is lost when the process dies.
 */
export async function openHistory(options: WorkerSetup, onProblem: OnProblem = () => undefined): Promise<History> {
  const { file, options: start } = workerFile()
  const worker = new Worker(file, { ...start, workerData: options })
  try {
    await opened(worker)
  } catch (error) {
    await worker.terminate()
    throw error
  }
  const client = new HistoryClient(worker, onProblem)
  const questions = askAll(client.ask)
  return {
    add: (batch) => client.add(batch),
    capturing: (since, on) => client.capturing(since, on),
    tick: (now) => client.tick(now),
    ...questions,
    close: async () => {
      const exit = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
      await questions.close()
      await exit
    },
  }
}
