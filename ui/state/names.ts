// Names of devices, companies and purposes on the page.
import {
  KEPT_BACK_COMPANY,
  OTHER_COMPANY,
  type Company,
  type CompanySlug,
  type Device,
  type RuleWords,
} from '../../server/api.ts'
import { t } from '../text/text.ts'
import { visible } from '../text/visible.ts'

/** A company's name for showing: the server's, or the page's words for unknown, other and kept back. */
export function companyName(company: Pick<Company, 'slug' | 'name'>): string {
  if (company.slug === null) return t.company.unknown
  if (company.slug === OTHER_COMPANY) return t.company.other
  if (company.slug === KEPT_BACK_COMPANY) return t.company.keptBack
  return visible(company.name === '' ? company.slug : company.name)
}

/** What the three companies that are none are, in words; null for a real one. */
export function companyWords(slug: CompanySlug): string | null {
  if (slug === null) return t.company.unknownWords
  if (slug === OTHER_COMPANY) return t.company.otherWords
  if (slug === KEPT_BACK_COMPANY) return t.company.keptBackWords
  return null
}

/** A company's part of an address: "-" is unknown. */
export function slugInAddress(slug: CompanySlug): string {
  return slug ?? '-'
}

export function kindName(kind: string, words: RuleWords): string {
  return words.kinds[kind]?.title ?? visible(kind)
}

export function purposeName(purpose: string, words: RuleWords): string {
  return words.purposes[purpose]?.title ?? visible(purpose)
}

/** A device's name, else its maker's, else that it has none. */
export function deviceName(device: Pick<Device, 'name' | 'vendor' | 'id'>): string {
  if (device.name !== null && device.name.trim() !== '') return visible(device.name)
  return device.vendor === null
    ? `${t.home.device.unnamed} ${visible(device.id).slice(-5)}`
    : `${visible(device.vendor)} ${visible(device.id).slice(-5)}`
}
