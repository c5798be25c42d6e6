// The command "ask": answers of questions from recordings, or from what a running home has kept.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Answer, LIVE_SCOPE, QUESTION_IDS, type ScopeId } from './api.ts'
import type { App } from './app/app.ts'
import { makeBackup } from './backup/backup.ts'
import { restoreBackup } from './backup/restore.ts'
import { openLog } from './log.ts'
import { type OpenedToAsk, openToAsk } from './main.ts'
import { stateFolder, stateSentence, versionOfPackage } from './serve-command.ts'
import { printAnswer } from './text/en/questions/print.ts'

const USAGE = 'telltale ask QUESTION FILE… | --state DIR [--device ID] [--company SLUG] [--days N] [--json]'
const DAY = 86_400
const DEFAULT_DAYS = 30
const MOST_DAYS = 3_660

interface AskArguments {
  question: string
  files: string[]
  state: string
  device: string | undefined
  company: string | undefined
  days: number
  json: boolean
}

interface Asked {
  /** The recording's file; null of a home. */
  file: string | null
  answer: Answer
}

/** Returns 2 with one sentence where nothing could be asked, and 1 where a recording could not be read. */
export async function askCommand(args: string[]): Promise<number> {
  let folder: string | null = null
  const scratch = mkdtempSync(join(tmpdir(), 'telltale-ask-'))
  try {
    const asked = readArguments(args)
    folder = asked.files.length === 0 ? asked.state : null
    // A copy: the home may be running, and what is asked must change nothing.
    if (folder !== null) await copyState(folder, scratch)
    const opened = await openToAsk(join(scratch, 'state'), versionOfPackage(), openLog())
    try {
      return await answerAll(asked, opened)
    } finally {
      await opened.close()
    }
  } catch (error) {
    const sentence = (folder === null ? null : stateSentence(error, folder)) ?? (error as Error).message
    console.error(`telltale: ${sentence}`)
    return 2
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function copyState(folder: string, scratch: string): Promise<void> {
  const file = join(scratch, 'copy')
  await makeBackup(folder, file, versionOfPackage())
  mkdirSync(join(scratch, 'state'), { mode: 0o700 })
  await restoreBackup(file, join(scratch, 'state'))
  rmSync(file)
}

function readArguments(args: string[]): AskArguments {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      state: { type: 'string' },
      device: { type: 'string' },
      company: { type: 'string' },
      days: { type: 'string' },
      json: { type: 'boolean' },
    },
  })
  const [question, ...files] = positionals
  if (question === undefined) throw new Error(`${USAGE}. QUESTION is one of ${QUESTION_IDS.join(', ')}.`)
  if (!QUESTION_IDS.some((id) => id === question))
    throw new Error(`There is no question "${question}": it is one of ${QUESTION_IDS.join(', ')}.`)
  const days = values.days === undefined ? DEFAULT_DAYS : Number(values.days)
  if (!(days > 0 && days <= MOST_DAYS)) throw new Error(`--days ${values.days}: a number of days, up to ${MOST_DAYS}.`)
  return {
    question,
    files: files.map((file) => resolve(file)),
    state: stateFolder(values.state),
    device: values.device,
    company: values.company,
    days,
    json: values.json === true,
  }
}

async function answerAll(asked: AskArguments, { app, replays }: OpenedToAsk): Promise<number> {
  const answers: Asked[] = []
  let status = 0
  if (asked.files.length === 0) answers.push({ file: null, answer: await askHome(app, asked) })
  for (const file of asked.files) {
    try {
      const { id } = replays.openFile(file)
      await playedToEnd(replays, id)
      answers.push({ file, answer: await askRecording(app, id, asked) })
      await replays.close(id)
    } catch (error) {
      console.error(`telltale: ${file}: ${(error as Error).message}`)
      status = 1
    }
  }
  if (asked.json) console.log(JSON.stringify(asked.files.length === 0 ? answers[0]?.answer : answers, null, 2))
  else for (const { file, answer } of answers) console.log(printAnswer(answer, file))
  return status
}

async function askHome(app: App, asked: AskArguments): Promise<Answer> {
  const { now, last } = await app.status(LIVE_SCOPE)
  // What was kept last is the end: the home may have stopped long ago.
  const to = Math.ceil(last ?? now)
  return ask(app, LIVE_SCOPE, asked, Math.max(0, to - asked.days * DAY), to)
}

async function askRecording(app: App, id: ScopeId, asked: AskArguments): Promise<Answer> {
  const { first, last } = await app.status(id)
  if (first === null || last === null) throw new Error('nothing in it can be counted')
  return ask(app, id, asked, Math.floor(first), Math.ceil(last) + 1)
}

function ask(
  app: App,
  scope: ScopeId,
  { question, device, company }: AskArguments,
  from: number,
  to: number,
): Promise<Answer> {
  return app.ask(scope, question, {
    from,
    to,
    ...(device === undefined ? {} : { device }),
    ...(company === undefined ? {} : { company }),
  })
}

/** Rejects with a sentence where the recording cannot be read. */
function playedToEnd(replays: OpenedToAsk['replays'], id: string): Promise<void> {
  const { session } = replays.get(id)
  return new Promise((done, fail) => {
    session.on('replay', ({ state, error }) => {
      if (state === 'ready') {
        replays.control(id, { action: 'speed', speed: 'max' })
        replays.control(id, { action: 'play' })
      }
      if (state === 'ended') done()
      if (state === 'failed') fail(new Error(error?.message ?? 'it could not be read'))
    })
    session.on('gone', (error) => fail(error ?? new Error('its reading ended early')))
  })
}
