// Counts packets with npm's pcap-parser, for comparison. Usage: node count-pcap-parser.mjs FILE
import { parse } from 'pcap-parser'

let packets = 0
const parser = parse(process.argv[2])
parser.on('packet', () => packets++)
parser.on('error', (error) => {
  console.error(String(error))
  process.exitCode = 1
})
parser.on('end', () => console.log(packets))
