// Evidence of what a device is.

/**
 * What a device's packets show: it carries others' to the internet, or only its own; it sends the internet or others
 * at home far more than it receives, about as much, or mostly receives; it receives as films and games need it; or it
 * moves next to nothing for a long time.
 */
export type Habit = 'routes' | 'joins' | 'uploads' | 'streams-home' | 'answers' | 'takes' | 'downloads' | 'quiet'

/**
 * What a device announced about itself, and the hosts it talked to; every text is the device's own and may be hostile.
 */
export interface DeviceEvidence {
  /** `aa:bb:cc:dd:ee:ff` */
  mac: string | null
  /** The owner's name for it; takes precedence over every other. */
  ownerName?: string | null
  dhcpHostnames: string[]
  /** What logs call it: names that its owner or the resolver gave it */
  loggedNames?: string[]
  dhcpVendorClasses: string[]
  /** Option 55 in the order asked, `1,3,6,15` */
  dhcpParameterLists: string[]
  /** Service types it announces (not those it asks for), `_googlecast._tcp` */
  mdnsServices: string[]
  /** Instance and host names it announces, `Living room._googlecast._tcp.local` */
  mdnsNames: string[]
  /** `md=Chromecast` */
  mdnsTxt: string[]
  /** Names it registered by NetBIOS, `ANNA-PC` */
  netbiosNames?: string[]
  /** Names under which it answered somebody's NetBIOS or LLMNR query */
  answeredNames?: string[]
  /** What reflectors and sleep proxies repeat of its multicast DNS names */
  repeatedNames?: string[]
  ssdpServers: string[]
  /** NT, ST or USN values it announces */
  ssdpTypes: string[]
  userAgents: string[]
  /** By which it opens unencrypted MQTT connections */
  mqttClientIds?: string[]
  /** SOFTWARE of its STUN messages, `libjuice` */
  stunSoftware?: string[]
  /** Server of its RTSP answers, `Hipcam RealServer/V1.0` */
  rtspServers?: string[]
  /** `SSH-2.0-dropbear_2019.78` */
  sshBanners?: string[]
  /** `internet tcp 8883`, `home udp 6667`, `serves tcp 554` (server/engine/port-table.ts) */
  ports?: string[]
  /** How it moves bytes. */
  habits?: Habit[]
  /** Slugs of the companies it talked to */
  companies: string[]
  /** Host names it talked to */
  hosts: string[]
}
