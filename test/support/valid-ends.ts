// The two ends of valid packets: a lamp at home, its router and a cloud server.

export const LAMP = { mac: '02:00:00:00:00:0a', ip: '192.168.1.20', ip6: 'fe80::a' }

export const ROUTER = { mac: '02:00:00:00:00:01', ip: '192.168.1.1', ip6: 'fe80::1' }

export const CLOUD = '203.0.113.80'

export const MACS = { sourceMac: LAMP.mac, destinationMac: ROUTER.mac }

export const UP = { ...MACS, source: LAMP.ip, destination: CLOUD, sourcePort: 50_000, destinationPort: 443 }

export const UP6 = { ...UP, source: '2001:db8:1::a', destination: '2001:db8:ffff::80' }
