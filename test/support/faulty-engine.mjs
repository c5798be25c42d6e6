// The engine's thread as it is built, made to fail from outside: "throw", "exit", "hang" or "reject" on its channel.
const channel = new BroadcastChannel('telltale-engine-faults')
const faults = {
  throw: () =>
    setImmediate(() => {
      throw new Error('made to fail')
    }),
  reject: () => void Promise.reject(new Error('made to reject')),
  exit: () => process.exit(0),
  hang: () => {
    for (;;);
  },
}
channel.onmessage = ({ data }) => faults[data]?.()
channel.unref()
await import('../../dist/session/engine-worker.js')
