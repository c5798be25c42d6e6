// A page of thumbnails of all shots, and a picture of it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'

export interface Shot {
  screen: string
  size: string
  theme: string
  file: string
  notes: string[]
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`)

function pageOf(shots: Shot[]): string {
  const cells = shots.map((shot) => {
    const title = `${shot.screen} · ${shot.size} · ${shot.theme}`
    const notes = shot.notes.map((note) => `<li>${escaped(note)}</li>`).join('')
    return `<figure class="s${escaped(shot.size)}"><figcaption>${escaped(title)}</figcaption><a href="${escaped(shot.file)}"><img src="${escaped(shot.file)}"></a><ul>${notes}</ul></figure>`
  })
  return `<!doctype html><meta charset="utf-8"><title>Contact sheet</title><style>
    body { font: 13px system-ui; margin: 16px; background: #888; display: flex; flex-wrap: wrap; gap: 12px; align-items: start; }
    figure { margin: 0; background: #fff; padding: 6px; } img { height: 420px; object-fit: cover; object-position: top; display: block; }
    ul { color: #a00; margin: 4px 0 0; padding-left: 16px; max-width: 300px; }</style>${cells.join('\n')}`
}

/** Writes index.html and contact-sheet.png beside the shots. */
export async function writeMontage(browser: Browser, folder: string, shots: Shot[]): Promise<void> {
  const index = join(folder, 'index.html')
  writeFileSync(index, pageOf(shots))
  const page = await browser.newPage({ viewport: { width: 2200, height: 1200 } })
  await page.goto(pathToFileURL(index).href)
  await page.screenshot({ path: join(folder, 'contact-sheet.png'), fullPage: true })
  await page.close()
}
