// Source kind interface: tcpdump as a child process captures what passes one of this machine's interfaces.
import { notedEnds, usableFilter } from './capture-ends.ts'
import { type ChildOptions, openChild, signalChild } from './child-stream.ts'
import type { NamedSource, PacketSourceDefinition } from './definition.ts'
import { helperSocket, openHelpedChild } from './helped-child.ts'
import { INTERFACES, isInterfaceDown, isInterfaceName } from './interfaces.ts'
import { RestartingSource, type RunningStream, type StreamEvents } from './restarting-source.ts'
import type { PacketSource, SourceEvents } from './source.ts'
import { mayFlush } from './tcpdump-flush.mjs'

/** Interval of checking that the interface is still up. */
const WATCH_EVERY_MS = 500
const TCPDUMP = 'tcpdump'

/** Commands whose tcpdump cannot be flushed here, as a trial showed. */
const unflushable = new Set<string>()

/**
 * In immediate mode packets come at once. -U writes each by itself; without, tcpdump writes when its buffer is full or
 * it is made to (see tcpdump-flush.mjs), for a fraction of the work. 1600 bytes hold every hello; with the default snap
 * length immediate mode dropped packets in bursts, with 1600 bytes and a buffer for half a second of 20,000 packets a
 * second it dropped none.
 */
export function tcpdumpOptions(interfaceName: string, writesEach = true, filter: readonly string[] = []): string[] {
  const each = writesEach ? ['-U'] : []
  return ['-i', interfaceName, '-n', ...each, '--immediate-mode', '-s', '1600', '-B', '16384', '-w', '-', ...filter]
}

/**
 * Captures on an interface, "any" included. Throws where the name is none. `command` and `interfaces` stand in for
 * tcpdump and Linux's list in tests.
 */
export function tcpdumpSource(
  interfaceName: string,
  events: SourceEvents,
  command = TCPDUMP,
  interfaces = INTERFACES,
): PacketSource {
  if (!isInterfaceName(interfaceName)) throw new Error(`"${interfaceName}" is no name of an interface`)
  return new RestartingSource(
    (stream) => openTcpdump(interfaceName, stream, command, interfaces, streamFilter(interfaceName, command)),
    events,
    (seconds) => quietSentence(interfaceName, seconds),
  )
}

/** What sensors and routers send to this process is the capture of something else: it is not captured once more. */
function streamFilter(interfaceName: string, command: string): string[] {
  // Of what a firewall logs tcpdump knows no addresses.
  return interfaceName.startsWith('nflog:') ? [] : usableFilter(interfaceName, notedEnds(), command)
}

/**
 * One run of tcpdump. It ends when the interface goes down: tcpdump itself would wait silently, and a gap would look
 * like a quiet network. `filter` is tcpdump's expression of what to capture, where it is not all.
 */
export function openTcpdump(
  interfaceName: string,
  events: StreamEvents,
  command = TCPDUMP,
  interfaces = INTERFACES,
  filter: readonly string[] = [],
): RunningStream {
  let wentDown = false
  const childOptions = {
    command,
    askForDrops: (running) => signalChild(running, 'SIGUSR1'),
    explain: (words, code, error) => explainTcpdump(interfaceName, wentDown ? 'network is down' : words, code, error),
  } satisfies Omit<ChildOptions, 'options'>
  const childEvents: StreamEvents = {
    ...events,
    onEnd: (problem) => {
      clearInterval(watching)
      events.onEnd(problem)
    },
  }
  const helper = command === TCPDUMP ? helperSocket() : null
  const child =
    helper === null
      ? openWithTrial(interfaceName, childOptions, childEvents, filter)
      : openHelpedChild(helper, interfaceName, childOptions, childEvents)
  const watching = setInterval(() => {
    if (wentDown || !isInterfaceDown(interfaceName, interfaces)) return
    wentDown = true
    void child.stop()
  }, WATCH_EVERY_MS)
  return child
}

