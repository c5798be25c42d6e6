// The words of the page.
import { en } from './en.ts'

/** Text with its literals widened: another language `satisfies Text`, so a missing sentence fails the type check. */
type Widened<T> = T extends string
  ? string
  : T extends (...given: infer Given) => string
    ? (...given: Given) => string
    : { [Key in keyof T]: Widened<T[Key]> }
export type Text = Widened<typeof en>

/** The words of the chosen language. */
export const t: Text = en
