// Prints how many of tshark's facts about the real captures analyze states too, and every difference.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Analysis } from '../../server/analyze/analysis.ts'
import { analyzeFile } from '../../server/analyze/analyze-file.ts'
import { prefixOf, type Prefix } from '../../capture/ip-address.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import { compareFacts, factsOfAnalysis, factsOfTruth, type Truth, TRUTH_HOME } from './facts.ts'

/** Score of every capture with truth under `folder`; differences, and captures with copies, as lines. */
export async function scoreCaptures(
  folder: string,
): Promise<{ captures: number; total: number; different: number; lines: string[]; copied: string[] }> {
  const home = TRUTH_HOME.map(prefixOf)
  const score = { captures: 0, total: 0, different: 0, lines: [] as string[], copied: [] as string[] }
  for (const name of readdirSync(join(folder, 'truth'), { recursive: true, encoding: 'utf8' }).sort()) {
    const capture = join(folder, 'captures', name.replace(/\.json$/, ''))
    if (!name.endsWith('.json') || !existsSync(capture)) continue
    const truth = JSON.parse(readFileSync(join(folder, 'truth', name), 'utf8')) as Truth
    const { analysis, notices } = await analyzeWithCopies(capture, home)
    if (notices.length > 0) score.copied.push(`${name.replace(/\.json$/, '')}: ${notices.join('; ')}`)
    const { total, differences } = compareFacts(factsOfTruth(truth), factsOfAnalysis(analysis, truth))
    score.captures++
    score.total += total
    score.different += differences.length
    for (const { fact, truth: theirs, ours } of differences) {
      score.lines.push(
        `${name.replace(/\.json$/, '')}: ${fact}: tshark ${theirs ?? 'none'}, telltale ${ours ?? 'none'}`,
      )
    }
  }
  return score
}

/**
 * tshark counts a packet as often as it was captured: where copies were left out the facts are those with copies, and
 * the notices say how many there are.
 */
async function analyzeWithCopies(capture: string, home: Prefix[]): Promise<{ analysis: Analysis; notices: string[] }> {
  const analysis = await analyzeFile(capture, { home })
  const notices = analysis.capture.problems
    .map(({ message }) => message)
    .filter((message) => message.includes('each is counted once'))
  if (notices.length === 0) return { analysis, notices }
  return { analysis: await analyzeFile(capture, { home, countsCopies: true }), notices }
}

if (process.argv[1] === import.meta.filename) {
  const folder = process.argv[2] ?? realDataFolder()
  if (folder === null) {
    console.log(NO_REAL_DATA)
  } else {
    const { captures, total, different, lines, copied } = await scoreCaptures(folder)
    for (const line of lines) console.log(line)
    console.log(`${copied.length} captures with copies, which are added back:`)
    for (const line of copied) console.log(`  ${line}`)
    console.log(
      `${captures} captures, ${total} facts, ${total - different} equal: ${((1 - different / total) * 100).toFixed(2)} %`,
    )
  }
}
