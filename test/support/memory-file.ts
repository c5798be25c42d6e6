// A file of the state folder in memory: its content, and how often it was saved.
import type { StateFile } from '../../server/access/access-state.ts'

export function memoryFile<Data>(data: Data): StateFile<Data> & { saves: number } {
  return {
    data,
    saves: 0,
    async save() {
      this.saves++
    },
    async change(work) {
      this.saves++
      return work(this.data)
    },
  }
}
