// Interface of stored data.
export interface Stored<Data> {
  data: Data
  /** Resolves once it is safely on the disk. What could not be written stays in memory. */
  save(): Promise<void>
  /**
   * Changes the data, on the disk and in memory alike, or neither. `work` changes its argument: first a draft, and once
   * that is on the disk the data itself. Resolves to what it returns; rejects with a ServiceError where the disk
   * refuses.
   */
  change<Result>(work: (data: Data) => Result): Promise<Result>
  /** Resolves once no earlier version is on the disk, to how many files were rewritten. */
  purge(): Promise<number>
}

/** Purges each, whatever becomes of the others; then rejects with the first failure. Resolves to how many files. */
export async function purgeAll(all: readonly Pick<Stored<unknown>, 'purge'>[]): Promise<number> {
  const results = await Promise.allSettled(all.map((stored) => stored.purge()))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return results.reduce((sum, result) => sum + (result.status === 'fulfilled' ? result.value : 0), 0)
}
