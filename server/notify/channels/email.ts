// The e-mail channel: alerts in a mailbox.
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { number, secret, text, yesNo } from '../../model/setting-fields.ts'
import { defineChannel, type Delivery, type AlertNotification, privateAddresses } from '../channel.ts'
import { messageId } from '../notice-id.ts'
import { isPrivateAddress } from '../../../capture/ip-address.ts'

export const email = defineChannel({
  name: 'email',
  label: 'e-mail',
  title: 'Tell a mailbox (e-mail)',
  fields: {
    host: text('Mail server', 'Name or address. Empty: off.', 255),
    port: number('Port', '587 or 25 speak STARTTLS, 465 TLS from the start.', 587, 1, 65_535),
    user: text('User', 'Empty where the server asks for none.', 255),
    password: secret('Password', 'Kept in the settings file of this machine.'),
    from: text('From', 'The address that mails come from. Empty: the one they go to.', 255),
    to: text('To', 'The address that mails go to.', 255),
    privateAddresses,
    plain: yesNo(
      'Without encryption',
      'Everybody on the way can read the mail and the password: only for a server at home.',
      false,
    ),
  },
  needs: ['host', 'to'],
  replaces: true,
  updates: false,
  showsDevices: false,
  create: (settings) => ({ name: 'e-mail', send: (notification) => send(settings, notification) }),
})

interface EmailSettings {
  /** The server that takes mail, and its port: 465 speaks TLS from the start, 587 from STARTTLS on. */
  host: string
  port: number
  /** Empty: the server asks for none. */
  user: string
  password: string
  from: string
  to: string
  privateAddresses: boolean
  /** Without TLS everybody on the way can read the mail and the password; only for a server at home. */
  plain: boolean
}

const TIMEOUT_MS = 15_000

async function send(
  { host, port, user, password, from, to, privateAddresses, plain }: EmailSettings,
  notification: AlertNotification,
): Promise<Delivery> {
  const { id, title, text, sequence = 1 } = notification
  const refuse = (reason: string, again: boolean): Delivery => ({ done: false, again, reason: `e-mail: ${reason}` })
  let address = host
  try {
    if (isIP(host) === 0) address = (await lookup(host)).address
  } catch {
    return refuse('the name of the mail server is not known at the moment', true)
  }
  if (!privateAddresses && isPrivateAddress(address))
    return refuse(
      'the mail server is in a home network: allow private addresses in its settings if that is meant',
      false,
    )
  const isEncrypted = port === 465
  // Loaded with the first message: most homes send no mail.
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    // Connected to is the address that was looked at; the certificate is still the name's.
    host: address,
    port,
    secure: isEncrypted,
    requireTLS: !isEncrypted && !plain,
    ignoreTLS: plain && !isEncrypted,
    tls: isIP(host) === 0 ? { servername: host } : {},
    ...(user === '' ? {} : { auth: { user, pass: password } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  })
  try {
    // A message id that stays the same lets a mailbox drop a repetition.
    await transport.sendMail({
      from: from || to,
      to,
      subject: `${title}: ${text.split('\n', 1)[0] ?? ''}`.slice(0, 200),
      text,
      messageId: addressOf(messageId(notification)),
      // The mailbox shows them as one conversation that begins with the first.
      ...(sequence > 1 ? { inReplyTo: addressOf(id), references: addressOf(id) } : {}),
    })
    return { done: true }
  } catch (error) {
    return describe(error, refuse)
  } finally {
    transport.close()
  }
}

function addressOf(id: string): string {
  return `<${id}@telltale.invalid>`
}

/**
 * Answers of 5xx and a refused password are for good (RFC 5321, section 4.2.1); what the server wrote may hold names,
 * so it is left out.
 */
function describe(error: unknown, refuse: (reason: string, again: boolean) => Delivery): Delivery {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const status = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0
  if (code === 'EAUTH') return refuse('the mail server refuses user or password', false)
  if (code === 'ETLS') return refuse('the mail server offers no encryption', false)
  if (status >= 500) return refuse(`the mail server answered ${status}`, false)
  return refuse(
    status > 0 ? `the mail server answered ${status}` : 'the mail server cannot be reached at the moment',
    true,
  )
}
