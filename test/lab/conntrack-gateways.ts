// The lab's router as a gateway that counts its connections: alone, with the rule for names, and over ssh.
import { namesRule } from '../../capture/sources/names-rule.ts'
import { HOME } from './addresses.ts'
import type { Exporter, LabSource } from './exporter.ts'
import { run, setIn } from './namespaces.ts'
import { clientOf, dropbear } from './ssh-routers.ts'
import type { Lab } from './topology.ts'

const GROUP = 5
/** What the firewall of each gateway has: without it Linux follows no connection of IPv6. */
const FIREWALL = `table inet lab_firewall {
  chain forward {
    type filter hook forward priority 10;
    ct state invalid drop
  }
}
`
const shared = { tells: 'connections', families: [4, 6], tolerance: 0, toldWithin: 5 } as const

export const conntrack: LabSource = {
  ...shared,
  label: 'conntrack',
  title: 'conntrack on the router',
  programs: { conntrack: 'conntrack' },
  runsOn: 'router',
  argument: 'conntrack:here',
  start: (lab) => Promise.resolve(startCounting(lab, false)),
}

export const conntrackWithNames: LabSource = {
  ...shared,
  label: 'conntrack-names',
  title: 'conntrack on the router with NFLOG',
  programs: { conntrack: 'conntrack', tcpdump: 'tcpdump' },
  runsOn: 'router',
  argument: `conntrack:here,names=${GROUP}`,
  start: (lab) => Promise.resolve(startCounting(lab, true)),
}

export const conntrackOverSsh: LabSource = {
  ...shared,
  label: 'conntrack-ssh',
  title: 'conntrack with NFLOG over dropbear',
  programs: { conntrack: 'conntrack', tcpdump: 'tcpdump', ...dropbear.programs },
  runsOn: 'box',
  argument: `conntrack:root@${HOME.router},names=${GROUP}`,
  environment: (lab) => clientOf(lab),
  start: async (lab) => {
    const counting = startCounting(lab, true)
    const server = await dropbear.start(lab)
    return {
      pids: () => server.pids(),
      stop: async () => {
        await server.stop()
        await counting.stop()
      },
      // Its counters go on while nobody can ask for them.
      kill: () => server.kill(),
    }
  },
}

/** The rule is set as Telltale shows it: by hand. */
function startCounting({ router }: Lab, names: boolean): Exporter {
  setIn(router, 'net.netfilter.nf_conntrack_acct', 1)
  inRouter(router, 'nft', ['-f', '-'], FIREWALL)
  if (names) inRouter(router, 'sh', ['-c', namesRule(GROUP)])
  const stop = (): Promise<void> => {
    for (const table of ['lab_firewall', ...(names ? ['telltale'] : [])])
      inRouter(router, 'sh', ['-c', `nft delete table inet ${table} 2>/dev/null || true`])
    return Promise.resolve()
  }
  return { pids: () => [], stop, kill: stop }
}

function inRouter(router: string, command: string, args: string[], input?: string): void {
  run('ip', ['netns', 'exec', router, command, ...args], input)
}
