// The incidents of a home while they are being written: devices that are free for one, far ends, and uploads.
import type { Random } from '../../sample/packets/random.ts'
import { isPersonal } from '../household.ts'
import { type Decision, type Expected, floorOf, type Incident, type Size, SIZES, type Target } from '../incident.ts'
import { anyScale } from '../measured.ts'
import type { Living, Scene } from '../scene.ts'
import { DAY, START } from '../tape.ts'

/** A first message may take so long after an upload's end. */
const UPLOAD_GRACE_SECONDS = 60
/** Of what is no upload. */
export const GRACE_SECONDS = 7_200
/** Rates of uploads, in bytes a second. */
const SLOWEST = 100_000
const FASTEST = 20_000_000
/** None takes longer: one at 100 kB a second would take 14 hours for 5 GB. */
const LONGEST_SECONDS = 4 * 3_600

/** Hosts that no rule knows, and of companies that no appliance of the home has to do with. */
const STRANGERS = ['api.telegram.org', 'cdn.discordapp.com', 'disk.yandex.net', 'upload.wetransfer.net']
const STORES = [
  'content.dropboxapi.com',
  'g.api.mega.co.nz',
  'uploads.backblazeb2.com',
  'drop-77.s3.eu-west-1.amazonaws.com',
]
const CLOUDS = ['aws', 'digitalocean', 'hetzner', 'azure', 'ovh', 'google-cloud']
/** Devices that never send as much as 200 kB. */
const QUIET = ['plug', 'bulb', 'thermostat', 'hub', 'sensor']

export class Script {
  readonly scene: Scene
  readonly random: Random
  readonly incidents: Incident[] = []
  readonly decisions: Decision[] = []
  readonly expected: Expected[] = []
  /** Times that devices were taken for incidents. */
  private readonly taken = new Map<number, number>()
  private readonly reserved = new Set<number>()

  constructor(scene: Scene, random: Random) {
    this.scene = scene
    this.random = random
  }

  /** One of the devices that fit and were taken least; null where none fits. */
  device(fits: (living: Living) => boolean): Living | null {
    const own = this.scene.livings.filter(({ device }) => device.firstSeen === START)
    const fitting = own.filter((living) => !this.reserved.has(living.index) && fits(living))
    if (fitting.length === 0) return null
    const times = (living: Living): number => this.taken.get(living.index) ?? 0
    const least = Math.min(...fitting.map(times))
    const one = this.random.pick(fitting.filter((living) => times(living) === least))
    this.taken.set(one.index, least + 1)
    return one
  }

  appliance(fits: (living: Living) => boolean = () => true): Living | null {
    return this.device((living) => !isPersonal(living.device.kind) && fits(living))
  }

  quiet(): Living | null {
    return this.appliance(({ device }) => QUIET.includes(device.kind))
  }

  /** No other incident takes it. */
  reserve({ index }: Living): void {
    this.reserved.add(index)
  }

  /** People's devices are not there on days away: the first day from then on on which they are; null where none is. */
  presentDay(from: number): number | null {
    const { calendar, days } = this.scene
    let day = Math.floor(from / DAY)
    while (calendar.away.has(day)) day++
    return day < days - 1 ? day : null
  }

  /** A far end of the wanted sort that has nothing to do with what the device talks to anyway. */
  endpoint(living: Living, target: Target): number {
    const { places, tape } = this.scene
    const { random } = this
    const used = places.families(tape.endpointsOf(living.index))
    const newHosts = (hosts: readonly string[]): string[] =>
      hosts.filter((host) => {
        const family = places.familyOfHost(host)
        return family === null || !used.has(family)
      })
    if (target === 'known') return living.maker
    if (target === 'nameless') return places.nameless(random.chance(0.5) ? 'network of a small host' : null)
    const made = `files-${random.integer(1, 9_999)}.${random.pick(['dropbox-hosting', 'upl', 'cdn-sync'])}.example`
    if (target === 'new host') {
      const known = newHosts(STRANGERS)
      return places.named(random.chance(0.6) || known.length === 0 ? made : random.pick(known))
    }
    const stores = newHosts(STORES)
    if (stores.length > 0 && random.chance(0.4)) return places.named(random.pick(stores))
    const clouds = CLOUDS.filter((company) => !used.has(places.familyOfCompany(company)))
    return clouds.length > 0 ? places.ofNetwork(random.pick(clouds)) : places.named(made)
  }

  /** Where the device sends anyway: to its maker, or to another rented computer of the cloud that its maker uses. */
  ownPlace(living: Living): number {
    const { places, tape } = this.scene
    const rented = [...tape.endpointsOf(living.index)].map((number) => places.at(number))
    const cloud = rented.find(({ host, purpose }) => host === null && purpose === 'cloud')?.company ?? null
    return cloud === null || this.random.chance(0.5) ? living.maker : places.ofNetwork(cloud)
  }

  /** Bytes a second for so many bytes: any order of magnitude that the line carries. */
  rate(bytes: number): number {
    const fastest = Math.min(FASTEST, this.scene.uplink)
    return anyScale(this.random, Math.min(fastest, Math.max(SLOWEST, bytes / LONGEST_SECONDS)), fastest)
  }

  /** An upload with acknowledgements coming back; some are paused for up to four minutes and go on. */
  upload(
    living: Living,
    endpoint: number,
    at: number,
    bytes: number,
    about: Pick<Incident, 'kind' | 'target'> & Partial<Pick<Incident, 'size' | 'follows'>>,
    rate = this.rate(bytes),
  ): Incident {
    const { random } = this
    const floor = floorOf(bytes, isPersonal(living.device.kind))
    const parts = bytes >= SIZES['5 MB'] && random.chance(0.25) ? random.integer(2, 3) : 1
    let sent = 0
    let now = Math.floor(at)
    let end = now
    let floorAt = now
    for (let part = 1; part <= parts; part++) {
      const share = Math.round((bytes * part) / parts) - sent
      const seconds = Math.max(1, Math.round(share / rate))
      this.scene.send(living, endpoint, now, seconds, share, Math.round(share * 0.012))
      if (sent < floor && sent + share >= floor) floorAt = now + Math.floor(((floor - sent) / share) * (seconds - 1))
      sent += share
      end = now + seconds - 1
      now = end + random.integer(30, 240)
    }
    return this.write(living, {
      size: null,
      follows: null,
      ...about,
      endpoints: [endpoint],
      bytes,
      begin: START + Math.floor(at),
      end: START + end,
      due: START + end + UPLOAD_GRACE_SECONDS,
      floorAt: START + floorAt,
    })
  }

  /** What is not about one upload. */
  write({ index, device }: Living, incident: Omit<Incident, 'id' | 'device' | 'deviceKind' | 'isPersonal'>): Incident {
    const whole: Incident = {
      ...incident,
      id: this.incidents.length + 1,
      device: index,
      deviceKind: device.kind,
      isPersonal: isPersonal(device.kind),
    }
    this.incidents.push(whole)
    return whole
  }
}

export function bytesOf(size: Size): number {
  return SIZES[size]
}
