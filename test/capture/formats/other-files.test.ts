// What files that are no captures are called, each built here from the marks of its kind, plain and gzipped.
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { describeOtherFile } from '../../../capture/formats/other-files.ts'
import { readCaptureStream } from '../../../capture/sources/stream.ts'
import { concat, hex, text } from '../../../server/sample/packets/bytes.ts'

const binary = (letters: string): Uint8Array =>
  concat(Uint8Array.from(Buffer.from(letters, 'latin1')), new Uint8Array(80))
const utf16 = (words: string): Uint8Array => concat(hex('fffe'), Uint8Array.from(Buffer.from(words, 'utf16le')))
const at = (place: number, bytes: Uint8Array): Uint8Array => concat(text('x'.repeat(place)), bytes, new Uint8Array(8))
/** WMI_BUFFER_HEADER of 72 bytes with the buffer's length, then a SYSTEM_TRACE_HEADER of 64-bit Windows. */
const windowsTrace = concat(hex('00000100'), new Uint8Array(0x44), hex('02 00 02 c0'), new Uint8Array(64))
/** Two ERF records of 2026: fraction and seconds, type Ethernet, flags, length, loss, length on the wire. */
const erfRecord = concat(hex('00000080 209e0b6b 02 04 0050 0000 003c'), new Uint8Array(64))

const CONVERT = /Wireshark.*save it as pcapng/
const AGAIN = /log in.*save the capture again/
const RECORD = /-w /

