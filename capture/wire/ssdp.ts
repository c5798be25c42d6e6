// UPnP discovery messages (SSDP): what a device announces about itself or searches for.
import { emptyHeaderField, emptyLineLength, type HeaderField, readHeaderField } from './header-field.ts'
import { textOf } from './text.ts'

/** The start lines of UPnP Device Architecture 2.0 §1.2.2 (NOTIFY), §1.3.2 (M-SEARCH), §1.3.3 (response). */
const START_LINES = [
  { kind: 'notify', pattern: /^NOTIFY \* HTTP\/1\.\d$/i },
  { kind: 'search', pattern: /^M-SEARCH \* HTTP\/1\.\d$/i },
  { kind: 'response', pattern: /^HTTP\/1\.\d +200(?: .*)?$/i },
] as const
const START_LINE_MAX_BYTES = 64

const HEADERS_MAX = 64
const VENDOR_HEADERS_MAX = 8
const HEADER_NAME_MAX_BYTES = 64

/** Headers of the architecture that say nothing about who the device is. */
const MECHANICS = new Set([
  'host',
  'cache-control',
  'date',
  'ext',
  'man',
  'mx',
  'opt',
  'content-length',
  'content-type',
  'connection',
  'bootid.upnp.org',
  'nextbootid.upnp.org',
  'configid.upnp.org',
  'searchport.upnp.org',
  'tcpport.upnp.org',
  'securelocation.upnp.org',
  'cpuuid.upnp.org',
])
/** `01-NLS`: a header whose prefix OPT chose (RFC 2774 §4); a boot counter of UPnP 1.0 devices. */
const PREFIXED_BOOT_COUNTER = /^\d\d-nls$/

/** One SSDP message. Every text may be hostile; each is capped at TEXT_MAX_BYTES, null = absent or empty. */
export interface SsdpMessage {
  kind: 'search' | 'notify' | 'response'
  /** SERVER: operating system, UPnP version, product and its version. */
  server: string | null
  /** ST: what is looked for, or what answers. */
  searchTarget: string | null
  /** NT: what is announced. */
  notificationType: string | null
  /** NTS: ssdp:alive, ssdp:byebye or ssdp:update. */
  notificationSubtype: string | null
  /** USN: `uuid:…`, mostly followed by `::` and the type. */
  usn: string | null
  /** LOCATION: where the description lies. Kept as text: it is never fetched. */
  location: string | null
  userAgent: string | null
  /** CPFN.UPNP.ORG: the name that the owner gave the searching program. */
  controlPointName: string | null
  /** Headers outside the architecture by lower-case name, such as `hue-bridgeid`: the first VENDOR_HEADERS_MAX. */
  vendorHeaders: Map<string, string>
}

/**
 * Reads the SSDP message in bytes[at, end), the payload of a UDP datagram of port 1900. UPnP Device Architecture 1.1
 * and 2.0, §1. Null for another start line or status. A last line without its line end is not read: it may be cut.
 */
export function readSsdp(bytes: Uint8Array, at: number, end: number): SsdpMessage | null {
  const field = emptyHeaderField()
  let line = readHeaderField(bytes, at, end, field)
  if (line < 0) return null
  const kind = kindOf(textOf(bytes, at, line, START_LINE_MAX_BYTES).trim())
  if (kind === null) return null

  const message = emptyMessage(kind)
  for (let count = 0; count < HEADERS_MAX && line < end && emptyLineLength(bytes, line, end) === 0; count++) {
    line = readHeaderField(bytes, line, end, field)
    if (line < 0) break
    keep(message, bytes, field)
  }
  return message
}

function kindOf(startLine: string): SsdpMessage['kind'] | null {
  return START_LINES.find(({ pattern }) => pattern.test(startLine))?.kind ?? null
}

function emptyMessage(kind: SsdpMessage['kind']): SsdpMessage {
  return {
    kind,
    server: null,
    searchTarget: null,
    notificationType: null,
    notificationSubtype: null,
    usn: null,
    location: null,
    userAgent: null,
    controlPointName: null,
    vendorHeaders: new Map(),
  }
}

/** The first of several headers of one name counts. */
function keep(message: SsdpMessage, bytes: Uint8Array, field: HeaderField): void {
  const name = textOf(bytes, field.nameAt, field.nameEnd, HEADER_NAME_MAX_BYTES).trim().toLowerCase()
  const value = textOf(bytes, field.valueAt, field.valueEnd)
  if (name === '' || value === '') return
  switch (name) {
    case 'server':
      message.server ??= value
      break
    case 'st':
      message.searchTarget ??= value
      break
    case 'nt':
      message.notificationType ??= value
      break
    case 'nts':
      message.notificationSubtype ??= value
      break
    case 'usn':
      message.usn ??= value
      break
    case 'location':
      message.location ??= value
      break
    case 'user-agent':
      message.userAgent ??= value
      break
    case 'cpfn.upnp.org':
      message.controlPointName ??= value
      break
    default:
      keepVendorHeader(message.vendorHeaders, name, value)
  }
}

function keepVendorHeader(headers: Map<string, string>, name: string, value: string): void {
  if (MECHANICS.has(name) || PREFIXED_BOOT_COUNTER.test(name)) return
  if (headers.size < VENDOR_HEADERS_MAX && !headers.has(name)) headers.set(name, value)
}
