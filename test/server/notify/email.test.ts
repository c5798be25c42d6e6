// Does a mail arrive at a mail server, and what is told where it does not?
import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noticeOf } from '../../../server/notify/channel.ts'
import { emailChannel, type EmailSettings } from '../../../server/notify/email.ts'

const NOTICE = noticeOf({
  id: 'alert-1', kind: 'silent', device: 'aa', company: null, from: 1_000, to: 1_060, seen: 1, usual: 0, unit: 'seconds', sent: 0, received: 0, sure: 0.8,
  learning: false, detail: null, direction: 'none', times: 1, state: 'open', message: 'Plug\r\nBcc: evil@example.com has been silent', advice: ['Look at it.'],
})

let server: Server
let mails: string[] = []
let recipients: string[] = []
let refusal = ''

/** A server that speaks enough of RFC 5321 to take a mail. */
beforeEach(async () => {
  mails = []
  recipients = []
  refusal = ''
  server = createServer((socket) => {
    let text = ''
    let isData = false
    socket.on('error', () => undefined)
    socket.write('220 sink\r\n')
    socket.on('data', (bytes) => {
      text += bytes.toString()
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const whole = isData ? text.indexOf('\r\n.\r\n') : end
        if (whole < 0) return
        const line = text.slice(0, whole)
        text = text.slice(whole + (isData ? 5 : 2))
        if (isData) {
          mails.push(line)
          isData = false
          socket.write('250 taken\r\n')
        } else if (/^RCPT/i.test(line)) {
          recipients.push(line)
          socket.write(refusal === '' ? '250 ok\r\n' : refusal)
        } else if (/^DATA/i.test(line)) {
          isData = true
          socket.write('354 go on\r\n')
        } else if (/^STARTTLS/i.test(line)) socket.write('502 not here\r\n')
        else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n')
        else socket.write('250 ok\r\n')
      }
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})
afterEach(() => new Promise((done) => server.close(done)))

const settings = (more: Partial<EmailSettings> = {}): EmailSettings => ({
  host: '127.0.0.1', port: (server.address() as AddressInfo).port, user: '', password: '', from: 'telltale@home.example', to: 'me@home.example', allowPrivate: true, allowPlain: true, ...more,
})

describe('an e-mail', () => {
  it('arrives with the sentence and the advice, and a name off the network adds no header and no recipient', async () => {
    expect(await emailChannel(settings()).send(NOTICE)).toEqual({ done: true })
    expect(recipients).toEqual([expect.stringContaining('<me@home.example>')])
    const head = (mails[0] as string).split('\r\n\r\n')[0] as string
    expect(head).not.toMatch(/^Bcc:/im)
    expect(head).toMatch(/^Message-ID: <alert-1-1000@telltale\.invalid>$/im)
    expect(mails[0]).toContain('Look at it.')
  })

  it('is tried again after a passing refusal, and given up after a lasting one', async () => {
    refusal = '450 later\r\n'
    expect(await emailChannel(settings()).send(NOTICE)).toMatchObject({ done: false, again: true })
    refusal = '550 no such mailbox: hidden@home.example\r\n'
    expect(await emailChannel(settings()).send(NOTICE)).toEqual({ done: false, again: false, reason: 'e-mail: the mail server answered 550' })
  })

  it('goes to no private address and over no readable line unless the owner says so', async () => {
    expect(await emailChannel(settings({ allowPrivate: false })).send(NOTICE)).toMatchObject({ done: false, again: false })
    expect(await emailChannel(settings({ allowPlain: false })).send(NOTICE)).toMatchObject({ done: false, again: false, reason: 'e-mail: the mail server offers no encryption' })
    expect(mails).toEqual([])
  })
})
