// Reasons why a company is likely behind an address without a name, and what speaks against it.
import { describe, expect, test } from 'vitest'
import { type Likely, likelyBehind, type LikelyDevice, type NamelessEndpoint } from '../../../server/likely/likely.ts'
import { Neighbours } from '../../../server/likely/neighbours.ts'
import { compiledRulesFolder } from '../../../server/rules/folder.ts'
import { openRules } from '../../../server/rulebook/open.ts'

const rules = openRules(compiledRulesFolder())

/** An address in Amazon's cloud. */
const cloudAddress = (more: Partial<NamelessEndpoint> = {}): NamelessEndpoint => ({
  address: '52.5.20.40',
  company: 'aws',
  service: 'tcp/443',
  sent: 20_000,
  received: 9_000,
  ...more,
})
const doorbell: LikelyDevice = { vendor: 'Ring', kind: 'doorbell', addresses: 6 }
const behind = (
  endpoint: NamelessEndpoint,
  device: LikelyDevice,
  neighbours: Neighbours | null = null,
): Likely | null => likelyBehind(endpoint, device, rules, neighbours)

describe('a device of one purpose', () => {
  test('talks to its maker in a cloud that the maker is known to rent, and it is said why', () => {
    const likely = behind(cloudAddress(), doorbell)
    expect(likely).toMatchObject({ company: 'ring' })
    expect(likely?.confidence).toBeGreaterThan(0.9)
    expect(likely?.why[0]).toBe('It is a doorbell by Ring, and such devices talk to hardly anybody but their maker.')
  })

  test('is less sure to do so in a cloud of somebody else, and less where it looks like a peer', () => {
    const known = behind(cloudAddress(), doorbell)?.confidence ?? 0
    const other = behind(cloudAddress({ company: 'hetzner' }), doorbell)?.confidence ?? 0
    const peer =
      behind(cloudAddress({ company: null, address: '203.0.113.9', service: 'udp/40123' }), doorbell)?.confidence ?? 0
    expect(other).toBeLessThan(known)
    expect(peer).toBeLessThan(other)
  })

  test('sends video where far more goes out than comes in', () => {
    expect(behind(cloudAddress({ sent: 2e6, received: 30_000 }), doorbell)).toMatchObject({ purpose: 'video' })
  })

  test('gets music from whoever brings it: a long download says little about the maker', () => {
    const speaker: LikelyDevice = { vendor: 'Sonos', kind: 'speaker', addresses: 6 }
    const download = { company: 'fastly', sent: 100_000, received: 30e6 }
    expect(behind(cloudAddress({ company: 'fastly' }), speaker)).toMatchObject({ company: 'sonos' })
    expect(behind(cloudAddress(download), speaker)).toBeNull()
  })

  test('asks servers of the public pool for the time, and no maker', () => {
    const time = cloudAddress({ company: 'hetzner', service: 'udp/123' })
    expect(behind(time, doorbell)).toMatchObject({ company: 'ntp-pool', purpose: 'time' })
  })

  test("talks to its maker in a network that Google's own services share with those who rent it", () => {
    const bridge: LikelyDevice = { vendor: 'Philips Hue', kind: 'hub', addresses: 3 }
    const address = { address: '64.233.165.121', company: 'google' }
    expect(behind(cloudAddress(address), bridge)).toMatchObject({ company: 'philips-hue' })
    expect(behind(cloudAddress(address), doorbell)).toBeNull()
  })
})

describe('nothing is likely', () => {
  test.each(['phone', 'tablet', 'computer', 'tv', 'console', 'router', 'storage', 'streamer'] as const)(
    'of the maker of a %s, which runs programs of anybody',
    (kind) => {
      for (const vendor of ['Samsung', 'Amazon', 'Google', 'Xiaomi'])
        expect(behind(cloudAddress(), { vendor, kind, addresses: 3 })).toBeNull()
    },
  )

  test('where a company was seen that rents nothing out', () => {
    expect(behind(cloudAddress({ company: 'netflix' }), doorbell)).toBeNull()
  })

  test('of a device of unknown kind whose maker makes phones and computers as well', () => {
    expect(behind(cloudAddress({ company: 'akamai' }), { vendor: 'Apple', kind: 'unknown', addresses: 3 })).toBeNull()
  })

  test('of a resolver, whatever the device', () => {
    expect(behind(cloudAddress({ service: 'udp/53' }), doorbell)).toBeNull()
  })

  test('where neither device nor network nor neighbours are known', () => {
    const nobody: LikelyDevice = { vendor: null, kind: 'unknown', addresses: 1 }
    expect(behind(cloudAddress(), nobody)).toBeNull()
    expect(behind(cloudAddress({ company: null, address: '203.0.113.9' }), nobody)).toBeNull()
  })
})

describe('any device', () => {
  const laptop: LikelyDevice = { vendor: 'Dell', kind: 'computer', addresses: 300 }

  test('talks to the one company whose servers have such a port', () => {
    const likely = behind(cloudAddress({ company: 'google-cloud', service: 'tcp/4070' }), laptop)
    expect(likely).toMatchObject({ company: 'spotify', why: ['Port 4070 is hardly used by anybody but Spotify.'] })
  })

  test('talks to whom another connection to the same address was seen to', () => {
    const neighbours = new Neighbours()
    neighbours.add('52.5.20.40', 'dropbox', 'client.dropbox.com')
    const likely = behind(cloudAddress(), laptop, neighbours)
    expect(likely).toMatchObject({ company: 'dropbox' })
    expect(likely?.why).toContain('The address was called client.dropbox.com before.')
  })

  test('may talk to whom three neighbouring addresses were seen to be, if nobody else was', () => {
    const neighbours = new Neighbours()
    for (const last of [1, 2, 3]) neighbours.add(`52.5.20.${last}`, 'dropbox', 'client.dropbox.com')
    expect(behind(cloudAddress(), laptop, neighbours)).toMatchObject({ company: 'dropbox' })
    neighbours.add('52.5.20.9', 'netflix', 'api.netflix.com')
    expect(behind(cloudAddress(), laptop, neighbours)).toBeNull()
  })

  test('does not talk to one of two companies that share an address', () => {
    const neighbours = new Neighbours()
    neighbours.add('52.5.20.40', 'dropbox', 'client.dropbox.com')
    neighbours.add('52.5.20.40', 'netflix', 'api.netflix.com')
    expect(behind(cloudAddress(), laptop, neighbours)).toBeNull()
  })
})
