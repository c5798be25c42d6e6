// User and password inside an address of the settings are used, and shown to nobody: page, errors, log.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ChannelTest, SettingsPage } from '../../../server/api.ts'
import { createLog } from '../../../server/log.ts'
import { shownSetting, shownText, withCredentialsOf } from '../../../server/settings/credentials.ts'
import { defaults, readSettings, validate, withoutSecrets, withSecretsOf } from '../../../server/settings/settings.ts'
import { startHome, type TestHome } from '../../support/running.ts'

const HIDDEN = '••••••••'

test.each([
  ['https://ann:s3cret@ntfy.example/alerts', `https://${HIDDEN}@ntfy.example/alerts`],
  ['https://tk_s3cret@ntfy.example', `https://${HIDDEN}@ntfy.example`],
  ['https://a:s3@cret@ntfy.example', `https://${HIDDEN}@ntfy.example`],
  ['http://ntfy.example/?auth=s3cret&x=1#f', `http://ntfy.example/?${HIDDEN}`],
  ['http://ntfy.example/#s3cret', `http://ntfy.example/?${HIDDEN}`],
  ['mqtts://ann:s3cret@broker.example:8883', `mqtts://${HIDDEN}@broker.example:8883`],
  ['ann:s3cret@broker.example', `${HIDDEN}@broker.example`],
  ['https://ntfy.example:8443/', 'https://ntfy.example:8443/'],
  ['ann@mail.example', 'ann@mail.example'],
  ['', ''],
])('%s is shown as %s, and is kept where that is sent back', (text, shown) => {
  expect(shownText(text)).toBe(shown)
  expect(withCredentialsOf(shown, text)).toBe(text)
  expect(withCredentialsOf('another', text)).toBe('another')
})

test('in a list each line is shown without, and kept, and ids of sources stay as they are', () => {
  const lines = ['root@192.168.1.1 br-lan', 'ssh:root@192.168.1.1/br-lan', 'https://ann:s3cret@router.example']
  const shown = [...lines.slice(0, 2), `https://${HIDDEN}@router.example`]
  expect(shownSetting(lines)).toEqual(shown)
  expect(withCredentialsOf([shown[2], 'new'], lines)).toEqual([lines[2], 'new'])
})

test('no text of the settings shows what stands in front of an @, whatever its section', () => {
  const settings = defaults()
  settings.ntfy.server = 'https://ann:s3cret@ntfy.example'
  settings.mqtt.host = 'mqtt://ann:s3cret@broker.example'
  settings.email.host = 'smtp://ann:s3cret@mail.example'
  settings.webhook.url = 'https://hook.example/?key=s3cret'
  const page = withoutSecrets(settings)
  expect(JSON.stringify(page)).not.toContain('s3cret')
  expect(validate(withSecretsOf(page, settings), settings)).toEqual(settings)
})

test('neither a refused setting nor a damaged file tells them', () => {
  const wrong = 'ftp://ann:s3cret@ntfy.example/?auth=s3cret'
  expect(() => validate({ ntfy: { server: wrong } })).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('s3cret') as string }) as Error,
  )
  const { problems } = readSettings({ ntfy: { server: wrong }, mqtt: { host: [wrong] } })
  expect(problems).toHaveLength(2)
  expect(problems.join()).not.toContain('s3cret')
})

test('an entry of the log has none', () => {
  let text = ''
  const err = new Error('connect https://ann:s3cret@ntfy.example failed')
  createLog('json', (line) => (text += line)).error({ err }, 'mqtt://tk_s3cret@broker.example is away')
  expect(text).toContain('mqtt://[hidden]@broker.example is away')
  expect(text).not.toContain('s3cret')
})

describe('a running service', () => {
  const heard: (string | undefined)[] = []
  let sink: Server
  let home: TestHome
  beforeAll(async () => {
    sink = createServer((request, response) => {
      heard.push(request.headers.authorization)
      response.end()
    })
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
    home = await startHome()
  })
  afterAll(async () => {
    await home.close()
    sink.close()
  })

  test('sends user and password to the server of ntfy, and shows them to neither viewer nor admin', async () => {
    const { client } = home
    const place = `127.0.0.1:${(sink.address() as AddressInfo).port}`
    const server = `http://ann:s3cret@${place}`
    await client.send('PATCH', '/api/settings', { ntfy: { server, topic: 't', privateAddresses: true } })
    await client.send('POST', '/api/viewer-password', { password: 'for viewers only' })
    const login = await fetch(`${client.origin}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: client.origin },
      body: JSON.stringify({ password: 'for viewers only' }),
    })
    const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const shown = (await (await fetch(`${client.origin}/api/settings`, { headers: { cookie } })).json()) as SettingsPage
    expect(shown.values['ntfy']?.['server']).toBe(`http://${HIDDEN}@${place}`)
    const page = await client.get<SettingsPage>('/api/settings')
    expect(JSON.stringify([shown, page])).not.toContain('s3cret')
    // The form sends back what it was given.
    await client.send('PATCH', '/api/settings', { ntfy: { ...page.values['ntfy'], which: 'sure' } })
    expect(await client.send<ChannelTest>('POST', '/api/channels/ntfy/test')).toEqual({ delivered: true, reason: null })
    expect(heard).toEqual([`Basic ${Buffer.from('ann:s3cret').toString('base64')}`])
    const elsewhere = client.send('PATCH', '/api/settings', { ntfy: { server: `http://${HIDDEN}@other.example` } })
    await expect(elsewhere).rejects.toThrow('with its user and password if it has any')
  })
})
