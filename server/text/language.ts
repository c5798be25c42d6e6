// The languages of the product. Whatever has words has them for each of these: the type check asks for them.

export const LANGUAGES = ['en'] as const
export type Language = (typeof LANGUAGES)[number]

/** In which every sentence is made now; a choice by the reader takes its place once there is a second language. */
export const LANGUAGE: Language = 'en'
