// docs/performance.md: the tables of one run of the bench, and a plot of them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'

export interface Bar {
  group: string
  program: string
  value: number
}

const BAR_HEIGHT = 16
const GROUP_GAP = 14
const LABEL_WIDTH = 230
const PLOT_WIDTH = 420
const TOP = 34
const COLOURS = ['#2f6fb0', '#8a8f98', '#b9bec7', '#d2a24c', '#7d9f6b']

/** Bars by group; the longest is as wide as the plot. */
export function plot(title: string, unit: string, bars: readonly Bar[]): string {
  const programs = [...new Set(bars.map(({ program }) => program))]
  const longest = Math.max(...bars.map(({ value }) => value), 1e-9)
  const lines: string[] = []
  let y = TOP
  let group = ''
  for (const bar of bars) {
    if (bar.group !== group) {
      if (group !== '') y += GROUP_GAP
      group = bar.group
      lines.push(`<text x="0" y="${y + 12}" font-weight="600">${escaped(group)}</text>`)
      y += BAR_HEIGHT + 2
    }
    const width = Math.max(1, (bar.value / longest) * PLOT_WIDTH)
    const colour = COLOURS[programs.indexOf(bar.program) % COLOURS.length]
    lines.push(
      `<text x="${LABEL_WIDTH - 8}" y="${y + 12}" text-anchor="end">${escaped(bar.program)}</text>`,
      `<rect x="${LABEL_WIDTH}" y="${y + 1}" width="${width.toFixed(1)}" height="${BAR_HEIGHT - 3}" fill="${colour}"/>`,
      `<text x="${(LABEL_WIDTH + width + 6).toFixed(1)}" y="${y + 12}">${bar.value.toFixed(bar.value < 10 ? 2 : 0)}</text>`,
    )
    y += BAR_HEIGHT
  }
  const [width, height] = [LABEL_WIDTH + PLOT_WIDTH + 60, y + 10]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="0" y="16" font-size="14" font-weight="600">${escaped(`${title} (${unit})`)}</text>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

export interface Report {
  /** As printed: headings, tables and sentences. */
  lines: readonly string[]
  files: readonly Bar[]
  live: readonly Bar[]
}

/** Writes performance.md and its plots into the folder. */
export function writeReport(folder: string, { lines, files, live }: Report): void {
  mkdirSync(folder, { recursive: true })
  const plots = [
    { name: 'performance-files.svg', title: 'CPU of reading a capture', unit: 'seconds', bars: files },
    { name: 'performance-live.svg', title: 'CPU of live capture', unit: '% of a core', bars: live },
  ].filter(({ bars }) => bars.length > 0)
  for (const { name, title, unit, bars } of plots) writeFileSync(join(folder, name), plot(title, unit, bars))
  const images = plots.map(({ name, title }) => `![${title}](${name})`)
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 1e9)} GB, Node ${process.versions.node}`
  const head = [
    '# Performance',
    '',
    'Written by `npm run bench -- --write`. All programs ran on the same files, in turn, in one run; compare columns,',
    'not machines.',
    '',
    `Machine: ${machine}.`,
    '',
  ]
  writeFileSync(
    join(folder, 'performance.md'),
    [...head, ...images.flatMap((image) => [image, '']), ...lines, ''].join('\n'),
  )
}
