// What connections move between two looks, and at their end: each byte once.
import { describe, expect, test } from 'vitest'
import { ConnectionTable, MAX_MOVED, type Moved } from '../../../capture/connections/connection-table.ts'
import { addressText } from '../../../capture/ip-address.ts'

interface Row {
  port?: number
  id?: string
  /** Packets and bytes of the device, and of the server. */
  up?: [number, number]
  down?: [number, number]
  flags?: string
}

function row({ port = 50_000, id = '7', up = [0, 0], down = [0, 0], flags = '' }: Row = {}): string {
  const one = `src=192.168.1.10 dst=203.0.113.9 sport=${port} dport=443 packets=${up[0]} bytes=${up[1]}`
  const other = `src=203.0.113.9 dst=198.51.100.2 sport=443 dport=${port} packets=${down[0]} bytes=${down[1]}`
  return `ipv4     2 tcp      6 100 ESTABLISHED ${one} ${other} ${flags} mark=0 use=1${id === '' ? '' : ` id=${id}`}`
}

const end = (what: Row): string => `[1796015415.535548]\t[DESTROY] ${row(what)}`

class Lab {
  readonly moved: Moved[] = []
  readonly table: ConnectionTable

  constructor(options: { isLeftOut?: (port: number) => boolean } = {}) {
    this.table = new ConnectionTable({
      onMoved: (moved) => this.moved.push(moved),
      isLeftOut: ({ portA }) => options.isLeftOut?.(portA) === true,
    })
  }

  look(...rows: Row[]): void {
    this.table.beginLook()
    for (const one of rows) this.table.line(row(one))
    this.table.endLook(true)
  }

  /** Bytes since the last call, [sent, received]. */
  bytes(): [number, number] {
    const moved = this.moved.splice(0)
    return [moved.reduce((sum, { bytesA }) => sum + bytesA, 0), moved.reduce((sum, { bytesB }) => sum + bytesB, 0)]
  }
}

describe('looks', () => {
  test('the first one counts nothing: it passed before', () => {
    const lab = new Lab()
    lab.look({ up: [10, 1000], down: [10, 9000] })
    expect(lab.bytes()).toEqual([0, 0])
    lab.look({ up: [12, 1200], down: [11, 9500] })
    expect(lab.moved).toMatchObject([{ packetsA: 2, bytesA: 200, packetsB: 1, bytesB: 500, version: 4, protocol: 6 }])
    expect(addressText(lab.moved[0].a)).toBe('192.168.1.10')
    expect(addressText(lab.moved[0].b)).toBe('203.0.113.9')
  })

  test('a connection that begins later counts from its first byte', () => {
    const lab = new Lab()
    lab.look()
    lab.look({ up: [3, 180], down: [2, 120] })
    expect(lab.bytes()).toEqual([180, 120])
    lab.look({ up: [3, 180], down: [2, 120] })
    expect(lab.bytes()).toEqual([0, 0])
  })

  test('until one is whole none is the first, and what one of them did not show is still there', () => {
    const lab = new Lab()
    lab.table.beginLook()
    lab.table.line(row({ up: [10, 1000] }))
    lab.table.endLook(false)
    expect(lab.table.isReady).toBe(false)
    lab.look({ up: [11, 1100] })
    expect(lab.bytes()).toEqual([0, 0])
    for (let count = 0; count < 20; count++) {
      lab.table.beginLook()
      lab.table.endLook(false)
    }
    lab.look({ up: [12, 1200] })
    expect(lab.bytes()).toEqual([100, 0])
  })

  test('counters that fell were set to 0 in between (conntrack -Z)', () => {
    const lab = new Lab()
    lab.look({ up: [100, 10_000], down: [100, 90_000] })
    lab.look({ up: [2, 300], down: [1, 60] })
    expect(lab.bytes()).toEqual([300, 60])
    lab.look({ up: [3, 400], down: [1, 60] })
    expect(lab.bytes()).toEqual([100, 0])
  })

  test('a connection whose end was not reported is forgotten; one on its ports counts from its first byte', () => {
    const lab = new Lab()
    lab.look({ id: '', up: [100, 10_000] })
    for (let count = 0; count < 20; count++) lab.look()
    lab.look({ id: '', up: [200, 20_000] })
    expect(lab.bytes()).toEqual([20_000, 0])
  })
})

