// Every bound of the house, each with the reason for its size (I7).

export const LIMITS = {
  /** One MQTT packet of a sensor: the largest seen is a ChirpStack event of 12 kB; 256 KiB leaves room for maps of many devices. */
  packetBytes: 256 * 1024,
  /** Bytes one socket may send before its CONNECT is accepted: a CONNECT with will and password fits in 2 KiB. */
  preConnectBytes: 16 * 1024,
  /** A socket that has not said CONNECT by then is no sensor. */
  connectTimeoutMs: 10_000,
  /** Embedded broker connections; 1,000 idle ones were measured at 73 MB. */
  connections: 1000,
  /** QoS 2 message ids remembered per client between PUBREC and PUBREL: MQTT allows 65,535, no sensor uses 64. */
  qos2Pending: 1024,
  /** A subscriber (a bridge) that does not read for this long is cut, so that it cannot stall the broker. */
  brokerDrainMs: 3000,
  /** JSON nesting a profile will walk; real payloads have 6. */
  jsonDepth: 16,
  /** Readings one message may become; a gateway that reports 40 nodes at once is the largest seen. */
  readingsPerMessage: 256,

  /** Milliseconds a group commit waits for company: under a person's notice, and 10 times fewer writes on an SD card. */
  groupCommitMs: 3,
  /** Appends in one transaction: bounds the time one fsync holds up the next. */
  groupCommitEntries: 512,
  /** Appends waiting for a commit; beyond it the broker stops reading, since acknowledgements are held back. */
  appendsWaiting: 20_000,
  /** A full disk is tried again at this pace while acknowledgements are held back. */
  spoolFullRetryMs: 2000,

  /** Pixels of one frame, 24 million (6000 x 4000): no surveillance camera gives more; a 31 kB PNG can claim 256 million. */
  framePixels: 24_000_000,
  /** Encoded bytes of one frame: a 24 megapixel JPEG at best quality. */
  frameBytes: 16 * 1024 * 1024,
  /** Connect, first byte and whole picture of one grab. */
  grabMs: 8000,
  /** Decode, detect, paint, encode of one frame; 1080p takes under 1 s on a Pi 4 by estimate, then SIGKILL. */
  redactMs: 20_000,
  /** Start of the redactor child: load the model, warm up and find the canary's face. */
  redactorStartMs: 60_000,
  /** The redactor is not restarted faster than this after a crash, so that a broken install does not burn the CPU. */
  redactorRestartMs: 1000,
  redactorRestartMsMax: 60_000,
  /** A canary older than this is looked at again before the next picture. */
  canaryAgeMs: 5 * 60_000,

  /** One HTTPS batch, by the contract (interfaces: 256 KiB and 500 events). */
  batchBytes: 256 * 1024,
  batchEvents: 500,
  /** One request to the platform, from connecting to the last byte of the answer. */
  platformRequestMs: 30_000,
  /** Bytes of an answer that are read; an answer that names 500 ids is under 64 KiB. */
  platformAnswerBytes: 1024 * 1024,
  backoffMinMs: 500,
  backoffMaxMs: 5 * 60_000,
  /** A platform's retry-after is believed up to here. */
  retryAfterMaxMs: 60 * 60_000,

  /** Entries without an hour of their own expire after this, so that an outage does not become an archive (promise 7). */
  eventTtlMs: 30 * 24 * 3_600_000,
  /** Server-sent event streams of the local page; a household has fewer open pages. */
  streams: 50,
  /** Bytes of a request body to the local page. */
  requestBytes: 64 * 1024,
  /** Time in which a stop finishes what is in hand; the unit's TimeoutStopSec is longer. */
  stopMs: 10_000,
} as const;
