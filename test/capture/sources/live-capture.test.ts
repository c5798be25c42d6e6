// Live capture delivers every packet and resumes after every failure.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { READ_TO_HOST } from '../../../capture/core/constants.ts'
import { CaptureReader } from '../../../capture/formats/capture-reader.ts'
import { captureSocketSource, serveCapture } from '../../../capture/sources/capture-socket.ts'
import { FolderSource } from '../../../capture/sources/folder.ts'
import type { PacketSource, SourceEvents } from '../../../capture/sources/source.ts'
import { sshSource } from '../../../capture/sources/ssh.ts'
import { tcpdumpOptions, tcpdumpSource } from '../../../capture/sources/tcpdump.ts'
import { Engine } from '../../../server/engine/engine.ts'
import { Cable, childrenNamed, run, until, whyNoNamespaces } from './network-namespace.ts'

const PORT = 9999
const why = whyNoNamespaces('bash', 'ssh')
if (why !== null) console.log(`skipped: ${why}`)
const whyNoSsh = why ?? whyNoNamespaces('sshd', 'ssh-keygen')
if (whyNoSsh !== null) console.log(`skipped over ssh: ${whyNoSsh}`)

/** Counts datagrams to PORT, copies left out. */
class Counter implements SourceEvents {
  seen = 0
  private readonly engine = new Engine()
  readonly gaps: [number, number][] = []
  readonly problems: (string | null)[] = []
  source: PacketSource | null = null

  get copies(): number {
    return this.engine.copies.packets
  }

  readonly openReader = (): CaptureReader =>
    new CaptureReader({
      core: this.engine.core,
      mode: READ_TO_HOST,
      onPacket: (frame) => {
        const before = this.copies
        this.engine.packet(frame)
        frame.load(this.engine.core)
        if (this.copies === before && frame.protocol === 17 && frame.destinationPort === PORT) this.seen++
      },
    })
  readonly onGap = (from: number, to: number): void => void this.gaps.push([from, to])
  readonly onChange = (): void => void this.problems.push(this.source?.status().problem ?? null)
}

