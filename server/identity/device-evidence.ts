// Evidence of what a device is.

/**
 * What a device announced about itself, and the hosts it talked to; every text is the device's own and may be hostile.
 */
export interface DeviceEvidence {
  /** `aa:bb:cc:dd:ee:ff` */
  mac: string | null
  /** The owner's name for it; takes precedence over every other. */
  ownerName?: string | null
  dhcpHostnames: string[]
  dhcpVendorClasses: string[]
  /** Option 55 in the order asked, `1,3,6,15` */
  dhcpParameterLists: string[]
  /** Service types it announces (not those it asks for), `_googlecast._tcp` */
  mdnsServices: string[]
  /** Instance and host names it announces, `Living room._googlecast._tcp.local` */
  mdnsNames: string[]
  /** `md=Chromecast` */
  mdnsTxt: string[]
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
  /** Slugs of the companies it talked to */
  companies: string[]
  /** Host names it talked to */
  hosts: string[]
}
