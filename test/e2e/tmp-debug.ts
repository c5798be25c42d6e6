import { openContext, openScreen, startBrowser, watchedPage } from './browser.ts'
import { claim, replayThroughPage, startRealServer } from './real-server.ts'
const server = await startRealServer(); const browser = await startBrowser()
const { page } = await watchedPage(await openContext(browser, { width: 1440, height: 900, theme: 'light' }), server.url)
const t = performance.now(); const say = (w: string) => console.log(Math.round(performance.now() - t), w)
await claim(page, server.url); say('claimed')
for (const f of process.argv.slice(2)) {
  const id = await replayThroughPage(page, server.origin, f); say('replayed')
  page.on('request', (r) => console.log(Math.round(performance.now() - t), r.url().slice(20, 140)))
  for (const s of ['devices', 'companies', '']) { await openScreen(page, `${server.origin}/`, `#/replay/${id}/${s}?range=all`); say(s) }
}
await browser.close(); await server.stop()
