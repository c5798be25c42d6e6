// Types of the build script for tests and tools.
export function isPageSource(file: string): boolean
export function isFresh(): boolean
export function build(say?: (sentence: string) => void, options?: { all?: boolean; page?: boolean }): Promise<boolean>

/** Compiles the packet core alone where its sources changed. */
export function buildCoreOnly(): Promise<void>
