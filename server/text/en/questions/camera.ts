// The words of the question about cameras, in English.
import { amount, counted, listed } from './common.ts'

export const CAMERA_UPLOADS = {
  title: 'How much video left the cameras, and who watched?',
  story: "Ring's employees could watch customers' videos; the company paid 5.8 million dollars.",
}

export interface CameraCount {
  device: string
  clips: number
  views: number
  rings: number
  sent: number
}

export function cameraSentence(cameras: readonly CameraCount[], total: CameraCount): string {
  const shown =
    cameras.length === 1 ? cameras[0] : { ...total, device: `${counted(cameras.length, 'camera')} together` }
  const parts = [
    counted(shown.clips, 'clip'),
    counted(shown.views, 'live view'),
    ...(shown.rings > 0 ? [counted(shown.rings, 'ring')] : []),
  ]
  return `${shown.device}: ${listed(parts)}, ${amount(shown.sent)}.`
}

/** Behind the first sentence: live views that began while no phone at home spoke to the camera's company. */
export function viewsFromAway(away: number, checked: number): string {
  if (checked === 0) return ''
  if (away === 0) return ` During each of ${counted(checked, 'live view')} a phone at home spoke to the same company.`
  return ` ${counted(away, 'live view')} of ${checked} began while no phone at home spoke to that company.`
}

export function noCamera(cameras: number): string {
  return `${counted(cameras, 'camera')} sent no clip and no live view in this time.`
}

export const cameraLimits = [
  { key: 'who', sentence: 'Who watched cannot be seen, nor who looks at clips that are stored at the company.' },
  {
    key: 'phones',
    sentence: 'A phone at home that spoke to the company need not have watched; one over mobile data is not seen.',
  },
  { key: 'shape', sentence: 'Clips and live views are told by their shape: a long clip looks like a short live view.' },
]
export const needsCamera = 'No camera or doorbell is known in this home.'
