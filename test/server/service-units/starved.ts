// A process of the tests that has every file open that it may, and then tries to start a capture.
import { openSync } from 'node:fs'
import { openChild } from '../../../capture/sources/child-stream.ts'
import { explainTcpdump } from '../../../capture/sources/tcpdump.ts'

function takeAll(): void {
  for (;;) {
    try {
      openSync('/dev/null', 'r')
    } catch {
      return
    }
  }
}

takeAll()
const child = openChild(
  {
    command: 'tcpdump',
    options: [],
    askForDrops: () => undefined,
    explain: (words, code, error) => explainTcpdump('eth0', words, code, error),
  },
  { onBytes: () => undefined, onDropped: () => undefined, onEnd: (problem) => console.log(problem) },
)
await child.stop()
