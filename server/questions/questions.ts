// All questions, in the order in which they are listed. A new one is a file in this folder and its two lines here.
import { question as cameraUploads } from './camera-uploads.ts'
import { question as cannotSee } from './cannot-see.ts'
import { question as child } from './child.ts'
import { question as companyAll } from './company-all.ts'
import { question as keptByUs } from './kept-by-us.ts'
import { question as nightPhone } from './night-phone.ts'
import { question as others } from './others.ts'
import type { Question } from './question.ts'
import { question as readingListening } from './reading-listening.ts'
import { question as tvAcr } from './tv-acr.ts'
import { question as voiceNight } from './voice-night.ts'
import { question as voicePerDay } from './voice-per-day.ts'

export const QUESTIONS: readonly Question[] = [
  voicePerDay,
  voiceNight,
  companyAll,
  readingListening,
  cameraUploads,
  others,
  nightPhone,
  child,
  tvAcr,
  cannotSee,
  keptByUs,
]
