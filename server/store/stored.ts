// Interface of stored data.
export interface Stored<Data> {
  data: Data
  /** Resolves once it is safely on the disk. */
  save(): Promise<void>
  /** Resolves once no earlier version is on the disk, to how many files were rewritten. */
  purge(): Promise<number>
}
