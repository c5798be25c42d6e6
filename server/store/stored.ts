// Interface of stored data.
export interface Stored<Data> {
  data: Data
  /** Resolves once it is safely on the disk. What could not be written stays in memory. */
  save(): Promise<void>
  /**
   * Changes the data, or leaves it as it was: on the disk and in memory alike. `work` may change its argument, and
   * returns what `change` resolves to. Rejects with a ServiceError where the disk refuses, or with what `work` throws.
   */
  change<Result>(work: (draft: Data) => Result): Promise<Result>
  /** The same for what must not wait for a disk: where that refuses, the change is kept in memory and written later. */
  changeAnyway<Result>(work: (draft: Data) => Result): Promise<Result>
  /** Resolves once no earlier version is on the disk, to how many files were rewritten. */
  purge(): Promise<number>
}
