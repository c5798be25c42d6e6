// What runs on a router that captures for Telltale, in plain POSIX sh: BusyBox has no more.
import type { FarEnd } from './own-connections.ts'

/** The script's first line on stderr: it waits for the line of `streamEnds` on its stdin. */
export const READY = 'telltale: ready'

/**
 * Captures on the interface and writes the capture to stdout. It leaves out what carries captures to Telltale, as each
 * such packet would be captured and sent once more, plain or VLAN-tagged: TCP on the ports of the router's ssh servers
 * and of those on the way (see `streamEnds`), from and to Telltale's machine, the machines on the way and the router
 * itself under all of its addresses; and TCP between Telltale's machine and the router on any port. So several captures
 * on one router, of one Telltale or of several, do not feed each other either.
 *
 * Behind the first line each line on stdin asks for the drop counters; the end of stdin ends tcpdump, so that a broken
 * connection leaves none behind.
 */
export function routerScript(interfaceName: string): string {
  return [
    `i=${quoted(interfaceName)}`,
    'set -- $SSH_CONNECTION',
    "[ $# -eq 4 ] || { echo 'telltale: the router does not tell its SSH_CONNECTION' >&2; exit 90; }",
    "command -v tcpdump >/dev/null 2>&1 || { echo 'telltale: no tcpdump' >&2; exit 91; }",
    'a=${1%%%*} b=${3%%%*}; a=${a#::ffff:} b=${b#::ffff:}',
    'p="port $4" h="host $a" o="host $b"',
    `echo '${READY}' >&2; read -r t`,
    'set -- $t',
    'while [ $# -ge 2 ]; do h="$h or host $1" p="$p or port $2"; shift 2; done',
    // "2: br-lan    inet 192.168.1.1/24 brd …"
    'o="$o$(ip -o addr 2>/dev/null | while read -r n d f x r; do x=${x%%/*}; case $f in inet|inet6) case $x in 127.*|::1) ;; *) printf " or host %s" "$x";; esac;; esac; done)"',
    // "tcp 0 0 0.0.0.0:2222 0.0.0.0:* LISTEN 812/dropbear": ss has the address in the same place.
    'p="$p$({ netstat -ltnp || ss -ltnp; } 2>/dev/null | while read -r l; do case $l in *dropbear*|*sshd*) set -- $l; x=${4##*:}; case $x in ""|*[!0-9]*) ;; *) printf " or port %s" "$x";; esac;; esac; done)"',
    'c="tcp and ((($p) and ($h or $o)) or (host $a and ($o)))"',
    'f="not ($c)"',
    'tcpdump -i "$i" -d "not (($c) or (vlan and $c))" >/dev/null 2>&1 && f="not (($c) or (vlan and $c))"',
    'exec 3<&0',
    'tcpdump -i "$i" -n -U --immediate-mode -s 1600 -B 4096 -w - "$f" </dev/null 3<&- & p=$!',
    '(while read -r x <&3; do kill -USR1 $p; done; kill $p) >/dev/null 2>&1 & r=$!',
    // Once tcpdump has ended, its number may be another process's.
    'wait $p; s=$?',
    'kill $r 2>/dev/null; exit $s',
  ].join('\n')
}

/** The line that the script waits for: the far ends of ssh's own connections, such as a jump host's. */
export function streamEnds(ends: readonly FarEnd[]): string {
  return ends.map(({ address, port }) => `${address} ${port}`).join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
