// Opens a channel of the index with settings at their defaults but for those given.
import { defaults } from '../../../server/settings/settings.ts'
import type { Channel } from '../../../server/notify/channel.ts'
import { channelOf, type ChannelName } from '../../../server/notify/channels/index.ts'
import type { Settings } from '../../../server/settings/schema.ts'

export function openChannel<Name extends ChannelName>(
  name: Name,
  settings: Partial<Settings[Name]>,
  now: () => number = Date.now,
): Channel {
  return channelOf(name).create(
    { ...defaults()[name], ...settings },
    {
      now,
      identity: 'by-chance',
      clearing: { load: () => [], save: () => Promise.resolve() },
      report: () => undefined,
    },
  )
}
