// Tests that use nothing of dist/, so that no build comes before them. test/support/unbuilt.test.ts checks it.
export const UNBUILT = ['test/capture', 'test/ui', 'test/layering.test.ts']

/** True where the words after `npm test --` name such tests only. */
export function areUnbuilt(words) {
  const isUnbuilt = (word) => UNBUILT.some((place) => word === place || word.startsWith(`${place}/`))
  return words.some(isUnbuilt) && words.every((word) => word.startsWith('--') || isUnbuilt(word))
}
