// Companies and purposes of hosts that people ask about, and the count of them.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RULES } from '../rules/temporary-rules.ts'
import { NO_REAL_DATA, realDataFolder } from '../support/real-data.ts'
import { companiesOf, type ListedHost, readHosts, scoreHosts } from './hosts.ts'

const table = companiesOf(RULES)
const listed = (host: string, companies: string[], purposes: string[]): ListedHost => ({ host, companies, purposes })

describe('the count of hosts', () => {
  it('takes a brand for its family, and a beginning of three letters for the name', () => {
    const hosts = [
      listed('fw.ring.com', ['amazon'], ['update']),
      listed('eu.iot.dreame.tech', ['dre'], ['control']),
      listed('common.lgthinq.com', ['lg'], ['control']),
    ]
    expect(scoreHosts(hosts, table)).toMatchObject({ total: 3, company: 3, both: 3, wrong: 0, misses: [] })
  })

  it('tells a wrong company from none, and names each miss', () => {
    const hosts = [
      listed('fw.ring.com', ['lg'], ['update']),
      listed('nobody.example', ['acme'], ['control']),
      listed('nobody.example', ['-'], ['-']),
      listed('fw.ring.com', ['ring'], ['video']),
      listed('content.icloud.com', ['apple'], ['cloud']),
    ]
    expect(scoreHosts(hosts, table)).toMatchObject({ total: 5, company: 3, both: 1, wrong: 1, ownData: 1 })
    expect(scoreHosts(hosts, table).misses[3]).toBe('content.icloud.com: icloud data, listed as apple cloud')
  })

  it('reads a list with several answers', () => {
    const folder = mkdtempSync(join(tmpdir(), 'telltale-hosts-'))
    try {
      const file = join(folder, 'hosts.tsv')
      writeFileSync(file, '# a comment\na.example\tacme|zenith\tads|tracking\t3\nb.example\t-\t-\t1\n')
      expect(readHosts(file)).toEqual([
        listed('a.example', ['acme', 'zenith'], ['ads', 'tracking']),
        listed('b.example', ['-'], ['-']),
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('hosts that people ask about', () => {
  const folder = realDataFolder()
  const file = folder === null ? null : join(folder, 'cases/40-host-purposes/hosts.tsv')
  const isThere = file !== null && existsSync(file)
  if (!isThere) console.log(`Not tested: ${NO_REAL_DATA}`)

  it.skipIf(!isThere)('have their company in 98 of 100, their purpose too in 95, and hardly ever a wrong one', () => {
    const { total, company, both, wrong } = scoreHosts(readHosts(file as string), table)
    expect(total).toBeGreaterThan(100)
    expect(company / total).toBeGreaterThanOrEqual(0.98)
    expect(both / total).toBeGreaterThanOrEqual(0.95)
    expect(wrong / total).toBeLessThanOrEqual(0.01)
  })
})
