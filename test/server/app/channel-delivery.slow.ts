// Delivery where the servers are away for a whole minute.
process.env['TELLTALE_AWAY_MS'] = '60000'
await import('./channel-delivery.test.ts')
export {}
