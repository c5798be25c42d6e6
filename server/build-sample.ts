// The build step that makes the sample home's recording, sample.pcap.gz, in the folder named as argument.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { makeSample } from './sample/sample.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('name the folder to write sample.pcap.gz into')
writeFileSync(join(folder, 'sample.pcap.gz'), gzipSync(makeSample().pcap, { level: 6 }))
