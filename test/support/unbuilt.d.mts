// Types of the list of tests that need no build.
export const UNBUILT: string[]
export function areUnbuilt(words: string[]): boolean
