export type FlushResult = 'flushed' | 'busy' | 'denied'
export function mayFlush(platform?: string, architecture?: string): boolean
export function flush(pid: number): FlushResult
export class Flusher {
  flushedUntil: number
  constructor(
    child: { pid?: number | undefined; exitCode: number | null; signalCode: string | null },
    options: { onUnable: () => void; onFlushed?: (at: number) => void; flushWith?: (pid: number) => FlushResult },
  )
  noteBytes(): void
  setWatched(isWatched: boolean): void
  stop(): void
  get diedOfIt(): boolean
}
