// The bounds of the MQTT sink, each with the reason for its size (I7).

export const MQTT_LIMITS = {
  /** From the first packet to the platform's broker to its CONNACK, TLS included: a satellite or 2G link needs some 5 s. */
  connectMs: 15_000,
  /** One acknowledgement of the broker, from its message's turn; a slow link gets more by the bytes in flight. NATS with three copies needs 5 s to find a new leader. */
  answerMs: 30_000,
  /** The platform's application names on ackTopic what it has stored; with nothing more named for this long, the rest is offered again. */
  ackMs: 30_000,
  /** The same where the broker says that nobody listens: the application is away, or is fed by the broker's own rules. */
  unheardMs: 3000,
  /** Messages published and not yet acknowledged: any window of 16 or more fills the line; the broker may allow fewer. */
  inFlight: 32,
  /** One packet from the broker: an ackTopic message that names 10,000 ids is under 512 KiB. */
  packetBytes: 512 * 1024,
  /** What comes from the broker is work that sensors wait for meanwhile: a packet is one unit and one more for so many bytes. It may send so many at once, and by itself so many a second: 2,000 other gateways' messages on a shared ackTopic; and for each message it is sent its answer, the application's and one to spare. */
  heardUnits: 4000,
  heardUnitBytes: 256,
  heardUnitsPerSecond: 2000,
  heardUnitsPerMessage: 3,
  /** A ping this often (seconds) keeps an address translator's entry and finds a dead line; 150 kB a day on a metered one. */
  keepaliveS: 60,
  /** A longer client id is written short: the hosted brokers with the least room take 128 characters. */
  clientIdChars: 128,
  /** A broker that hangs up on MQTT 5 without a word is asked in 3.1.1 too after this many times: it may only be starting. */
  muteTimes: 3,
  /** A connection that lived this long was a good one: after it the wait for the next begins small again. */
  steadyMs: 60_000,
  /** "Offline" is said, and goodbye, within this; after it the will says it. Shorter than stopMs. */
  stopMs: 2000,
} as const;
