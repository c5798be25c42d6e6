// A mail server that takes every mail and sends none on.
import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'

/** Speaks enough of RFC 5321 to take a mail. */
export class SmtpSink {
  readonly mails: string[] = []
  readonly recipients: string[] = []
  /** What RCPT is answered; empty: taken. */
  refusal = ''
  private readonly server: Server

  constructor() {
    this.server = createServer((socket) => {
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
            this.mails.push(line)
            isData = false
            socket.write('250 taken\r\n')
          } else if (/^RCPT/i.test(line)) {
            this.recipients.push(line)
            socket.write(this.refusal === '' ? '250 ok\r\n' : this.refusal)
          } else if (/^DATA/i.test(line)) {
            isData = true
            socket.write('354 go on\r\n')
          } else if (/^STARTTLS/i.test(line)) socket.write('502 not here\r\n')
          else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n')
          else socket.write('250 ok\r\n')
        }
      })
    })
  }

  /** Port 0: any that is free. */
  listen(port = 0): Promise<number> {
    return new Promise((done) =>
      this.server.listen(port, '127.0.0.1', () => done((this.server.address() as AddressInfo).port)),
    )
  }

  close(): Promise<void> {
    return new Promise((done) => void this.server.close(() => done()))
  }
}
