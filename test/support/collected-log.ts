// A log of the service whose sentences a test can read.
import { createLog, type Log } from '../../server/log.ts'

export function collectedLog(sentences: string[] = []): Log {
  return createLog('json', (line) => sentences.push((JSON.parse(line) as { msg: string }).msg))
}
