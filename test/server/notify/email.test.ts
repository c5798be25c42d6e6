// A mail arrives at a mail server, and a failure is reported with its reason.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { notificationOf } from '../../../server/notify/notification.ts'
import { openChannel } from './open-channel.ts'
import { SmtpSink } from './smtp-sink.ts'
import type { Settings } from '../../../server/settings/schema.ts'

const NOTICE = notificationOf({
  id: 'alert-1',
  kind: 'silent',
  device: 'aa',
  company: null,
  from: 1_000,
  to: 1_060,
  seen: 1,
  usual: 0,
  unit: 'seconds',
  sent: 0,
  received: 0,
  sure: 0.8,
  learning: false,
  detail: null,
  direction: 'none',
  times: 1,
  state: 'open',
  destination: null,
  bytes: 0,
  peak: 0,
  isOver: true,
  destinations: [],
  decided: null,
  message: 'Plug\r\nBcc: evil@example.com has been silent',
  advice: ['Look at it.'],
})

let sink: SmtpSink
let port = 0

beforeEach(async () => {
  sink = new SmtpSink()
  port = await sink.listen()
})
afterEach(() => sink.close())

const settings = (more: Partial<Settings['email']> = {}): Partial<Settings['email']> => ({
  host: '127.0.0.1',
  port,
  user: '',
  password: '',
  from: 'telltale@home.example',
  to: 'me@home.example',
  privateAddresses: true,
  plain: true,
  ...more,
})

describe('an e-mail', () => {
  it('arrives with the sentence and the advice, and a name off the network adds no header and no recipient', async () => {
    expect(await openChannel('email', settings()).send(NOTICE)).toEqual({ done: true })
    expect(sink.recipients).toEqual([expect.stringContaining('<me@home.example>')])
    const head = sink.mails[0].split('\r\n\r\n')[0]
    expect(head).not.toMatch(/^Bcc:/im)
    expect(head).toMatch(/^Message-ID: <alert-1-1000@telltale\.invalid>$/im)
    expect(sink.mails[0]).toContain('Look at it.')
  })

  it('is tried again after a passing refusal, and given up after a lasting one', async () => {
    sink.refusal = '450 later\r\n'
    expect(await openChannel('email', settings()).send(NOTICE)).toMatchObject({ done: false, again: true })
    sink.refusal = '550 no such mailbox: hidden@home.example\r\n'
    expect(await openChannel('email', settings()).send(NOTICE)).toEqual({
      done: false,
      again: false,
      reason: 'e-mail: the mail server answered 550',
    })
  })

  it('goes to no private address and over no readable line unless the owner says so', async () => {
    expect(await openChannel('email', settings({ privateAddresses: false })).send(NOTICE)).toMatchObject({
      done: false,
      again: false,
    })
    expect(await openChannel('email', settings({ plain: false })).send(NOTICE)).toMatchObject({
      done: false,
      again: false,
      reason: 'e-mail: the mail server offers no encryption',
    })
    expect(sink.mails).toEqual([])
  })
})
