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
  'Activision Blizzard': { slugs: ['blizzard'], reason: 'the company behind Blizzard' },
  AdColony: { slugs: ['adcolony'], reason: 'the same company' },
  Adcolony: { slugs: ['adcolony'], reason: 'the same company' },
  AddThis: { slugs: ['oracle-advertising'], reason: 'bought by Oracle' },
  AliExpress: { slugs: ['alibaba'], reason: 'a shop of Alibaba' },
  Amap: { slugs: ['alibaba'], reason: 'maps of Alibaba' },
  'Amazon Alexa': { slugs: ['amazon'], reason: 'a brand of Amazon' },
  'Amazon Echo': { slugs: ['amazon'], reason: 'a brand of Amazon' },
  'Amazon Kindle': { slugs: ['amazon'], reason: 'a brand of Amazon' },
  'Amazon Prime Video': { slugs: ['amazon'], reason: 'a brand of Amazon' },
  'ARD rndfnk': { slugs: ['ard'], reason: "the stations' own delivery of radio" },
  'Aurora Mobile': { slugs: ['jpush'], reason: 'JPush is its service' },
  Automattic: { slugs: ['wordpress'], reason: 'the company behind WordPress' },
  AUX: { slugs: ['aux'], reason: 'the air conditioners, not the word' },
  'Barnes and Noble': { slugs: ['nook'], reason: 'the reader is named after its shop' },
  'Blizzard Entertainment': { slugs: ['blizzard'], reason: "the company's full name" },
  'Bosch Thermotechnology': { slugs: ['bosch'], reason: 'a part of Bosch' },
  'BSH Home Connect': { slugs: ['bsh'], reason: 'BSH is the maker, Home Connect its service' },
  'Canais Globo': { slugs: ['globoplay'], reason: 'television of Globo' },
  CBS: { slugs: ['paramount'], reason: 'television of Paramount' },
  'Discovery+': { slugs: ['max'], reason: 'one company runs both' },
  'Disney+': { slugs: ['disney', 'hotstar'], reason: 'in India under the name Hotstar' },
  Douyin: { slugs: ['bytedance'], reason: 'TikTok in China' },
  'Electronic Arts': { slugs: ['ea'], reason: "the company's full name" },
  ESPN: { slugs: ['disney'], reason: 'television of Disney' },
  Fiat: { slugs: ['stellantis'], reason: 'a brand of Stellantis' },
  FreshWorks: { slugs: ['freshworks'], reason: 'the same company' },
  Genesis: { slugs: ['hyundai'], reason: 'a brand of Hyundai' },
  'Genie Aladdin Connect': { slugs: ['genie'], reason: 'Aladdin Connect is its service' },
  Globo: { slugs: ['globoplay'], reason: 'television of Globo' },
  'HBO Max': { slugs: ['max'], reason: 'its former name' },
  Honeywell: { slugs: ['resideo'], reason: 'Resideo makes the thermostats under the name Honeywell Home' },
  'Huawei FusionSolar': { slugs: ['huawei'], reason: 'a brand of Huawei' },
  IBM: { slugs: ['ibm-cloud'], reason: 'the part that homes meet' },
  iHeartRadio: { slugs: ['iheart'], reason: "the company's radio" },
  iRisco: { slugs: ['risco'], reason: 'the app of RISCO' },
  KakaoTalk: { slugs: ['kakao'], reason: 'chat of Kakao' },
  Kia: { slugs: ['hyundai'], reason: 'one company makes both' },
  Kress: { slugs: ['worx'], reason: 'a brand of Positec, as is Worx' },
  LandXcape: { slugs: ['worx'], reason: 'a brand of Positec, as is Worx' },
  LastPass: { slugs: ['logmein'], reason: 'was a part of LogMeIn' },
  'Lets Encrypt': { slugs: ['lets-encrypt'], reason: 'without the apostrophe' },
  'Lionsgate+': { slugs: ['starz'], reason: 'its former name' },
  'Mail.ru': { slugs: ['vk'], reason: 'a part of VK' },
  'Moen Flo': { slugs: ['moen'], reason: 'a product of Moen' },
  MoPub: { slugs: ['applovin'], reason: 'bought by AppLovin' },
  NBCUniversal: { slugs: ['peacock'], reason: 'Peacock is its service' },
  'NIBE myUplink': { slugs: ['nibe'], reason: 'myUplink is its service' },
  'OK.ru': { slugs: ['vk'], reason: 'a part of VK' },
  Origin: { slugs: ['ea'], reason: 'games of Electronic Arts' },
  Overkiz: { slugs: ['somfy'], reason: 'a part of Somfy' },
  'Paramount Plus': { slugs: ['paramount'], reason: 'a service of Paramount' },
  'Peacock TV': { slugs: ['peacock'], reason: 'the same service' },
  'Philips Hue': { slugs: ['signify', 'philips'], reason: 'was a part of Philips' },
  'Pluto TV': { slugs: ['paramount'], reason: 'a service of Paramount' },
  Proton: { slugs: ['protonvpn'], reason: 'one company runs all of its services' },
  'Rakuten Kobo': { slugs: ['kobo', 'rakuten'], reason: 'readers of Rakuten' },
  'Rakuten Viki': { slugs: ['viki'], reason: 'a part of Rakuten' },
  'SAIC MG': { slugs: ['saic'], reason: 'a brand of SAIC' },
  'Samsung SmartThings': { slugs: ['samsung'], reason: 'a brand of Samsung' },
  'SAP Gigya': { slugs: ['gigya'], reason: 'a part of SAP' },
  Skoda: { slugs: ['volkswagen'], reason: 'a brand of Volkswagen' },
  Smart: { slugs: ['smart-car'], reason: 'the cars, not the word' },
  'Sony PlayStation': { slugs: ['sony'], reason: 'a brand of Sony' },
  SpaceX: { slugs: ['starlink'], reason: 'Starlink is its service' },
  'Stats WP Plugin': { slugs: ['wordpress'], reason: 'counts for WordPress' },
  Tumblr: { slugs: ['wordpress'], reason: 'belongs to the company behind WordPress' },
  Twitter: { slugs: ['x-twitter'], reason: 'now X' },
  Umeng: { slugs: ['alibaba'], reason: 'a part of Alibaba' },
  'VK.com': { slugs: ['vk'], reason: 'the same company' },
  'Western Digital': { slugs: ['western-digital'], reason: 'the same company' },
  Wikimedia: { slugs: ['wikipedia'], reason: 'the foundation behind Wikipedia' },
  'X (Twitter)': { slugs: ['x-twitter'], reason: 'formerly Twitter' },
  X: { slugs: ['x-twitter'], reason: 'formerly Twitter' },
  xAI: { slugs: ['xai'], reason: 'the same company' },
  Youku: { slugs: ['alibaba'], reason: 'films of Alibaba' },
}
