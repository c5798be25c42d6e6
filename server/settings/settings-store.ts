// The settings as they are now, kept on disk.
import type { SettingsPage } from '../api.ts'
import { secretsIn, validate, withoutSecrets, withSecretsOf } from './settings.ts'
import { ServiceError } from '../model/service-error.ts'
import type { Stored } from '../store/stored.ts'
import type { Settings } from './schema.ts'
import { settingsSchema } from './schema.ts'
import { SettingError } from './field-check.ts'

export class SettingsStore {
  private readonly kept: Stored<Settings>

  constructor(kept: Stored<Settings>) {
    this.kept = kept
  }

  get values(): Settings {
    return this.kept.data
  }

  /** IANA name; the machine's zone where the owner named none. */
  get timeZone(): string {
    return this.values.home.timeZone || Intl.DateTimeFormat().resolvedOptions().timeZone
  }

  page(): SettingsPage {
    return { schema: settingsSchema(), values: withoutSecrets(this.values) }
  }

  /** Rejects with a ServiceError that names the field. */
  async change(given: Record<string, Record<string, unknown>>): Promise<void> {
    const wanted = this.with(given)
    const before = secretsIn(this.values)
    await this.kept.change((settings) => void Object.assign(settings, structuredClone(wanted)))
    const after = secretsIn(this.values)
    // A password that was replaced or taken away is in no earlier version of the file either. What the disk refuses is
    // told by the file itself.
    if (before.some((secret) => !after.includes(secret))) await this.kept.purge().catch(() => undefined)
  }

  /** The settings as they would be, kept nowhere. Throws a ServiceError that names the field. */
  with(given: Record<string, Record<string, unknown>>): Settings {
    try {
      return validate(withSecretsOf(given, this.values), this.values)
    } catch (error) {
      if (error instanceof SettingError) throw new ServiceError(400, 'wrong-setting', error.message)
      throw error
    }
  }
}
