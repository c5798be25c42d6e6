// Faults for a running Telltale, loaded into its threads by NODE_OPTIONS=--require: SIGUSR2 does what the file named by
// FAULT_FILE says. For the drill alone: the product knows nothing of it.
import { readFileSync } from 'node:fs'
import module from 'node:module'
import threads from 'node:worker_threads'

const channel = new BroadcastChannel('telltale-fault-drill')
channel.unref()

if (threads.isMainThread) {
  const engines = []
  const { Worker } = threads
  threads.Worker = class extends Worker {
    constructor(file, options) {
      super(file, options)
      if (String(file).includes('engine-worker')) engines.push(this)
    }
  }
  module.syncBuiltinESMExports()
  process.on('SIGUSR2', () => {
    const fault = readFileSync(process.env['FAULT_FILE'] ?? '', 'utf8').trim()
    if (fault === 'terminate') void engines.at(-1)?.terminate()
    else channel.postMessage(fault)
  })
} else if (threads.workerData?.source !== undefined) {
  channel.onmessage = ({ data }) => {
    if (data === 'hang') for (;;);
    if (data === 'throw')
      setImmediate(() => {
        throw new Error('a fault of the drill')
      })
  }
  channel.unref()
}
