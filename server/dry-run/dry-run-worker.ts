// The thread in which settings of alerts are tried on a recording: one reading, one engine, and the detectors once for
// each of the settings.
import { parentPort, workerData } from 'node:worker_threads'
import { dryRunOverRecording } from './recording-run.ts'
import type { FromDryRun, RecordingDryRun } from './messages.ts'

const port = parentPort
if (port === null) throw new Error('dry-run-worker runs in a worker thread')

const send = (message: FromDryRun): void => port.postMessage(message)
try {
  send(await dryRunOverRecording(workerData as RecordingDryRun, (share) => send({ type: 'progress', share })))
} catch (error) {
  send({ type: 'failed', message: error instanceof Error ? error.message : String(error) })
}
