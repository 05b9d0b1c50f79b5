// The bounds of the embedded broker, each with the reason for its size (I7).

export const BROKER_LIMITS = {
  /** Sockets without a login at once, beside `connections`; at 16 KiB each they hold 4 MiB. The next one drops the oldest of the address that has most. */
  socketsBeforeLogin: 256,
  /** Sockets the kernel may hold until they are accepted: a power cut brings a thousand sensors back at once. */
  backlog: 1024,
  /** HTTP headers of a WebSocket; a browser sends 1 kB. They count among the 16 KiB before login. */
  webSocketHeaderBytes: 4 * 1024,
  /** Connections of one device's login: the device, the one it has just lost, and a person who looks at it. */
  connectionsPerDevice: 4,
  /** Connections of one bridge's login: several programs of one computer may share it. */
  connectionsPerBridge: 32,
  /** When a login is at its bound, the connection that was silent for this long gives way: it is most likely dead. */
  silentMs: 30_000,
  /** The kernel asks a silent peer whether it is still there after this: a device without MQTT keep-alive would never be missed. */
  tcpKeepAliveMs: 60_000,
  /** A bridge speaks for many devices and may say this many times what one may; facts: 500 a second were measured as a busy site. */
  bridgeDevices: 20,
  /** Seconds of its rate that a login may say at once: after an outage a sensor sends what it kept. */
  burstS: 10,
  /** Logins whose pace, and whose client ids, are remembered. */
  pacedLogins: 10_000,
  /** Client ids of one login whose use is remembered: as many as a bridge has connections. */
  clientIdsPerLogin: 32,
  /** Messages of one connection that wait for the disk, in number (one group commit) and bytes: then it is not read on. */
  inHandMessages: 512,
  inHandBytes: 256 * 1024,
  /** Pictures of cameras on their way in, all connections together: two of the largest, or forty usual ones; the next camera is not read on until there is room. */
  pictureBytes: 32 * 1024 * 1024,
  /** A picture that takes longer gives its room to others: 16 MiB in it are 4.5 Mbit/s, and a usual one of 0.5 MB 0.1 Mbit/s. */
  pictureMs: 30_000,
  /** Subscriptions of one connection: a lamp has one command topic, Zigbee2MQTT under ten. */
  subscriptionsPerClient: 100,
  /** Filters in one SUBSCRIBE or UNSUBSCRIBE packet. */
  filtersPerPacket: 64,
  /** Bytes waiting to be read by one subscriber; then it is cut, as after `brokerDrainMs`. */
  outgoingBytes: 1024 * 1024,
  /** A command is taken by its device within this, or is told as not taken: a person waits for it. */
  commandMs: 5000,
  /** Chunks of one unfinished packet that are held apart before they are joined; each costs 200 bytes beside its content. */
  chunks: 1024,
  /** Wrong logins of an address that cost nothing; then each refusal comes later, doubling up to the bound. */
  wrongLoginsFree: 3,
  wrongLoginDelayMs: 250,
  wrongLoginDelayMsMax: 4000,
  /** Addresses whose refusals are remembered; a home network has 254. */
  refusedAddresses: 1000,
  /** A refused login is told once in this time for each address, with how often it happened. */
  wrongLoginTellMs: 10 * 60_000,
  /** A device that speaks another version of MQTT is told of once in this time for each address. */
  versionTellMs: 60 * 60_000,
} as const;
