// The built files, and no others, are served with the right caching.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf, openLab, type Lab } from './lab.ts'

let lab: Lab
let base: string
const folder = mkdtempSync(join(tmpdir(), 'telltale-page-'))

beforeAll(async () => {
  mkdirSync(join(folder, 'ui/assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'ui/index.html'), '<title>page</title>')
  writeFileSync(join(folder, 'ui/.hidden'), 'secret')
  writeFileSync(join(folder, 'ui/assets/index-a1B2c3D4.js'), 'plain')
  writeFileSync(join(folder, 'ui/assets/index-a1B2c3D4.js.br'), 'packed')
  lab = await openLab({ uiFolder: join(folder, 'ui') })
  base = await lab.listen()
})
afterAll(async () => {
  await lab.close()
  rmSync(folder, { recursive: true })
})

/** A path exactly as written: clients tidy it up before they send it. */
function raw(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(base).port), '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
    )
    let answer = ''
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1')
    })
    socket.on('end', () => resolve(answer)).on('error', reject)
  })
}

describe('the page', () => {
  test('is at / with and without a token, checked again each time', async () => {
    for (const path of ['/', '/?token=abc', '/index.html']) {
      const answer = await lab.ask(null, { method: 'GET', url: path })
      expect([answer.statusCode, answer.body, answer.headers['cache-control']]).toEqual([
        200,
        '<title>page</title>',
        'no-cache',
      ])
      const again = await lab.ask(null, {
        method: 'GET',
        url: path,
        headers: { 'if-none-match': String(answer.headers.etag) },
      })
      expect(again.statusCode).toBe(304)
    }
  })

  test('has parts that are kept for a year, and sent packed where the browser can', async () => {
    const url = '/assets/index-a1B2c3D4.js'
    expect((await lab.ask(null, { method: 'GET', url })).body).toBe('plain')
    const packed = await lab.ask(null, { method: 'GET', url, headers: { 'accept-encoding': 'gzip, br' } })
    expect([
      packed.body,
      packed.headers['content-encoding'],
      packed.headers['content-type'],
      packed.headers['cache-control'],
    ]).toEqual(['packed', 'br', expect.stringContaining('javascript'), 'public, max-age=31536000, immutable'])
  })

  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%00',
    '/index.html%00.js',
    '/.hidden',
    '/%2ehidden',
    '//secret.txt',
    '/assets',
    '/assets/',
    '/./../secret.txt',
    '/%c0%ae%c0%ae/secret.txt',
    '/%252e%252e/secret.txt',
    '/%',
    '/nothing',
    '/index.html/',
    '/assets/%2e./../secret.txt',
  ])('is all there is: %s leads nowhere', async (path) => {
    const answer = await raw(path)
    expect(answer).toMatch(/^HTTP\/1\.1 40[034] /)
    expect(answer).toMatch(/"code":"(not-found|bad-request)"/)
    expect(answer).not.toContain('secret\n')
    expect(answer.split('\r\n\r\n')[1]).not.toBe('secret')
  })

  test('that is not built says so', async () => {
    const bare = await openLab({ uiFolder: join(folder, 'nowhere') })
    expect(codeOf(await bare.ask(null, { method: 'GET', url: '/' }))).toBe('not-found')
    await bare.close()
  })
})
