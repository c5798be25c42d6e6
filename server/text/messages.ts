// The words of messages about incidents, in the language of the reader.
import { MESSAGES_EN } from './en/messages.ts'
import { LANGUAGE, type Language } from './language.ts'
import type { MessageWords } from './message-facts.ts'

const MESSAGES: Record<Language, MessageWords> = { en: MESSAGES_EN }

export const messageWords = MESSAGES[LANGUAGE]
