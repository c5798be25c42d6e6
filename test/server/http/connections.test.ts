// Which connection makes room for one more.
import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { Connections, PLACES, PLACES_OF_AN_ADDRESS, showConnection } from '../../../server/http/connections.ts'

class Fake extends EventEmitter {
  readonly remoteAddress: string | undefined
  destroyed = false

  constructor(remoteAddress: string | undefined) {
    super()
    this.remoteAddress = remoteAddress
  }

  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    this.emit('close')
  }
}

function open(share = 1) {
  const server = new EventEmitter()
  new Connections(server as unknown as Server, { isTrustedProxy: (address) => address === '10.9.9.9', share })
  const dial = (address: string | undefined): Fake => {
    const socket = new Fake(address)
    server.emit('connection', socket)
    return socket
  }
  const ask = (socket: Fake): EventEmitter => {
    const response = new EventEmitter()
    server.emit('request', { socket }, response)
    return response
  }
  const show = (socket: Fake, kind: 'known' | 'viewer' | 'admin'): void =>
    showConnection(socket as unknown as Socket, kind)
  return {
    dial,
    ask,
    show,
    many: (count: number, address: (index: number) => string) =>
      Array.from({ length: count }, (_, index) => dial(address(index))),
  }
}

const ended = (sockets: Fake[]): number[] => sockets.flatMap(({ destroyed }, index) => (destroyed ? [index] : []))
/** An address of its own for each. */
const apart = (index: number): string => `10.${index >> 8}.${index & 255}.1`

describe('one connection more than an address has places for', () => {
  test('ends the oldest of that address that waits for no answer', () => {
    const { dial, ask, many } = open()
    const other = dial('10.0.0.2')
    const sockets = many(PLACES_OF_AN_ADDRESS, () => '10.0.0.1')
    const answers = sockets.slice(0, 3).map(ask)
    dial('10.0.0.1')
    expect([ended(sockets), other.destroyed]).toEqual([[3], false])
    answers[1]?.emit('close')
    dial('10.0.0.1')
    expect(ended(sockets)).toEqual([1, 3])
  })

  test('ends the oldest where all wait, and never the newest', () => {
    const { dial, ask, many } = open()
    const sockets = many(PLACES_OF_AN_ADDRESS, () => '10.0.0.1')
    sockets.forEach(ask)
    expect([dial('10.0.0.1').destroyed, ended(sockets)]).toEqual([false, [0]])
  })

  test('counts a /64 of IPv6 as one, and ends one of the host with the most', () => {
    const { dial, many } = open()
    const owner = dial('2001:db8::1')
    const sockets = many(PLACES_OF_AN_ADDRESS, () => '2001:db8::666')
    expect([owner.destroyed, ended(sockets)]).toEqual([false, [0]])
    expect([dial('2001:db8::2').destroyed, ended(sockets)]).toEqual([false, [0, 1]])
  })
})

describe('one connection more than strangers have places for', () => {
  test('ends one of the address with the most, the oldest where all have one', () => {
    const { dial, many } = open()
    const sockets = many(PLACES.anonymous - 2, apart)
    const two = [dial('192.168.1.1'), dial('192.168.1.1')]
    expect(dial('192.168.1.2').destroyed).toBe(false)
    expect([ended(sockets), ended(two)]).toEqual([[], [0]])
    dial('192.168.1.3')
    expect([ended(sockets), ended(two)]).toEqual([[0], [0]])
  })

  test('ends none of those who have shown who they are, of this machine, or of a trusted proxy', () => {
    const { dial, show, many } = open()
    const others = [dial('10.9.9.9'), dial('127.0.0.1'), dial('::1')]
    for (const kind of ['known', 'viewer', 'admin'] as const) {
      const socket = dial('192.168.1.1')
      show(socket, kind)
      others.push(socket)
    }
    const sockets = many(PLACES.anonymous + 5, apart)
    expect([ended(others), ended(sockets)]).toEqual([[], [0, 1, 2, 3, 4]])
  })

  test('counts 127.0.0.1 and ::1 as this machine, and no other address of loopback', () => {
    const { dial, many } = open()
    const local = [dial('127.0.0.1'), dial('::ffff:127.0.0.1'), dial('::1'), dial('127.0.0.1')]
    const sockets = many(PLACES.anonymous + 2, (index) => `127.0.${1 + (index >> 7)}.${1 + (index & 127)}`)
    expect([ended(local), ended(sockets)]).toEqual([[], [0, 1]])
  })

  test('is sooner reached where there are few files', () => {
    const { many } = open(0.1)
    expect(ended(many(17, apart))).toEqual([0, 1])
  })
})

test('a place is free again once its connection is closed, and is taken once by a connection that shows itself again', () => {
  const { dial, show, many } = open()
  const sockets = many(PLACES.anonymous, apart)
  sockets[7]?.destroy()
  dial('192.168.1.1')
  expect(ended(sockets)).toEqual([7])
  const admins = many(PLACES.admin, (index) => `10.200.${index}.1`)
  for (const socket of [...admins, ...admins]) show(socket, 'admin')
  expect(ended(admins)).toEqual([])
  const one = dial('10.201.0.1')
  show(one, 'admin')
  expect(ended(admins)).toEqual([0])
})

test('a connection that is gone before it is taken is let go', () => {
  expect(open().dial(undefined).destroyed).toBe(true)
})