describe('the end of a connection', () => {
  test('brings the rest of its bytes, once', () => {
    const lab = new Lab()
    lab.look({ up: [10, 1000] })
    lab.look({ up: [11, 1100] })
    lab.table.line(end({ up: [15, 1500], down: [3, 200] }))
    expect(lab.bytes()).toEqual([500, 200])
    lab.look()
    expect(lab.bytes()).toEqual([0, 0])
  })

  test('of one that no look showed brings all its bytes', () => {
    const lab = new Lab()
    lab.look()
    lab.table.line(end({ up: [5, 500], down: [5, 700] }))
    expect(lab.bytes()).toEqual([500, 700])
  })

  test('before the first look is whole brings nothing: nobody knows when its bytes passed', () => {
    const lab = new Lab()
    lab.table.line(end({ up: [5, 500] }))
    lab.look()
    expect(lab.bytes()).toEqual([0, 0])
  })

  test('that overtakes its own row is not counted again by it', () => {
    const lab = new Lab()
    lab.look({ up: [10, 1000] })
    lab.table.beginLook()
    lab.table.line(end({ up: [15, 1500] }))
    lab.table.line(row({ up: [14, 1400] }))
    lab.table.endLook(true)
    expect(lab.bytes()).toEqual([500, 0])
    // A row of the next look is another connection's, whatever its number.
    lab.look({ up: [2, 120] })
    expect(lab.bytes()).toEqual([120, 0])
  })

  test('that overtakes the only row of it, too', () => {
    const lab = new Lab()
    lab.look()
    lab.table.beginLook()
    lab.table.line(end({ up: [15, 1500] }))
    lab.table.line(row({ up: [14, 1400] }))
    lab.table.endLook(true)
    expect(lab.bytes()).toEqual([1500, 0])
  })

  test('that comes behind the row of the next connection on its ports counts for itself', () => {
    const lab = new Lab()
    lab.look({ id: '7', up: [10, 1000] })
    lab.look({ id: '8', up: [1, 60] })
    expect(lab.bytes()).toEqual([60, 0])
    lab.table.line(end({ id: '7', up: [13, 1300] }))
    expect(lab.bytes()).toEqual([300, 0])
    lab.look({ id: '8', up: [2, 120] })
    expect(lab.bytes()).toEqual([60, 0])
  })
})

describe('what is not counted', () => {
  test('a connection that is left out, at its end as well', () => {
    const lab = new Lab({ isLeftOut: (port) => port === 22 })
    lab.look()
    lab.look({ port: 22, up: [10, 1000] })
    lab.table.line(end({ port: 22, up: [20, 2000] }))
    expect(lab.bytes()).toEqual([0, 0])
  })

  test('more than any line carries, and numbers that are none of packets', () => {
    const lab = new Lab()
    lab.look()
    lab.look({ up: [1e9, MAX_MOVED + 1] }, { port: 50_001, up: [10, 100] })
    expect(lab.bytes()).toEqual([0, 0])
    expect(lab.table.counts.rejected).toBe(2)
  })

  test('a connection without counters, until it has some', () => {
    const lab = new Lab()
    lab.look()
    lab.table.beginLook()
    lab.table.line(row().replace(/ packets=\d+ bytes=\d+/g, ''))
    lab.table.endLook(true)
    expect(lab.bytes()).toEqual([0, 0])
    expect(lab.table.counts).toMatchObject({ connections: 1, uncounted: 1, rejected: 0 })
  })

  test('offloaded connections are told of', () => {
    const lab = new Lab()
    lab.look({ flags: '[OFFLOAD]' }, { port: 50_001, flags: '[HW_OFFLOAD]' }, { port: 50_002 })
    expect(lab.table.counts).toMatchObject({ connections: 3, offloaded: 2 })
  })
})
