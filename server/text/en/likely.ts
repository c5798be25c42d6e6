// Reasons why a company is likely to be behind an address, in English.
export type LikelyReason =
  | { reason: 'single-purpose'; kind: string; maker: string }
  | { reason: 'maker'; maker: string }
  | { reason: 'own-cloud'; cloud: string }
  | { reason: 'used-cloud'; maker: string; cloud: string }
  | { reason: 'port'; port: string; use: string }
  | { reason: 'own-port'; port: string; owner: string }
  | { reason: 'network'; owner: string }
  | { reason: 'address'; host: string }
  | { reason: 'neighbours'; company: string; count: number }
  | { reason: 'upload' }

/** Kinds of devices that their own word does not name. */
const KIND_WORDS: Readonly<Record<string, string | undefined>> = {
  appliance: 'household appliance',
  bulb: 'smart light',
  display: 'smart display',
  health: 'health device',
  hub: 'smart home hub',
  plug: 'smart plug',
  reader: 'book reader',
  speaker: 'smart speaker',
  switch: 'smart switch',
  vacuum: 'robot vacuum',
}

/** One sentence. */
export function likelySentence(reason: LikelyReason): string {
  switch (reason.reason) {
    case 'single-purpose':
      return `It is a ${KIND_WORDS[reason.kind] ?? reason.kind} by ${reason.maker}, and such devices talk to hardly anybody but their maker.`
    case 'maker':
      return `The device is made by ${reason.maker}, and it talks to few others.`
    case 'own-cloud':
      return `${reason.cloud} belongs to the same company.`
    case 'used-cloud':
      return `${reason.maker} keeps its services at ${reason.cloud}.`
    case 'port':
      return `Port ${reason.port} is used for ${reason.use}.`
    case 'own-port':
      return `Port ${reason.port} is hardly used by anybody but ${reason.owner}.`
    case 'network':
      return `The network is registered to ${reason.owner}.`
    case 'address':
      return `The address was called ${reason.host} before.`
    case 'neighbours':
      return reason.count === 1
        ? `A neighbouring address was seen to be ${reason.company}.`
        : `${reason.count} neighbouring addresses were seen to be ${reason.company}.`
    case 'upload':
      return 'The device sends far more there than it gets back.'
  }
}
