// Sentences on captures that show little of a home, with what to do, in English.
import { amount } from './amount.ts'

export type ViewFact =
  | {
      kind: 'internet-side'
      /** IP bytes between two internet addresses. */
      bytes: number
      /** The home's own, by far the most of the bytes; none where no address or prefix is. */
      addresses: string[]
      prefixes: string[]
      /** False where it may be either of two. */
      isSure: boolean
    }
  | { kind: 'shared-address'; address: string }
  | { kind: 'one-direction'; sent: number; received: number }
  | { kind: 'tunnel' | 'vpn'; name: string; bytes: number; share: number; between: string[] }

export function viewSentence(fact: ViewFact): string {
  switch (fact.kind) {
    case 'internet-side':
      return internetSide(fact)
    case 'shared-address':
      return `the capture seems to be from the internet side: its only address of a home is ${fact.address}, of the range that providers share (carrier-grade NAT), so all devices count as one. Take the LAN/Wi-Fi side`
    case 'one-direction':
      return oneDirection(fact)
    case 'tunnel':
      return `${percent(fact.share)} of the bytes (${amount(fact.bytes)}) are a tunnel (${fact.name}) between ${fact.between.join(' and ')}: what is inside is not counted for the devices in it. Capture where the packets are not in a tunnel`
    case 'vpn':
      return `${percent(fact.share)} of the bytes (${amount(fact.bytes)}) go through a VPN (${fact.name}) between ${fact.between.join(' and ')}: what is inside cannot be seen. Where it ends at the router, capture on the LAN/Wi-Fi side`
  }
}

function internetSide({ bytes, addresses, prefixes, isSure }: ViewFact & { kind: 'internet-side' }): string {
  const own = [...addresses, ...prefixes]
  if (own.length === 0)
    return `there is no address of a home in the capture: ${amount(bytes)} go between public addresses. Take the LAN/Wi-Fi side, or name the home's addresses with --home`
  const options = [...addresses.map((one) => `${one}/${one.includes(':') ? 128 : 32}`), ...prefixes]
  if (!isSure)
    return `the capture is from the internet side: ${amount(bytes)} between public addresses (${own.join(', ')}) and no address of a home. Take the LAN/Wi-Fi side, or name the home's own: ${options.map((one) => `--home ${one}`).join(' or ')}`
  if (addresses.length === 0)
    return `there is no address in the capture that is known to be of a home: ${amount(bytes)} go between public addresses, nearly all of them of ${prefixes.join(' and ')}. Name that with ${options.map((one) => `--home ${one}`).join(' ')} where it is the home's; where this is the internet side of the router, take the LAN/Wi-Fi side`
  const what = [
    ...addresses.map((one) => `one public address (${one})`),
    ...prefixes.map((one) => `one public prefix (${one})`),
  ].join(' and ')
  return `the capture is from the internet side: ${what} and no address of a home. Take the LAN/Wi-Fi side, or name it with ${options.map((one) => `--home ${one}`).join(' ')}`
}

function oneDirection({ sent, received }: ViewFact & { kind: 'one-direction' }): string {
  const [there, missing, setting] =
    sent > received
      ? ['what devices send', 'the answers to it', 'receive and transmit']
      : ['what devices receive', 'what they send', 'transmit and receive']
  return `only one direction is in the capture, ${there} (${amount(sent)} sent to the internet, ${amount(received)} received): ${missing} went on without being captured. Mirror both directions of the port (${setting}), or capture on the router`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share >= 0.9995 ? 0 : 1)} %`
}
