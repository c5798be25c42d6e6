// Ports of the far end that say what it is for, whoever runs it.

/** What a port is used for, in words, and the purpose (rules/purposes.yaml) that follows. */
export interface PortUse {
  use: string
  purpose: string
}

/** `protocol/port` as in IANA's registry of service names, or in the documents of who made the protocol. */
const USES: Readonly<Record<string, PortUse>> = {
  'udp/123': { use: 'asking for the time', purpose: 'time' },
  // MQTT over TLS and plain (IANA).
  'tcp/8883': { use: 'commands to devices (MQTT)', purpose: 'control' },
  'tcp/1883': { use: 'commands to devices (MQTT)', purpose: 'control' },
  // CoAP over DTLS and plain (RFC 7252).
  'udp/5684': { use: 'commands to devices (CoAP)', purpose: 'control' },
  'udp/5683': { use: 'commands to devices (CoAP)', purpose: 'control' },
  'tcp/6668': { use: "commands to Tuya's devices", purpose: 'control' },
  'tcp/5222': { use: 'messages and commands (XMPP)', purpose: 'control' },
  'tcp/5223': { use: 'messages and commands (XMPP)', purpose: 'control' },
  'tcp/554': { use: 'camera video (RTSP)', purpose: 'video' },
  'tcp/1935': { use: 'camera video (RTMP)', purpose: 'video' },
  'udp/3478': { use: 'finding a direct way between two devices (STUN)', purpose: 'connectivity' },
  'udp/19302': { use: 'finding a direct way between two devices (STUN)', purpose: 'connectivity' },
  // Cameras' peer-to-peer services: CS2 Network, ThroughTek Kalay.
  'udp/32100': { use: "finding a camera's phone", purpose: 'video' },
  'udp/10001': { use: "finding a camera's phone", purpose: 'video' },
}

export const TIME_SERVICE = 'udp/123'

/** Servers below are there for the home's own resolver: nothing of them tells a maker. */
export const NAME_SERVICES: ReadonlySet<string> = new Set(['udp/53', 'tcp/53', 'tcp/853', 'udp/853'])

export function portUse(service: string | null): PortUse | null {
  return service === null ? null : (USES[service] ?? null)
}

/** Ports from here on are made up by whoever opens a connection (RFC 6335, section 6), or agreed on by two devices. */
const LEAST_EPHEMERAL_PORT = 32_768

/**
 * Whether the far end looks like another device that a direct way was found to, or an answer to one that asked here:
 * UDP to a port that no service is known to have.
 */
export function looksLikePeer(service: string | null): boolean {
  if (service === null || portUse(service) !== null) return false
  const [protocol, port] = service.split('/')
  return protocol === 'udp' ? Number(port) !== 443 : Number(port) >= LEAST_EPHEMERAL_PORT
}
