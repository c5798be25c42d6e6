// Host names of this machine, and origins of our own page.
import { describe, expect, test } from 'vitest'
import { createHostCheck, foreignOrigin } from '../../../server/access/origin.ts'

const machine = {
  machineName: 'Pi.example',
  machineAddresses: () => ['192.168.1.5', 'fe80::5'],
  extraNames: () => ['telltale.home.example'],
}

describe('Host', () => {
  test.each([
    'localhost',
    'localhost:8080',
    '127.0.0.1:1',
    '[::1]:8080',
    '[::1]',
    'LOCALHOST',
    'localhost.',
    'telltale.home.example:80',
  ])('%s is ours always', (host) => {
    expect(createHostCheck({ ...machine, lan: false })(host)).toBe(true)
  })
  test.each(['192.168.1.5', '192.168.1.5:8080', '[fe80::5]:8080', 'pi', 'pi.local', 'PI.lan:8080'])(
    '%s is ours where the home may come in',
    (host) => {
      expect(createHostCheck({ ...machine, lan: true })(host)).toBe(true)
      expect(createHostCheck({ ...machine, lan: false })(host)).toBe(false)
    },
  )
  test.each([
    undefined,
    '',
    'evil.example',
    '192.168.1.6',
    'pi.evil.example',
    'localhost:8080:80',
    'localhost@evil.example',
    'a localhost',
    '[::2]',
    '0.0.0.0',
    '2130706433',
    'localhost\u0000',
  ])('%s is foreign', (host) => {
    expect(createHostCheck({ ...machine, lan: true })(host)).toBe(false)
  })
})

describe('Origin', () => {
  const host = 'pi.lan:8080'
  test.each([
    ['GET', {}],
    ['GET', { 'sec-fetch-site': 'same-origin' }],
    ['GET', { 'sec-fetch-site': 'none' }],
    ['GET', { origin: 'http://pi.lan:8080' }],
    ['POST', { origin: 'http://pi.lan:8080', 'sec-fetch-site': 'same-origin' }],
    ['POST', { origin: 'https://pi.lan:8080' }],
  ])('%s %j is ours', (method, headers) => {
    expect(foreignOrigin(method, { host, ...headers })).toBeNull()
  })
  test.each([
    ['POST', {}],
    ['POST', { origin: 'null' }],
    ['GET', { origin: 'null' }],
    ['GET', { origin: 'http://evil.example' }],
    ['POST', { origin: 'http://pi.lan' }],
    ['POST', { origin: 'http://pi.lan:8080.evil.example' }],
    ['POST', { origin: 'http://pi.lan:8080', 'sec-fetch-site': 'cross-site' }],
    ['GET', { 'sec-fetch-site': 'cross-site' }],
    ['GET', { 'sec-fetch-site': 'same-site' }],
    ['DELETE', {}],
    ['PATCH', { origin: '' }],
  ])('%s %j is foreign', (method, headers) => {
    expect(foreignOrigin(method, { host, ...headers })).toMatch(/\.$/)
  })
})
