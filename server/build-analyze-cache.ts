// The build step that runs one analysis and keeps what V8 compiled for it, analyze.cache, in the folder named as
// argument.
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { loadScript } from './analyze/program.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('name the folder with the script and the sample')
const dist = resolve(folder)
const { command, script } = loadScript(pathToFileURL(`${dist}/`))
await command.analyzeSample(join(dist, 'sample.pcap.gz'))
writeFileSync(join(dist, 'analyze.cache'), script.createCachedData())
