// How do tests look into a database from outside, past the code under test?
import Database from 'better-sqlite3'

export const DatabaseSync = Database
