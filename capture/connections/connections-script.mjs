// What reads a gateway's table of connections: a script for its shell, and what joins its two outputs. Plain JavaScript
// of Node alone: the root helper of "sudo npm start" runs it as well.

/** Words on the script's input, a line each: look at the connections, and at who is in the home. */
export const ASK_CONNECTIONS = 'c'
export const ASK_NEIGHBOURS = 'n'

/** The first line to the root helper of "sudo npm start": all behind it are the words above. */
export const ASK_CONNECTION_TABLE = 'connections'
/** Stands in a report of a connection's end, and in no message of the program. */
export const END_REPORT = '[DESTROY]'

/** Exit statuses: nothing tells the connections; the kernel does not follow any. */
export const NO_TABLE = 92
export const NOT_FOLLOWED = 93

/** A line is never longer than this; what is, is cut. */
const LONGEST_LINE = 8192

/**
 * Plain POSIX sh (BusyBox has no more). Lines that begin with "#" are the script's own: see connection-reader.ts. Rows
 * go to its output. Ends of connections go to its error output, a line at a time, so that no row is torn by one; the
 * messages of the program, too. Nothing is changed on the machine. At the end of the input all of it ends.
 */
export const CONNECTIONS_SCRIPT = `PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" LC_ALL=C
export PATH LC_ALL
t=/proc/net/nf_conntrack
a=$(cat /proc/sys/net/netfilter/nf_conntrack_acct 2>/dev/null) || { echo 'telltale: nothing is followed' >&2; exit ${NOT_FOLLOWED}; }
m=table f=
if command -v conntrack >/dev/null 2>&1; then
  m=program
  case "$(conntrack -V 2>&1)" in *v1.[0-3].*|*v1.4.[0-6]*) f=6;; esac
elif ! [ -r $t ]; then echo 'telltale: no table' >&2; exit ${NO_TABLE}; fi
o=none
case "$(nft list flowtables 2>/dev/null)" in *flowtable*counter*) o=counted;; *flowtable*) o=uncounted;; esac
echo "#gateway $m $a $o $SSH_CONNECTION"
look() {
  echo '#begin'
  if [ $m = table ]; then cat $t; s=$?
  elif [ -z "$f" ]; then conntrack -L -o id 2>/dev/null; s=$?
  else conntrack -L -f ipv4 -o id 2>/dev/null && conntrack -L -f ipv6 -o id 2>/dev/null; s=$?; fi
  echo "#end $s $(cat /proc/sys/net/netfilter/nf_conntrack_acct)"
}
home() {
  echo '#home'
  cat /proc/net/route /proc/net/ipv6_route /proc/net/arp 2>/dev/null
  ip -6 neigh show 2>/dev/null
  echo '#known'
}
serve() { while read -r x; do case $x in n) home;; *) look;; esac; done; }
if [ $m = table ]; then serve; exit 0; fi
exec 3<&0
conntrack -E -e DESTROY -b 8388608 -o timestamp,id </dev/null 3<&- >&2 & e=$!
(serve <&3; kill $e) 2>/dev/null & r=$!
wait $e; s=$?
kill $r 2>/dev/null; exit $s`

/** Puts whole lines of several outputs into one stream, without looking at each. */
export class LineJoiner {
  /** @param {(piece: Buffer) => void} onLines whole lines, each with its line end */
  constructor(onLines) {
    this.onLines = onLines
    /** @type {Map<string, Buffer>} */
    this.rests = new Map()
  }

  /** @param {string} output @param {Buffer} piece */
  add(output, piece) {
    const rest = this.rests.get(output)
    const all = rest === undefined || rest.length === 0 ? piece : Buffer.concat([rest, piece])
    const end = all.lastIndexOf(10) + 1
    if (end > 0) this.onLines(all.subarray(0, end))
    const left = all.length - end
    if (left <= LONGEST_LINE) this.rests.set(output, Buffer.from(all.subarray(end)))
    else {
      this.onLines(Buffer.from('#cut\n'))
      this.rests.set(output, Buffer.alloc(0))
    }
  }
}
