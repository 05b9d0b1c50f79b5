// The bounds of presence, each with the reason for its size (I7).

export const PRESENCE_LIMITS = {
  /** A learned silence is never shorter: a Wi-Fi router needs three minutes to start again. */
  silenceMsMin: 5 * 60_000,
  /** Nor longer, unless the device's profile says so: a sensor that reports once in four days is the slowest seen. */
  silenceMsMax: 14 * 24 * 3_600_000,
  /** After its start the gateway is that patient at most with devices it has not heard: some are restarted each night. */
  startGraceMsMax: 12 * 3_600_000,
  /** Device-status events of one device: so many in a row, then one each ten minutes; likewise for its flags apart. */
  statusInARow: 3,
  statusEveryMs: 10 * 60_000,
  /** So seldom of a device that senses people where the policy tells no single motion: one that sleeps between comes and goes with each passer-by (I4). */
  statusEveryMsDiscreet: 6 * 3_600_000,
  /** Devices that leave one by one within this left together: the broker takes 90 s to notice that a Wi-Fi device is gone. */
  siteWindowMs: 2 * 60_000,
  /** A device that says that it leaves, and is the only one, is told after this: wills of a power cut come within seconds. */
  siteAloneMs: 5000,
  /** Nobody else left for this long, so the count is complete. */
  siteQuietMs: 20_000,
  /** After most are back the others have this long, then they are told one by one: a mesh network forms again in minutes. */
  siteStragglersMs: 15 * 60_000,
  /** A site away for longer is told device by device: power cuts are seldom longer. */
  siteOutageMsMax: 4 * 3_600_000,
  /** How much of when a bridge was last heard a power cut may take. */
  heardLagMs: 60_000,
  /** How much of the listening time a power cut may take: what goes along with other writes, and what is written for itself. */
  listeningLagMs: 60_000,
  listeningLagMsMax: 3_600_000,
} as const;