/** Without -U where this tcpdump can be flushed; with it from the moment on that shows that it cannot. */
function openWithTrial(
  interfaceName: string,
  childOptions: Omit<ChildOptions, 'options'>,
  events: StreamEvents,
  filter: readonly string[],
): RunningStream {
  const { command } = childOptions
  const writesEach = (): RunningStream =>
    openChild({ ...childOptions, options: tcpdumpOptions(interfaceName, true, filter) }, events)
  // Of packets that a firewall logs (nflog:GROUP) it waits in another system call, and they are few.
  if (!mayFlush() || unflushable.has(command) || interfaceName.startsWith('nflog:')) return writesEach()
  let hasBytes = false
  let isReplaced = false
  let isStopped = false
  const trialEvents: StreamEvents = {
    ...events,
    onBytes: (piece) => {
      hasBytes = true
      events.onBytes(piece)
    },
    onEnd: (problem) => {
      if (isReplaced && !isStopped) child = writesEach()
      else events.onEnd(problem)
    },
  }
  let child = openChild(
    {
      ...childOptions,
      options: tcpdumpOptions(interfaceName, false, filter),
      onUnflushable: () => {
        unflushable.add(command)
        // Where nothing was given yet, nobody has to know.
        isReplaced = !hasBytes
        void child.stop()
      },
    },
    trialEvents,
  )
  return {
    stop: async () => {
      isStopped = true
      await child.stop()
    },
    askForDrops: () => child.askForDrops?.(),
    setWatched: (isWatched) => child.setWatched?.(isWatched),
    hold: (isHeld) => child.hold?.(isHeld),
  }
}

export function quietSentence(interfaceName: string, seconds: number): string {
  return `No packets on ${interfaceName} for ${seconds} s. Is this machine the gateway, or does it see only its own traffic? See README › Where to put it.`
}

/** The sentence for the householder on tcpdump's last message. */
export function explainTcpdump(
  interfaceName: string,
  words: string,
  code: number | null,
  error: NodeJS.ErrnoException | null,
): string {
  if (error?.code === 'ENOENT')
    return 'tcpdump is not installed on this machine. Install it, such as with: sudo apt install tcpdump'
  if (error?.code === 'EACCES')
    return 'tcpdump may not be run by this user. Install the service (telltale service install), or run it as root.'
  if (error?.code === 'EMFILE' || error?.code === 'ENFILE')
    return `Capture on ${interfaceName} cannot start: too many files are open on this machine or in Telltale (ulimit -n). It is tried again.`
  if (/permission|not permitted/i.test(words)) {
    return `Telltale may not capture on ${interfaceName}. Install the service (sudo telltale service install), or allow tcpdump: sudo setcap cap_net_raw+ep "$(which tcpdump)"`
  }
  if (/No such device/i.test(words))
    return `There is no interface ${interfaceName} on this machine now. Capture begins as soon as there is; or choose another one in Settings.`
  if (/disappeared/i.test(words))
    return `The interface ${interfaceName} disappeared. Capture goes on as soon as it is back.`
  if (/not up|network is down/i.test(words))
    return `The interface ${interfaceName} is down. Capture goes on as soon as it is up.`
  if (words !== '') return `Capture on ${interfaceName} stopped (${words}). It is started again.`
  return `Capture on ${interfaceName} stopped (${code === null ? 'tcpdump was killed' : `tcpdump ended with code ${code}`}). It is started again.`
}

export const source: PacketSourceDefinition<'interface', { interface: string }, 'interfaces'> = {
  kind: 'interface',
  delivers: 'packets',
  setting: {
    field: 'interfaces',
    title: 'Interfaces of this machine',
    description:
      'Names such as eth0 or br-lan. Capturing needs tcpdump and the right to use it. Where no source is named, the sample home plays.',
    maxItems: 8,
    format: 'interface',
    wanted: 'names of network interfaces such as eth0',
    // The checklist offers the interfaces that there are.
    add: null,
  },
  argument: 'an interface (eth0)',
  readme: {
    what: "this machine's interface",
    argument: '`eth0`, `br-lan`, `any`',
    needs: '`tcpdump`, and the right to capture (root, or `setcap cap_net_raw+ep` on tcpdump)',
  },
  parseLine: named,
  parseArgument: named,
  listensOn: (details) => details.interface,
  open: (details, events) => tcpdumpSource(details.interface, events),
}

function named(name: string): NamedSource<{ interface: string }> | null {
  return isInterfaceName(name) ? { id: `interface:${name}`, title: name, interface: name } : null
}
