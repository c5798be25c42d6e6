export const ASK_CONNECTIONS: string
export const ASK_NEIGHBOURS: string
export const ASK_CONNECTION_TABLE: string
export const END_REPORT: string
export const NO_TABLE: number
export const NOT_FOLLOWED: number
export const CONNECTIONS_SCRIPT: string

export class LineJoiner {
  constructor(onLines: (piece: Buffer) => void)
  add(output: string, piece: Buffer): void
}
