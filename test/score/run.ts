// Prints how many of tshark's facts about the real captures analyze states too, and every difference.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { analyzeFile } from '../../server/analyze/analyze-file.ts'
import { prefixOf } from '../../capture/ip-address.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import { compareFacts, factsOfAnalysis, factsOfTruth, type Truth, TRUTH_HOME } from './facts.ts'

/** Score of every capture with truth under `folder`; differences as lines. */
export async function scoreCaptures(
  folder: string,
): Promise<{ captures: number; total: number; different: number; lines: string[] }> {
  const home = TRUTH_HOME.map(prefixOf)
  const score = { captures: 0, total: 0, different: 0, lines: [] as string[] }
  for (const name of readdirSync(join(folder, 'truth'), { recursive: true, encoding: 'utf8' }).sort()) {
    const capture = join(folder, 'captures', name.replace(/\.json$/, ''))
    if (!name.endsWith('.json') || !existsSync(capture)) continue
    const truth = JSON.parse(readFileSync(join(folder, 'truth', name), 'utf8')) as Truth
    const analysis = await analyzeFile(capture, { home })
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

if (process.argv[1] === import.meta.filename) {
  const folder = process.argv[2] ?? realDataFolder()
  if (folder === null) {
    console.log(NO_REAL_DATA)
  } else {
    const { captures, total, different, lines } = await scoreCaptures(folder)
    for (const line of lines) console.log(line)
    console.log(
      `${captures} captures, ${total} facts, ${total - different} equal: ${((1 - different / total) * 100).toFixed(2)} %`,
    )
  }
}
