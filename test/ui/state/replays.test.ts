// The open recordings: their list, how they are steered, and what a refusal leaves.
import { beforeEach, describe, expect, it } from 'vitest'
import type { Replay } from '../../../server/api.ts'
import type { Replays } from '../../../ui/state/replays.svelte.ts'
import { openPage, type FakePage } from '../../support/page.ts'

const replay = (id: string, revision = 1): Replay => ({ id, revision, name: `${id}.pcap` }) as Replay

let page: FakePage
let replays: Replays
beforeEach(async () => {
  page = openPage()
  const { Replays } = await import('../../../ui/state/replays.svelte.ts')
  replays = new Replays()
  page.answer('GET /api/replays', [replay('a'), replay('b')])
  await replays.load()
})
const ids = (): string[] | undefined => replays.list?.map(({ id, revision }) => `${id}${revision}`)

describe('the list of recordings', () => {
  it('is what the server has', () => {
    expect(ids()).toEqual(['a1', 'b1'])
    expect(replays.error).toBeNull()
  })

  it('puts a new one first and a known one in its place, never an older one', () => {
    replays.put(replay('c'))
    replays.put(replay('b', 3))
    replays.put(replay('b', 2))
    replays.put({ ...replay('b', 3), name: 'the same revision again' })
    expect(ids()).toEqual(['c1', 'a1', 'b3'])
    expect(replays.list?.at(-1)?.name).toBe('the same revision again')
  })

  it('keeps a recording whose deletion is refused, and says why', async () => {
    page.refuse('DELETE /api/replays/a', 403, 'forbidden', 'Only an administrator may do that.')
    expect(await replays.close('a')).toBe(false)
    expect(ids()).toEqual(['a1', 'b1'])
    expect(replays.error?.message).toBe('Only an administrator may do that.')
  })

  it('keeps a recording until its deletion is answered', async () => {
    const release = page.hold('DELETE /api/replays/a')
    const closing = replays.close('a')
    expect(ids()).toEqual(['a1', 'b1'])
    release(null)
    expect(await closing).toBe(true)
    expect(ids()).toEqual(['b1'])
  })

  it('forgets what went wrong once something works again', async () => {
    page.refuse('DELETE /api/replays/a', 403, 'forbidden', 'No.')
    await replays.close('a')
    await replays.load()
    expect(replays.error).toBeNull()
  })

  it('keeps what it has when it cannot be asked for', async () => {
    page.answer('GET /api/replays', () => Promise.reject(new Error('no network')))
    await replays.load()
    expect([ids(), replays.error?.code]).toEqual([['a1', 'b1'], 'unreachable'])
  })

  it('is steered, and shows the answer', async () => {
    page.answer('POST /api/replays/a%2Fb/control', replay('a', 9))
    await replays.control('a/b', { action: 'pause' } as never)
    expect(page.asked.at(-1)).toMatchObject({ method: 'POST', body: { action: 'pause' } })
    expect(ids()).toEqual(['a9', 'b1'])
  })

  it('hears of recordings, and asks again only where everything changed', async () => {
    const { live } = await import('../../../ui/state/live.svelte.ts')
    live.open('token')
    const stop = replays.listen()
    expect(page.paths('GET /api/replays')).toHaveLength(2)
    page.socket.update('replay', replay('a', 5))
    page.socket.update('changed', 'live')
    expect(page.paths('GET /api/replays')).toHaveLength(2)
    page.socket.update('changed', null)
    expect(page.paths('GET /api/replays')).toHaveLength(3)
    stop()
    page.socket.update('changed', null)
    expect(page.paths('GET /api/replays')).toHaveLength(3)
  })
})
