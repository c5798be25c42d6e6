// Writes capture.pcap beside every make.ts.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
for (const entry of readdirSync(here, { withFileTypes: true })) {
  if (!entry.isDirectory()) continue
  const { make } = (await import(join(here, entry.name, 'make.ts'))) as { make: () => Uint8Array }
  writeFileSync(join(here, entry.name, 'capture.pcap'), make())
}