const OTHERS: [what: string, file: Uint8Array, name: RegExp, advice: RegExp][] = [
  ['Microsoft NetMon 2', binary('GMBU\0\x02\x01\0'), /NetMon/, CONVERT],
  ['Microsoft NetMon 1', binary('RTSS\0\x01\x01\0'), /NetMon/, CONVERT],
  ['OmniPeek', binary('\x7fver\0\0\0\0'), /OmniPeek/, CONVERT],
  ['snoop', binary('snoop\0\0\0\0\0\0\x02'), /snoop/, CONVERT],
  ['Observer', binary('ObserverPktBufferVersion=15.00'), /Network Instruments/, CONVERT],
  ['Sniffer', binary('TRSNIFF data    \x1a'), /Sniffer/, CONVERT],
  ['NetXRay', binary('XCP\x00002.001'), /NetXRay/, CONVERT],
  ['iptrace', binary('iptrace 2.0'), /iptrace/, CONVERT],
  ['Visual Networks', binary('\x05VNF'), /Visual Networks/, CONVERT],
  ['ERF', concat(erfRecord, erfRecord), /ERF/, CONVERT],
  ['btsnoop', binary('btsnoop\0\0\0\0\x01'), /Bluetooth/, /capture on the router/],
  ['a Windows trace', windowsTrace, /ETL/, /etl2pcap/],
  ['an event log', binary('ElfFile\0'), /Windows event log/, /Wireshark/],
  ['an old event log', binary('\x30\0\0\0LfLe'), /Windows event log/, /Wireshark/],
  ['the journal', binary('LPKSHHRH'), /systemd journal/, /journalctl/],
  ['the journal, exported', text('__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1\nMESSAGE=x\n'), /journal/, /journalctl/],
  ['zip', binary('PK\x03\x04\x14'), /zip archive/, /unpack/],
  ['7z', binary('7z\xbc\xaf\x27\x1c'), /7z archive/, /unpack/],
  ['RAR', binary('Rar!\x1a\x07\x01'), /RAR archive/, /unpack/],
  ['tar', at(257, text('ustar')), /tar archive/, /unpack/],
  ['PDF', text('%PDF-1.7\n'), /PDF/, /pcap and pcapng/],
  ['PNG', binary('\x89PNG\r\n\x1a\n'), /picture \(PNG\)/, /pcap and pcapng/],
  ['JPEG', binary('\xff\xd8\xff\xe0'), /picture \(JPEG\)/, /pcap and pcapng/],
  ['SQLite', binary('SQLite format 3\0'), /SQLite database/, /dns:pihole-ftl:PATH/],
  [
    "Pi-hole's database",
    concat(binary('SQLite format 3\0'), text('CREATE TABLE query_storage (id')),
    /Pi-hole's FTL/,
    /dns:pihole-ftl:PATH/,
  ],
  ['zeros', new Uint8Array(10_000), /first 4096 bytes are all zero/, /save it again/],
  ['pcapng through FTP', hex('0d0a0d0d0d0a 1c000000 4d3c2b1a'), /line ends were changed/, /binary mode/],
  ['bytes saved as text', hex('efbfbdefbfbd02000400'), /saved as text/, /without opening it as text/],
  [
    'a router’s log in page',
    text('\r\n<!DOCTYPE html>\n<html lang="de"><title>Anmeldung</title>'),
    /web page, a login page/,
    AGAIN,
  ],
  [
    'a page with comments in front',
    text(`${'<!-- x -->'.repeat(300)}<HTML><input type=password>`),
    /login page/,
    AGAIN,
  ],
  ['another web page', text('<html><body>404 Not Found</body></html>'), /is a web page;/, AGAIN],
  ['an answer with its head', text('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'), /web server/, AGAIN],
  [
    'an answer in XML',
    text('<?xml version="1.0"?><SessionInfo><SID>0000000000000000</SID>'),
    /session had ended/,
    AGAIN,
  ],
  [
    'PDML',
    text('<?xml version="1.0"?>\n<?xml-stylesheet href="x"?>\n<pdml version="0">'),
    /Wireshark's list/,
    /pcapng/,
  ],
  ['HAR', text('{\n "log": {"version": "1.2", "entries": []}}'), /HAR/, /capture on the router/],
  ['tshark -T json', text('[\n {"_index": "packets", "_source": {"layers": {}}}]'), /tshark's list/, /pcapng/],
  ['JSON', text('{"a": 1}'), /is JSON/, /pcap and pcapng/],
  [
    'tcpdump',
    text('10:00:00.123456 IP 192.168.1.10.50000 > 203.0.113.9.443: Flags [S], seq 1\n'),
    /tcpdump prints/,
    RECORD,
  ],
  [
    'tcpdump -e',
    text('10:00:00.1 02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype IPv4 (0x0800), length 60\n'),
    /tcpdump prints/,
    RECORD,
  ],
  [
    'tcpdump -tttt -i any',
    text('2026-11-29 10:00:00.123456 br-lan In  IP6 2001:db8::1.443 > 2001:db8::2.5: tcp 0\n'),
    /tcpdump prints/,
    RECORD,
  ],
  [
    'tcpdump -tt',
    text('1795946400.123456 ARP, Request who-has 192.168.1.1 tell 192.168.1.2\n'),
    /tcpdump prints/,
    RECORD,
  ],
  [
    'tcpdump with its head',
    text('tcpdump: verbose output suppressed\nlistening on eth0\n10:00:00.1 IP 10.0.0.1 > 10.0.0.2: ICMP\n'),
    /tcpdump prints/,
    RECORD,
  ],
  [
    'tcpdump by PowerShell',
    utf16('10:00:00.123456 IP 192.168.1.10.50000 > 203.0.113.9.443: tcp 0\r\n'),
    /tcpdump prints.*UTF-16/,
    RECORD,
  ],
  ['bytes by PowerShell', utf16('\u00d4\u00c3\u00b2\u00a1\u0002'), /UTF-16, as PowerShell/, RECORD],
  ['tshark', text('    1   0.000000 192.168.1.10 → 203.0.113.9  TCP 66 50000 → 443 [SYN]\n'), /tshark prints/, RECORD],
  [
    "Wireshark's list",
    text('"No.","Time","Source","Destination","Protocol","Length","Info"\n'),
    /Wireshark's list of packets/,
    /pcapng/,
  ],
  ['a hex dump', text('0000  45 00 00 3c 1c 46 40 00 40 06 b1 e6 c0 a8 01 0a\n'), /hex dump/, /text2pcap/],
  ['base64', text('1MOyoQIABAAAAAAAAAAAAAAABAABAAAA\n'), /base64/, /base64 -d/],
  ["a router's settings", text('**** FRITZ!Box 7590 CONFIGURATION EXPORT\n'), /settings/, /capture/],
  ['any text', text('hello there, whoever reads this'), /starts with 68 65 6c 6c \("hello there, /, /pcap and pcapng/],
]

const LOGS: [what: string, lines: string, word: string][] = [
  [
    'Pi-hole',
    'Nov 29 10:00:00 dnsmasq[633]: query[A] a.example from 192.168.1.20\nNov 29 10:00:00 dnsmasq[633]: gravity blocked a.example is 0.0.0.0\n',
    'pihole',
  ],
  [
    'dnsmasq',
    'Nov 29 10:00:00 dnsmasq[633]: started\nNov 29 10:00:00 dnsmasq[633]: query[A] a.example from 192.168.1.20\n',
    'dnsmasq',
  ],
  ['unbound', '[1795946400] unbound[7:0] info: 192.168.1.20 a.example. A IN\n', 'unbound'],
  [
    'BIND',
    '29-Nov-2026 10:00:00.123 queries: info: client @0x7f 192.168.1.20#5000 (a.example): query: a.example IN A + (192.168.1.1)\n',
    'bind',
  ],
  [
    'AdGuard Home',
    '{"T":"2026-11-29T10:00:00Z","QH":"a.example","QT":"A","QC":"IN","CP":"","IP":"192.168.1.20","Result":{}}\n',
    'adguard',
  ],
  ['Zeek', '#separator \\x09\n#fields\tts\tuid\n', 'zeek'],
]

describe('a file that is no capture', () => {
  test.each(OTHERS)('is named, with what to do: %s', (_, file, name, advice) => {
    const said = describeOtherFile(file)
    expect(said).toMatch(name)
    expect(said).toMatch(advice)
    expect(said).not.toMatch(/[\0-\x1f\x7f]/)
  })

  test.each(OTHERS)('is named the same where it comes gzipped in small pieces: %s', async (_, file) => {
    const packed = gzipSync(file)
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let from = 0; from < packed.length; from += 7) yield packed.subarray(from, from + 7)
    }
    const reader = new CaptureReader(() => {})
    await readCaptureStream(pieces(), reader)
    expect(reader.allProblems()).toEqual([{ packet: 1, offset: 0, message: describeOtherFile(file) }])
  })

  test.each(LOGS)('is a log: %s, and the option that reads it is named', (program, lines, word) => {
    expect(describeOtherFile(text(lines))).toBe(
      `this is no capture: it is a log of ${program}; give it as --source dns:${word}:PATH${
        word === 'dnsmasq' ? ', or as --source dns:pihole:PATH where it is that of Pi-hole' : ''
      }`,
    )
  })

  test('is named without a search that grows, however its text was made', () => {
    const pieces = ['<!---->', '<??>', 'tcpdump: \n', '{', '[', '0000 ', 'aa:', ' ', '\n', '10:00:00.1 ', 'No. ', '-->']
    for (const piece of pieces)
      for (const other of pieces) {
        const file = text((piece + other).repeat(3000).slice(0, 8000))
        expect(describeOtherFile(file)).toMatch(/^this is/)
      }
  })
})
