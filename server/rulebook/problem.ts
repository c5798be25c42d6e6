// A problem of a rule file.

/**
 * `file` is the path from the repository's root, empty where the message names several files; `field` a path such as
 * `domains[2].suffix (acme.example)`; `message` says what to change. */
export interface Problem {
  file: string
  field: string
  message: string
}
