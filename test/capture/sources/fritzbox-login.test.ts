// The log-in of FRITZ!OS: the examples of AVM's document, what boxes answer, and what no box does.
import { describe, expect, test } from 'vitest'
import { chooseInterface, interfacesSentence, parseInterfaces } from '../../../capture/sources/fritzbox/interfaces.ts'
import { parseSessionInfo, proposedUser, responseTo } from '../../../capture/sources/fritzbox/login.ts'

describe('the response to a challenge', () => {
  test("is that of AVM's example for PBKDF2", async () => {
    expect(await responseTo('2$10000$5A1711$2000$5A1722', '1example!')).toBe(
      '5A1722$1798a1672bca7c6463d6b245f82b53703b0f50813401b03e4045a5861e689adb',
    )
  })

  test("is that of AVM's example for MD5", async () => {
    expect(await responseTo('1234567z', 'äbc')).toBe('1234567z-9e224a41eeefa284df7bb0f26c2913e2')
  })

  test('of MD5 has a full stop for each character above 255', async () => {
    expect(await responseTo('1234567z', 'a€b😀')).toBe(await responseTo('1234567z', 'a.b.'))
    expect(await responseTo('1234567z', 'aÿ')).not.toBe(await responseTo('1234567z', 'a.'))
  })

  test.each([
    ['few rounds, which make the password easy to guess', '2$1$5A1711$1$5A1722'],
    ['rounds without end', '2$999999999$5A1711$2000$5A1722'],
    ['no salt', '2$10000$$2000$'],
    ['half a byte', '2$10000$5A171$2000$5A1722'],
    ['a text that is none', 'abc" onload="x'],
    ['nothing', ''],
  ])('is not given to %s', async (_, challenge) => {
    await expect(responseTo(challenge, 'secret')).rejects.toThrow(/Nothing of it was sent/)
  })
})

describe('the answer of the log-in page', () => {
  test('is read with the time of a block, the users and the rights', () => {
    const info = parseSessionInfo(
      '<?xml version="1.0" encoding="utf-8"?><SessionInfo><SID>0123456789abcdef</SID><Challenge>2$1</Challenge>' +
        '<BlockTime>128</BlockTime><Rights><Name>BoxAdmin</Name><Access>2</Access><Name>NAS</Name><Access>1</Access>' +
        '</Rights><Users><User>a &amp; b</User><User last="1">fritz3713</User></Users></SessionInfo>',
    )
    expect(info).toMatchObject({ sid: '0123456789abcdef', challenge: '2$1', blockSeconds: 128 })
    expect(info?.users).toEqual([
      { name: 'a & b', isLast: false },
      { name: 'fritz3713', isLast: true },
    ])
    expect([...(info?.rights ?? [])]).toEqual([
      ['BoxAdmin', 2],
      ['NAS', 1],
    ])
    expect(info === null ? null : proposedUser(info)).toBe('fritz3713')
  })

  test('of a box without users names none', () => {
    const info = parseSessionInfo(
      '<SessionInfo><SID>0000000000000000</SID><Challenge>36c3b87f</Challenge><BlockTime>0</BlockTime><Rights/></SessionInfo>',
    )
    expect(info === null ? null : proposedUser(info)).toBe('')
  })

  test.each(['', '<html>', '<SessionInfo><SID>1234</SID></SessionInfo>', '<SID>0123456789abcdef</SID>'])(
    '%j is none',
    (text) => expect(parseSessionInfo(text)).toBeNull(),
  )

  test('cannot block for years', () => {
    const text = '<SessionInfo><SID>0000000000000000</SID><BlockTime>99999999999</BlockTime></SessionInfo>'
    expect(parseSessionInfo(text)?.blockSeconds).toBe(86_400)
  })
})

describe('the interfaces', () => {
  const buttons =
    '<table><tr>\n<th>1. Internetverbindung</th>\n<td><button type="submit" name="start" id="uiStart_1" value="2-1">Start' +
    '</button></td><td><button type="submit" name="stop" value="2;1;eth_udma0">Stopp</button></td></tr>\n' +
    `<tr><th>Schnittstelle 0 ('internet')</th><td><button type="submit" name="start" value="3-17">Start</button></td></tr>` +
    '<tr><th>lan</th><td><button name="start" type="submit" value="1-lan">Start</button></td></tr></table>'

  test('are read from buttons, from JSON, and from links', () => {
    const list = parseInterfaces(buttons)
    expect(list).toEqual([
      { id: '2-1', label: '1. Internetverbindung' },
      { id: '3-17', label: "Schnittstelle 0 ('internet')" },
      { id: '1-lan', label: 'lan' },
    ])
    const json = { data: { groups: [{ list: [{ id: '1-lan', text: 'lan' }] }, { list: { x: { value: '2-1' } } }] } }
    expect(parseInterfaces(JSON.stringify(json))).toEqual([
      { id: '1-lan', label: 'lan' },
      { id: '2-1', label: '' },
    ])
    expect(parseInterfaces('<a href="/cgi-bin/capture_notimeout?ifaceorminor=4-131&snaplen=1600">')).toEqual([
      { id: '4-131', label: '' },
    ])
  })

  test('are chosen by the name on the page, and by the one that starts a capture', () => {
    const list = parseInterfaces(buttons)
    expect(chooseInterface('lan', list)?.id).toBe('1-lan')
    expect(chooseInterface('2-1', list)?.id).toBe('2-1')
    expect(chooseInterface('internet', list)?.id).toBe('3-17')
    expect(chooseInterface('wan', list)).toBeNull()
    expect(chooseInterface('schnittstelle', [...list, { id: '3-18', label: 'Schnittstelle 1' }])).toBeNull()
    expect(chooseInterface('lan', [])?.id).toBe('1-lan')
  })

  test('of a page with thousands are few, and hold no code of it', () => {
    const page = JSON.stringify(
      Array.from({ length: 5000 }, (_, index) => ({ name: `1-eth${index}`, text: '<b>\u202ex</b>' })),
    )
    const list = parseInterfaces(page)
    expect(list).toHaveLength(200)
    expect(list[0]?.label).toBe('x')
    expect(interfacesSentence(list)).toMatch(/1-eth15 \(x\) and 184 more$/)
  })
})
