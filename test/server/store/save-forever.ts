// A process that saves until it is killed, and reports what was acknowledged.
import { writeSync } from 'node:fs'
import { openStateFile } from '../../../server/store/state-file.ts'

const file = await openStateFile(
  process.argv[2],
  { count: 0, text: '' },
  (value) => value as { count: number; text: string },
)
file.data.count = Math.ceil((file.data.count + 1) / 1_000) * 1_000
for (;;) {
  file.data.count += 1
  file.data.text = 'x'.repeat((file.data.count * 7_919) % 60_000)
  await file.save()
  writeSync(1, `${file.data.count}\n`)
}
