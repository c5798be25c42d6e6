// What counts as the same purpose and the same company where public evidence is compared with the rules.

/** Purposes that mean what a word of the evidence means. Anything else is another purpose. */
const SAME_PURPOSE: Readonly<Record<string, readonly string[]>> = {
  // The evidence has one word for what people write and for what they say to each other.
  messaging: ['messaging', 'calls'],
  // Its word for what a household keeps on a server: photos, documents, maps, health.
  backup: ['data', 'backup'],
  // A delivery network and the storage behind it are told apart by nobody outside.
  cdn: ['cdn', 'cloud'],
  // Pages of a company, among them its shop.
  web: ['web', 'shop'],
}

/** What block lists call tracking or ads: only that somebody does not want what the host measures. */
const MEASUREMENT = ['ads', 'tracking', 'telemetry']

/** Below this weight the source is a list, which states no use beyond its own reason to hold the host. */
const CODE_OR_DOCUMENT = 3

/** Whether the rules' purpose is of the family of what the evidence says. */
export function purposeFits(said: string, purpose: string, weight: number): boolean {
  if (weight < CODE_OR_DOCUMENT && MEASUREMENT.includes(said)) return MEASUREMENT.includes(purpose)
  return (SAME_PURPOSE[said] ?? [said]).includes(purpose)
}

/** Names in the evidence that are not the rules' name of the company; why they mean the same. */
export const COMPANY_ALIASES: Readonly<Record<string, { slugs: readonly string[]; reason: string }>> = {
  'Amazon Alexa': { slugs: ['amazon'], reason: 'a brand of Amazon' },
  'Amazon Echo': { slugs: ['amazon'], reason: 'a brand of Amazon' },
  'Amazon Kindle': { slugs: ['amazon'], reason: 'a brand of Amazon' },
  'Amazon Prime Video': { slugs: ['amazon'], reason: 'a brand of Amazon' },
  'ARD rndfnk': { slugs: ['ard'], reason: "the stations' own delivery of radio" },
  'Barnes and Noble': { slugs: ['barnes-noble'], reason: 'and for &' },
  'Bosch Thermotechnology': { slugs: ['bosch'], reason: 'a part of Bosch' },
  'BSH Home Connect': { slugs: ['bsh'], reason: 'BSH is the maker, Home Connect its service' },
  Fiat: { slugs: ['stellantis'], reason: 'a brand of Stellantis' },
  Genesis: { slugs: ['hyundai'], reason: 'a brand of Hyundai' },
  'Genie Aladdin Connect': { slugs: ['genie'], reason: 'Aladdin Connect is its service' },
  Honeywell: { slugs: ['resideo'], reason: 'Resideo makes the thermostats under the name Honeywell Home' },
  'Huawei FusionSolar': { slugs: ['huawei'], reason: 'a brand of Huawei' },
  iRisco: { slugs: ['risco'], reason: 'the app of RISCO' },
  Kia: { slugs: ['hyundai'], reason: 'one company makes both' },
  Kress: { slugs: ['worx'], reason: 'a brand of Positec, as is Worx' },
  LandXcape: { slugs: ['worx'], reason: 'a brand of Positec, as is Worx' },
  'Moen Flo': { slugs: ['moen'], reason: 'a product of Moen' },
  'NIBE myUplink': { slugs: ['nibe'], reason: 'myUplink is its service' },
  Overkiz: { slugs: ['somfy'], reason: 'a part of Somfy' },
  'SAIC MG': { slugs: ['saic'], reason: 'a brand of SAIC' },
  'Samsung SmartThings': { slugs: ['samsung'], reason: 'a brand of Samsung' },
  Skoda: { slugs: ['volkswagen'], reason: 'a brand of Volkswagen' },
  Smart: { slugs: ['smart-cars'], reason: 'the cars, not the word' },
  'Sony PlayStation': { slugs: ['sony'], reason: 'a brand of Sony' },
}
