// Zeek's entries as Security Onion and the Elastic Common Schema name their fields, back under Zeek's own names.

/** Where shippers put each of Zeek's fields, nested or with dots in the name; the first that is there counts. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  ts: ['@timestamp', 'timestamp'],
  uid: ['log.id.uid', 'zeek.session_id', 'event.id'],
  'id.orig_h': ['source.ip', 'client.ip', 'client.address', 'source.address'],
  'id.orig_p': ['source.port', 'client.port'],
  'id.resp_h': ['destination.ip', 'server.ip', 'server.address', 'destination.address'],
  'id.resp_p': ['destination.port', 'server.port'],
  proto: ['network.transport'],
  query: ['dns.query.name', 'dns.question.name', 'zeek.dns.query'],
  qtype: ['dns.query.type', 'zeek.dns.qtype'],
  qtype_name: ['dns.query.type_name', 'dns.question.type', 'zeek.dns.qtype_name'],
  rcode_name: ['dns.response.code_name', 'dns.response_code', 'zeek.dns.rcode_name'],
  answers: ['dns.answers.name', 'dns.answers.data', 'dns.answers', 'zeek.dns.answers', 'dns.resolved_ip'],
  conn_state: ['connection.state', 'zeek.connection.state'],
  duration: ['event.duration'],
  orig_bytes: ['client.bytes', 'zeek.conn.orig_bytes'],
  resp_bytes: ['server.bytes', 'zeek.conn.resp_bytes'],
  orig_ip_bytes: ['client.ip_bytes', 'source.bytes'],
  resp_ip_bytes: ['server.ip_bytes', 'destination.bytes'],
  orig_pkts: ['client.packets', 'source.packets'],
  resp_pkts: ['server.packets', 'destination.packets'],
  orig_l2_addr: ['source.mac', 'client.mac'],
  resp_l2_addr: ['destination.mac', 'server.mac'],
  server_name: ['ssl.server_name', 'tls.client.server_name', 'zeek.ssl.server.name'],
}
/** Records of one answer. */
const MAX_ITEMS = 512
/** Elastic's durations are nanoseconds; Security Onion's are Zeek's seconds. No flow is logged after so long. */
const LONGEST_SECONDS = 1e8

/** The entry under Zeek's names; null where the object tells of none of Zeek's logs that are read. */
export function zeekFieldsOf(shipped: Record<string, unknown>): Record<string, unknown> | null {
  const dataset = String(at(shipped, 'event.dataset') ?? at(shipped, 'event.module') ?? '')
  const fields: Record<string, unknown> = {}
  for (const [name, places] of Object.entries(PLACES)) {
    const found = places.map((place) => at(shipped, place)).find((value) => value !== undefined && value !== null)
    if (found !== undefined) fields[name] = name === 'answers' ? itemsOf(found) : found
  }
  const { duration } = fields
  if (typeof duration === 'number' && duration > LONGEST_SECONDS) fields['duration'] = duration / 1e9
  // Another program's entries, such as a firewall's flows, are told by none of these.
  const isZeek = /^zeek\b|^(?:dns|conn|ssl)$/.test(dataset) || Object.hasOwn(shipped, 'zeek')
  if (!isZeek) return null
  if ('query' in fields) return { ...fields, _path: 'dns' }
  if ('server_name' in fields) return { ...fields, _path: 'ssl' }
  return 'conn_state' in fields || /\bconn(?:ection)?$/.test(dataset) ? { ...fields, _path: 'conn' } : null
}

/** "a.b.c" in nested objects, in names with dots, or in both. Undefined where nothing is there. */
function at(object: Record<string, unknown>, place: string): unknown {
  if (Object.hasOwn(object, place)) return object[place]
  for (let dot = place.indexOf('.'); dot > 0; dot = place.indexOf('.', dot + 1)) {
    const head = place.slice(0, dot)
    const inner = Object.hasOwn(object, head) ? object[head] : undefined
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) continue
    const found = at(inner as Record<string, unknown>, place.slice(dot + 1))
    if (found !== undefined) return found
  }
  return undefined
}

/** Texts, or Elastic's objects with the text in `data`. */
function itemsOf(value: unknown): unknown[] {
  const list = Array.isArray(value) ? value : [value]
  return list
    .slice(0, MAX_ITEMS)
    .map((item: unknown) =>
      typeof item === 'object' && item !== null ? (item as Record<string, unknown>)['data'] : item,
    )
}
