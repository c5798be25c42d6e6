// The screens of the page and their addresses in a home.
import type { Page } from 'playwright-core'
import type { AlertRow, Device, Overview, Replay } from '../../server/api.ts'

export interface ScreenAddress {
  name: string
  hash: string
  /** True for pages that need nobody logged in. */
  open?: boolean
}

/** A capture of one empty Ethernet frame: enough to be taken for one. */
export function smallCapture(): Buffer {
  const file = Buffer.alloc(24 + 16 + 60)
  file.writeUInt32LE(0xa1b2c3d4, 0)
  file.writeUInt16LE(2, 4)
  file.writeUInt16LE(4, 6)
  file.writeUInt32LE(65_535, 16)
  file.writeUInt32LE(1, 20)
  file.writeUInt32LE(1_795_500_000, 24)
  file.writeUInt32LE(60, 32)
  file.writeUInt32LE(60, 36)
  return file
}

async function asked<T>(page: Page, path: string): Promise<T> {
  return page.evaluate(async (path) => (await (await fetch(path)).json()) as unknown, path) as Promise<T>
}

/** Puts a recording in through the page and plays it to its end, unless one is open; answers its id. */
async function recording(page: Page, name: string): Promise<string> {
  const open = await asked<Replay[]>(page, '/api/replays')
  if (open[0] !== undefined) return open[0].id
  await page.evaluate(() => {
    location.hash = '#/replay'
  })
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: smallCapture() })
  const player = page.locator('article').first()
  await player.getByRole('button', { name: 'Max' }).click()
  await player.getByRole('button', { name: 'Play', exact: true }).click()
  await player.getByText('At the end').waitFor()
  return (await asked<Replay[]>(page, '/api/replays'))[0]?.id ?? ''
}

/** Every screen; `page` is logged in as owner. `named` names the recording that is put in. */
export async function allScreens(page: Page, named = 'evening.pcap'): Promise<ScreenAddress[]> {
  const devices = await asked<Device[]>(page, '/api/traffic/live/devices')
  const now = Math.floor(Date.now() / 1000)
  const overview = await asked<Overview>(page, `/api/traffic/live/overview?from=${now - 86_400}&to=${now}`)
  const busiest = [...overview.devices].sort((a, b) => b.sent - a.sent)[0]?.id ?? devices[0]?.id ?? ''
  const company = overview.companies.find((row) => row.slug !== null && !row.slug.startsWith('*'))?.slug ?? '-'
  const alerts = await asked<AlertRow[]>(page, '/api/traffic/live/alerts')
  const replay = encodeURIComponent(await recording(page, named))
  return [
    { name: 'login', hash: '#/', open: true },
    { name: 'recorded-open', hash: '#/recorded', open: true },
    { name: 'home', hash: '#/' },
    { name: 'devices', hash: '#/devices' },
    { name: 'device', hash: `#/device/${encodeURIComponent(busiest)}?range=24h` },
    { name: 'companies', hash: '#/companies?range=24h' },
    { name: 'company', hash: `#/company/${encodeURIComponent(company)}?range=24h` },
    { name: 'company-unknown', hash: '#/company/-?range=24h' },
    { name: 'alerts', hash: '#/alerts' },
    { name: 'alert', hash: `#/alert/${encodeURIComponent(alerts[0]?.id ?? '')}` },
    { name: 'replay', hash: '#/replay' },
    { name: 'replay-home', hash: `#/replay/${replay}` },
    { name: 'settings', hash: '#/settings' },
    { name: 'recorded', hash: '#/recorded' },
    { name: 'welcome', hash: '#/welcome' },
  ]
}
