// What a file is that is no capture which is read here: by its first bytes, with what to do about it.
import { describeText } from './other-texts.ts'

/** So many bytes are looked at; a tar archive shows what it is behind 257. */
export const LOOKED_AT = 4_096

const READ_HERE = 'pcap and pcapng are read, plain or packed with gzip, zstd or xz'
/** What Wireshark opens, it can save in a form that is read here. */
const CONVERT = 'open it in Wireshark and save it as pcapng (File › Save As)'
const UNPACK = 'unpack it, and give the capture that is in it'

type Signature = readonly [what: string, advice: string, bytes: string | readonly number[], at?: number]

/**
 * Files of other capture programs, archives, and what is often saved or sent by mistake. The signatures are those of
 * the programs' own documents and of file(1); strings are bytes of Latin-1.
 */
const SIGNATURES: readonly Signature[] = [
  ['a Solaris snoop file', CONVERT, 'snoop\0\0\0'],
  ['a capture of Microsoft Network Monitor (NetMon)', CONVERT, 'GMBU'],
  ['a capture of Microsoft Network Monitor 1 (NetMon)', CONVERT, 'RTSS'],
  ['a capture of OmniPeek (Savvius, WildPackets)', CONVERT, '\x7fver'],
  ['a capture of Network Instruments Observer', CONVERT, 'ObserverPktBuffe'],
  ['a capture of the Network General Sniffer', CONVERT, 'TRSNIFF data    \x1a'],
  ['a capture of NetXRay or Sniffer for Windows', CONVERT, 'XCP\0'],
  ['a capture of NetXRay or Sniffer for Windows', CONVERT, 'VL\0\0'],
  ['a capture of Visual Networks', CONVERT, '\x05VNF'],
  ["a capture of AIX's iptrace", CONVERT, 'iptrace '],
  ['a capture of a RADCOM analyzer', CONVERT, '\x42\xd2\x00\x34\x12\x66\x22\x88'],
  ['a capture of Accellent 5Views', CONVERT, '\xaa\xaa\xaa\xaa'],
  ['a capture of Novell LANalyzer', CONVERT, '\x01\x10\x4c\x00'],
  ['a capture of a Tektronix K12', CONVERT, '\x00\x00\x02\x00\x12\x05\x00\x10'],
  [
    'a log of Bluetooth packets (btsnoop)',
    'it holds no traffic of a network; capture on the router, on Wi-Fi or Ethernet',
    'btsnoop\0',
  ],
  [
    "the systemd journal's own file",
    'it holds messages, not packets; journalctl writes a log of them: journalctl -u NAME -o short-iso',
    'LPKSHHRH',
  ],
  ['a Windows event log', 'it holds messages, not packets; record the traffic with Wireshark', 'ElfFile\0'],
  ['a Windows event log', 'it holds messages, not packets; record the traffic with Wireshark', 'LfLe', 4],
  ['compressed with zstd', `${READ_HERE}: unpack it with zstd -d`, '\x28\xb5\x2f\xfd'],
  ['compressed with xz', `${READ_HERE}: unpack it with xz -d`, '\xfd7zXZ'],
  ['compressed with bzip2', `${READ_HERE}: unpack it with bunzip2`, 'BZh'],
  ['compressed with lz4', `${READ_HERE}: unpack it with lz4 -d`, '\x04\x22\x4d\x18'],
  ['compressed with compress', `${READ_HERE}: unpack it with gzip -d`, '\x1f\x9d'],
  ['compressed twice with gzip', `${READ_HERE}: unpack it once with gzip -d`, '\x1f\x8b'],
  ['a zip archive', UNPACK, 'PK\x03\x04'],
  ['an empty zip archive', 'there is no capture in it: save it again', 'PK\x05\x06'],
  ['a 7z archive', UNPACK, '7z\xbc\xaf\x27\x1c'],
  ['a RAR archive', UNPACK, 'Rar!\x1a\x07'],
  ['a cabinet archive', UNPACK, 'MSCF'],
  ['a tar archive', UNPACK, 'ustar', 257],
  ['a PDF document', `a report about packets holds none; ${READ_HERE}`, '%PDF'],
  ['a picture (PNG)', `a picture of packets holds none; ${READ_HERE}`, '\x89PNG'],
  ['a picture (JPEG)', `a picture of packets holds none; ${READ_HERE}`, '\xff\xd8\xff'],
  ['a picture (GIF)', `a picture of packets holds none; ${READ_HERE}`, 'GIF8'],
  ['a video', READ_HERE, 'ftyp', 4],
  ['a sound, video or picture (RIFF)', READ_HERE, 'RIFF'],
  ['an office document', READ_HERE, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['a program', READ_HERE, '\x7fELF'],
  ['a program for Windows', READ_HERE, 'MZ\x90\0'],
  ['a property list of macOS', READ_HERE, 'bplist'],
  [
    'a pcapng file whose line ends were changed on the way (FTP in text mode)',
    'the packets in it are damaged: copy it again in binary mode',
    '\x0d\x0a\x0d\x0d\x0d\x0a',
  ],
  [
    'a pcapng file whose line ends were changed on the way (FTP in text mode)',
    'the packets in it are damaged: copy it again in binary mode',
    '\x0a\x0d\x0a',
  ],
  [
    'something that was saved as text',
    'the packets in it are lost: save what the program writes without opening it as text',
    '\xef\xbf\xbd\xef\xbf\xbd',
  ],
]

/**
 * One sentence without a capital and a full stop: what the file is that begins with `head`, and what to do. `head`
 * has four bytes at least.
 */
export function describeOtherFile(head: Uint8Array): string {
  const bytes = head.subarray(0, LOOKED_AT)
  if (bytes.every((byte) => byte === 0)) return describeZeros(bytes.length)
  const known = SIGNATURES.find((signature) => has(bytes, signature))
  if (known !== undefined) return `this is ${known[0]}; ${known[1]}`
  const words = describeDatabase(bytes) ?? describeTrace(bytes) ?? describeText(bytes)
  if (words !== null) return `this is no capture: ${words}`
  const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return `this is no capture: it starts with ${start}${quoted(bytes)}; ${READ_HERE}`
}

/** What is said of a file without any byte. */
export const EMPTY_FILE =
  'the file is empty: it has no bytes; was the capture stopped before its first packet, or the disk full? Save it again'

function has(bytes: Uint8Array, [, , signature, at = 0]: Signature): boolean {
  const wanted = typeof signature === 'string' ? [...signature].map((letter) => letter.charCodeAt(0)) : signature
  return wanted.every((byte, index) => bytes[at + index] === byte)
}

function describeZeros(length: number): string {
  return `this is no capture: its first ${length} bytes are all zero, so nothing of it was written (a full disk, a power cut, or a copy that broke off); copy or save it again`
}

/** https://www.sqlite.org/fileformat.html: the schema's text is on the first page. */
function describeDatabase(bytes: Uint8Array): string | null {
  const text = latin1(bytes)
  if (!text.startsWith('SQLite format 3\0')) return null
  if (/\b(?:query_storage|network_addresses|domain_by_id)\b|CREATE TABLE queries\b/i.test(text))
    return "it is the database of Pi-hole's FTL; give it as --source dns:pihole-ftl:PATH"
  return 'it is an SQLite database; where it is that of Pi-hole (pihole-FTL.db), give it as --source dns:pihole-ftl:PATH'
}

/**
 * Formats without a signature, by the fields of their first records. A Windows trace (netsh, pktmon) begins with a
 * WMI_BUFFER_HEADER of 72 bytes and a SYSTEM_TRACE_HEADER, whose marker ends in 0xc0. An ERF record (Endace) has its
 * type, its length and its length on the wire, and the next one follows.
 */
function describeTrace(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length >= 0x50) {
    const length = view.getUint32(0, true)
    const isTrace = [1, 2].includes(bytes[0x4a]) && bytes[0x4b] === 0xc0
    if (isTrace && length >= 1024 && length % 1024 === 0)
      return 'it is a trace of Windows (ETL: netsh trace, pktmon); turn it into pcapng with pktmon etl2pcap FILE, or with etl2pcapng FILE OUT.pcapng'
  }
  return isErf(view) ? `it is an ERF file (Endace); ${CONVERT}` : null
}

/** Between 2000 and 2106, the seconds are the high half of a little-endian number of 64 bits. */
function isErf(view: DataView): boolean {
  let at = 0
  for (let records = 0; records < 2; records++) {
    if (at + 16 > view.byteLength) return false
    const seconds = view.getUint32(at + 4, true)
    const type = view.getUint8(at + 8) & 0x7f
    const length = view.getUint16(at + 10)
    if (seconds < 946_684_800 || type === 0 || type > 48 || length < 16 || view.getUint16(at + 14) > length + 65_000)
      return false
    at += length
  }
  return true
}

/** The first words of a text, as far as they are plain ASCII. */
function quoted(bytes: Uint8Array): string {
  const words = /^[\x20-\x7e]{8,}/.exec(latin1(bytes))?.[0].slice(0, 40).replaceAll('"', "'")
  return words === undefined ? '' : ` ("${words.trimEnd()}")`
}

export function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
