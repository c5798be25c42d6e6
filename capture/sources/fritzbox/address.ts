// Which FRITZ!Box is meant, as text: a line of Settings, an argument of --source.
import { isIP } from 'node:net'
import { isHomeAddress } from '../../ip-address.ts'
import type { NamedSource } from '../definition.ts'

export interface FritzboxPlace {
  /** Name, or address without brackets. */
  host: string
  port: number
  isEncrypted: boolean
  /** SHA-256 of the box's certificate, in lower-case hexadecimal digits; null where none was named. */
  fingerprint: string | null
  /** Null: the user whom the box itself proposes. */
  user: string | null
  /** The interface as the owner calls it: "lan", or as the capture page does: "1-lan". */
  interfaceName: string
}

export interface FritzboxDetails {
  place: FritzboxPlace
}

const USUAL_HOST = 'fritz.box'
/** The bridge behind which the devices of the home are, by cable and by Wi-Fi. */
const USUAL_INTERFACE = 'lan'
const LONGEST_TEXT = 400
/** A user has no colon: "user:password@fritz.box" is not taken, as the password would be shown with the line. */
const BOX = /^(?:(https?):\/\/)?(?:([^\s:/,]{1,128})@)?(\[[0-9a-f:.]+\]|[\w-][\w.-]{0,252})(?::(\d{1,5}))?$/i
const INTERFACE = /^[\w][\w.:@+-]{0,39}$/
const FINGERPRINT = /^sha256=([0-9a-f:]+)$/i
const FINGERPRINT_DIGITS = 64

/** The box that a line "[https://][USER@]HOST[:PORT] [INTERFACE] [sha256=FINGERPRINT]" names; null where it names none. */
export function parseFritzboxLine(line: string): NamedSource<FritzboxDetails> | null {
  return named(line.trim().split(/\s+/))
}

/** The same of "fritzbox:[https://][USER@][HOST[:PORT]][/INTERFACE][,sha256=FINGERPRINT]". */
export function parseFritzboxArgument(text: string): NamedSource<FritzboxDetails> | null {
  if (!text.startsWith('fritzbox:')) return null
  const [box = '', ...more] = text.slice('fritzbox:'.length).split(',')
  return named([box === '' || box.startsWith('/') ? `${USUAL_HOST}${box}` : box, ...more])
}

function named(words: string[]): NamedSource<FritzboxDetails> | null {
  const [first = '', ...rest] = words
  if (first === '' || words.join(' ').length > LONGEST_TEXT) return null
  const scheme = /^https?:\/\//i.exec(first)?.[0] ?? ''
  const [place = '', ...behind] = first.slice(scheme.length).split('/')
  const found = BOX.exec(scheme + place)
  const last = rest.at(-1) ?? ''
  const fingerprint = FINGERPRINT.exec(last)?.[1]?.replaceAll(':', '').toLowerCase() ?? null
  const interfaces = [...behind.filter((word) => word !== ''), ...(fingerprint === null ? rest : rest.slice(0, -1))]
  if (found === null || interfaces.length > 1) return null
  const [, protocol = 'http', user = null, bracketed = '', portText] = found
  const host = bracketed.replace(/^\[|\]$/g, '').toLowerCase()
  const isEncrypted = protocol.toLowerCase() === 'https'
  const port = portText === undefined ? (isEncrypted ? 443 : 80) : Number(portText)
  const [interfaceName = USUAL_INTERFACE] = interfaces
  if (!isPossible(host, bracketed) || port < 1 || port > 65_535 || !INTERFACE.test(interfaceName)) return null
  if (fingerprint !== null && (fingerprint.length !== FINGERPRINT_DIGITS || !isEncrypted)) return null
  return {
    // Who logs in, and how, can be changed without its becoming another source.
    id: `fritzbox:${bracketed.toLowerCase()}${portText === undefined ? '' : `:${port}`}/${interfaceName}`,
    title: `${interfaceName} of the FRITZ!Box ${bracketed.toLowerCase()}`,
    place: { host, port, isEncrypted, fingerprint, user, interfaceName },
  }
}

/** A name may turn out to be one; an address is looked at here. */
function isPossible(host: string, bracketed: string): boolean {
  const family = isIP(host)
  if (bracketed.startsWith('[') !== (family === 6)) return false
  // "192.168.1.300" is neither an address nor a name.
  return family === 0 ? !/^[\d.]+$/.test(host) && !/(^|\.)(\.|$)/.test(host) : isHomeAddress(host)
}