describe.skipIf(why !== null)('live capture', () => {
  let cable: Cable
  let sources: PacketSource[] = []
  let children: ChildProcess[] = []
  let servers: Server[] = []

  beforeAll(() => {
    cable = new Cable()
  })

  afterEach(async () => {
    for (const source of sources) await source.stop()
    for (const server of servers) await new Promise((resolve) => server.close(resolve))
    for (const child of children) child.kill('SIGKILL')
    sources = []
    servers = []
    children = []
    await until(() => childrenNamed('tcpdump').length === 0, 'no tcpdump is left behind')
  })

  afterAll(() => cable.remove())

  function begin(make: (events: SourceEvents) => PacketSource): { counter: Counter; source: PacketSource } {
    const counter = new Counter()
    const source = make(counter)
    counter.source = source
    sources.push(source)
    source.start()
    return { counter, source }
  }

  function onCable(): { counter: Counter; source: PacketSource } {
    return begin((events) => tcpdumpSource('cable', events, cable.wrapper(cable.near, 'tcpdump')))
  }

  async function isRunning(source: PacketSource): Promise<void> {
    await until(() => source.status().state === 'running', 'capture runs')
  }

  test('gives every packet at once, and says when the last one came', async () => {
    const { counter, source } = onCable()
    await isRunning(source)
    cable.send(200)
    await until(() => counter.seen === 200, '200 packets')
    const status = source.status()
    expect(status).toMatchObject({ state: 'running', dropped: 0, problem: null })
    expect(Math.abs((status.lastPacket ?? 0) - Date.now() / 1000)).toBeLessThan(30)
  })

  test('counts what the kernel dropped: seen and dropped are what was sent', async () => {
    const { counter, source } = onCable()
    await isRunning(source)
    const [pid] = childrenNamed('tcpdump')
    const sent = 60_000
    // While tcpdump stands still, its 8 MiB buffer runs over.
    process.kill(pid, 'SIGSTOP')
    cable.flood(sent)
    process.kill(pid, 'SIGCONT')
    await until(() => counter.seen + source.status().dropped >= sent, 'all packets, seen or dropped', 15_000)
    expect(source.status().dropped).toBeGreaterThan(0)
    // Replies of the other end (nobody listens there) are few, and may be dropped too.
    expect(counter.seen + source.status().dropped).toBeLessThan(sent * 1.02)
  }, 60_000)

  test('whose process is killed goes on, and reports the gap', async () => {
    const { counter, source } = onCable()
    await isRunning(source)
    cable.send(50)
    await until(() => counter.seen === 50, '50 packets')
    const [pid] = childrenNamed('tcpdump')
    process.kill(pid, 'SIGKILL')
    await until(() => source.status().state === 'failed', 'it is noticed')
    await until(() => source.status().state === 'running', 'it runs again', 5000)
    cable.send(50)
    await until(() => counter.seen === 100, 'the packets after it')
    expect(counter.gaps).toHaveLength(1)
    const [from, to] = counter.gaps[0]
    expect(to - from).toBeGreaterThan(0)
    expect(to - from).toBeLessThan(5)
    expect(counter.problems.join()).toMatch(/tcpdump was killed/)
  })

  test('whose interface vanishes says so, and goes on when it is back', async () => {
    const { counter, source } = onCable()
    await isRunning(source)
    cable.unplug()
    await until(() => source.status().state === 'failed', 'it is noticed')
    await until(() => /There is no interface cable/.test(source.status().problem ?? ''), 'it is said')
    cable.plug()
    await until(() => source.status().state === 'running', 'it runs again', 5000)
    cable.send(20)
    await until(() => counter.seen === 20, 'the packets after it')
    expect(counter.problems.join()).toMatch(/cable disappeared/)
  })

  test('whose interface is taken down says so, goes on when it is up again, and reports the gap', async () => {
    const flags = join(cable.folder, 'interfaces', 'cable', 'flags')
    mkdirSync(dirname(flags), { recursive: true })
    // Linux's own list shows the interfaces of our namespace, not of the cable's.
    const turn = (how: 'up' | 'down'): void => {
      run('ip', '-n', cable.near, 'link', 'set', 'cable', how)
      writeFileSync(flags, how === 'up' ? '0x1003\n' : '0x1002\n')
    }
    turn('up')
    const { counter, source } = begin((events) =>
      tcpdumpSource('cable', events, cable.wrapper(cable.near, 'tcpdump'), join(cable.folder, 'interfaces')),
    )
    await isRunning(source)
    turn('down')
    await until(() => source.status().state === 'failed', 'it is noticed')
    expect(counter.problems.join()).toMatch(/cable is down/)
    turn('up')
    await until(() => source.status().state === 'running', 'it runs again', 6000)
    cable.send(20)
    await until(() => counter.seen === 20, 'the packets after it')
    expect(counter.gaps).toHaveLength(1)
  })

  test('of an interface that is down says so', async () => {
    run('ip', '-n', cable.near, 'link', 'add', 'idle', 'type', 'bridge')
    const { source } = begin((events) => tcpdumpSource('idle', events, cable.wrapper(cable.near, 'tcpdump')))
    await until(() => source.status().problem !== null, 'a problem')
    expect(source.status()).toMatchObject({ state: 'failed', problem: expect.stringContaining('idle is down') })
  })

  test('by a user without the right says how to give it', async () => {
    const wrapper = join(cable.folder, 'as-nobody')
    writeFileSync(wrapper, '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups tcpdump "$@"\n')
    chmodSync(wrapper, 0o755)
    const { source } = begin((events) => tcpdumpSource('lo', events, wrapper))
    await until(() => source.status().problem !== null, 'a problem')
    expect(source.status().problem).toMatch(/may not capture on lo\. Install the service/)
  })

  test('without tcpdump says how to install it', async () => {
    const { source } = begin((events) => tcpdumpSource('lo', events, join(cable.folder, 'no-such-program')))
    await until(() => source.status().problem !== null, 'a problem')
    expect(source.status().problem).toMatch(/tcpdump is not installed/)
  })

  test('on a bridge, its port and "any" counts each packet once', async () => {
    run('ip', '-n', cable.near, 'link', 'add', 'home', 'type', 'bridge')
    run('ip', '-n', cable.near, 'addr', 'flush', 'dev', 'cable')
    run('ip', '-n', cable.near, 'link', 'set', 'cable', 'master', 'home')
    run('ip', '-n', cable.near, 'addr', 'add', '10.99.0.2/24', 'dev', 'home')
    run('ip', '-n', cable.near, 'link', 'set', 'home', 'up')
    try {
      const { counter, source } = begin((events) => tcpdumpSource('any', events, cable.wrapper(cable.near, 'tcpdump')))
      await isRunning(source)
      cable.send(100)
      await until(() => counter.seen >= 100, '100 packets')
      cable.send(1, 1)
      await until(() => counter.copies >= 101, 'all copies')
      expect(counter.seen).toBe(100)
    } finally {
      run('ip', '-n', cable.near, 'link', 'del', 'home')
      run('ip', '-n', cable.near, 'addr', 'add', '10.99.0.2/24', 'dev', 'cable')
    }
  })

  test('through the socket of the capture unit gives the same, its drops too, and goes on after both are killed', async () => {
    const path = join(cable.folder, 'packets.sock')
    servers.push(await serveCapture(path, 'cable', cable.wrapper(cable.near, 'tcpdump')))
    const { counter, source } = begin((events) => captureSocketSource(path, 'cable', events))
    await isRunning(source)
    cable.send(100)
    await until(() => counter.seen === 100, '100 packets')
    process.kill(childrenNamed('tcpdump')[0], 'SIGKILL')
    await until(() => counter.gaps.length === 1, 'the gap', 5000)
    cable.send(10)
    await until(() => counter.seen === 110, 'the packets after it')
    expect(counter.problems.join()).toMatch(/tcpdump was killed/)
    await source.stop()
    await until(() => childrenNamed('tcpdump').length === 0, 'nobody captures for nobody')
  })

  test('of a folder that tcpdump fills reads finished files in order and the newest as it grows', async () => {
    const folder = join(cable.folder, 'rotated')
    mkdirSync(folder)
    const { counter, source } = begin((events) => new FolderSource(folder, events, { readOld: true }))
    await until(() => source.status().problem !== null, 'a hint')
    const options = tcpdumpOptions('cable').slice(0, -1)
    const child = spawn(
      cable.wrapper(cable.near, 'tcpdump'),
      [...options, join(folder, 'home-%s.pcap'), '-G', '1', '-Z', 'root'],
      { stdio: 'ignore' },
    )
    children.push(child)
    await until(() => source.status().state === 'running', 'the first file')
    for (let round = 1; round <= 5; round++) {
      cable.send(40)
      await until(() => counter.seen === round * 40, `${round * 40} packets`)
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    child.kill('SIGTERM')
    expect(counter.seen).toBe(200)
  })

  describe.skipIf(whyNoSsh !== null)('over ssh', () => {
    let server: ChildProcess | null = null
    const sshPort = 2222

    beforeAll(() => {
      mkdirSync('/run/sshd', { recursive: true })
      for (const name of ['host', 'user', 'stranger'])
        run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(cable.folder, name))
      writeFileSync(join(cable.folder, 'authorized'), readFileSync(join(cable.folder, 'user.pub')))
      writeFileSync(
        join(cable.folder, 'known'),
        `[10.99.0.2]:${sshPort} ${readFileSync(join(cable.folder, 'host.pub'), 'utf8')}`,
      )
      writeFileSync(
        join(cable.folder, 'wrong'),
        `[10.99.0.2]:${sshPort} ${readFileSync(join(cable.folder, 'stranger.pub'), 'utf8')}`,
      )
    })

    afterEach(() => {
      server?.kill('SIGKILL')
      server = null
    })

    async function startServer(): Promise<void> {
      const options = [
        '-D',
        '-e',
        '-f',
        '/dev/null',
        '-h',
        join(cable.folder, 'host'),
        '-p',
        String(sshPort),
        '-o',
        'PidFile=none',
        '-o',
        'StrictModes=no',
        '-o',
        'UsePAM=no',
        '-o',
        'PermitRootLogin=yes',
      ]
      server = spawn(
        'ip',
        [
          'netns',
          'exec',
          cable.near,
          '/usr/sbin/sshd',
          ...options,
          '-o',
          `AuthorizedKeysFile=${join(cable.folder, 'authorized')}`,
        ],
        { stdio: 'ignore' },
      )
      const answers = ['-c', `exec 3<>/dev/tcp/10.99.0.2/${sshPort}; head -c 4 <&3 >/dev/null`]
      await until(
        () => spawnSync('ip', ['netns', 'exec', cable.far, 'bash', ...answers], { stdio: 'ignore' }).status === 0,
        'the ssh server',
      )
    }

    function fromRouter(known = 'known', key = 'user'): { counter: Counter; source: PacketSource } {
      const sshOptions = [
        '-F',
        '/dev/null',
        '-o',
        `UserKnownHostsFile=${join(cable.folder, known)}`,
        '-o',
        'GlobalKnownHostsFile=/dev/null',
      ]
      const router = {
        host: 'root@10.99.0.2',
        port: sshPort,
        interfaceName: 'cable',
        identityFile: join(cable.folder, key),
        sshOptions,
      }
      return begin((events) => sshSource(router, events, cable.wrapper(cable.far, 'ssh')))
    }

    test('gives every packet but those of ssh to the router', async () => {
      await startServer()
      const { counter, source } = fromRouter()
      await isRunning(source)
      cable.send(100)
      await until(() => counter.seen === 100, '100 packets')
      const quiet = source.status().packets
      await new Promise((resolve) => setTimeout(resolve, 1500))
      expect(source.status().packets - quiet).toBeLessThan(10)
      // Another connection of ssh to the router may carry another capture: it is left out too.
      run(
        'ip',
        'netns',
        'exec',
        cable.far,
        'bash',
        '-c',
        `exec 3<>/dev/tcp/10.99.0.2/${sshPort}; head -c 4 <&3 >/dev/null`,
      )
      cable.send(10)
      await until(() => counter.seen === 110, 'the packets behind it')
      expect(source.status().packets - quiet).toBeLessThan(20)
    })

    test('goes on when the server was restarted', async () => {
      await startServer()
      const { counter, source } = fromRouter()
      await isRunning(source)
      cable.send(10)
      await until(() => counter.seen === 10, '10 packets')
      run(
        'ip',
        'netns',
        'exec',
        cable.near,
        'bash',
        '-c',
        `for p in $(ip netns pids ${cable.near}); do [ "$(cat /proc/$p/comm)" = sshd ] && kill -9 $p; done; true`,
      )
      await until(() => source.status().state === 'failed', 'it is noticed', 15_000)
      await startServer()
      await until(() => source.status().state === 'running', 'it runs again', 5000)
      cable.send(10)
      await until(() => counter.seen === 20, 'the packets after it')
      expect(counter.gaps).toHaveLength(1)
    })

    test.each([
      ['an unknown host key', 'authorized', 'user', /host key of root@10\.99\.0\.2 is not known/],
      [
        'a changed host key',
        'wrong',
        'user',
        /host key of root@10\.99\.0\.2 has changed: .* ssh-keygen -f '[^']+\/wrong' -R '\[10\.99\.0\.2\]:\d+', then ssh -p/,
      ],
      ['a key that the router does not know', 'known', 'stranger', /does not accept the key of the user/],
    ])('refuses %s and says what to do', async (_, known, key, sentence) => {
      await startServer()
      const { source } = fromRouter(known, key)
      await until(() => source.status().problem !== null, 'a problem')
      expect(source.status().problem).toMatch(sentence)
      expect(source.status().packets).toBe(0)
    })

    test('without a server says that it cannot be reached', async () => {
      const { source } = fromRouter()
      await until(() => source.status().problem !== null, 'a problem')
      expect(source.status().problem).toMatch(/cannot be reached over ssh/)
    })
  })
})
