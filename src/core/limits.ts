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
  /** A subscriber (a bridge) that does not read for this long is cut, so that it cannot stall the broker. */
  brokerDrainMs: 3000,
  /** JSON nesting a profile will walk; real payloads have 6. */
  jsonDepth: 16,
  /** One topic; the longest seen is a ChirpStack one of 96 bytes, MQTT itself allows 65,535. */
  topicBytes: 512,
  /** Names of removed fields told of one message, characters of one name, and fields looked at to find them. */
  removedNames: 64,
  removedNameChars: 64,
  removedFieldsSeen: 2000,
  /** Fields one wildcard of a profile may look through; a gateway that lists 200 nodes is the largest seen. */
  wildcardFields: 512,
  /** One line of `hedgerow explain --lines`: a packet whose bytes are all escaped in JSON, and its topic. */
  explainLineBytes: 2 * 1024 * 1024,
  /** Profile files read from one directory, and the largest of them; a family has 1 to 8 kB. */
  profileFiles: 200,
  profileBytes: 64 * 1024,
  /** Devices one message may speak of; a gateway that lists 40 nodes is the largest seen. */
  partsPerMessage: 64,
  /** Messages of a device remembered for "why don't I see my sensor?", in memory: 1,000 devices keep some 10 MB. */
  heardPerDevice: 20,
  /** Motion that is known later than this takes no picture: whoever it was has gone. */
  motionFreshMs: 60_000,
  /** A device's own time is believed up to this age: a radio that was out of reach for a week sends its store; older is a wrong clock. */
  deviceTimeLateMs: 7 * 24 * 3_600_000,
  /** From one switching of a lamp to the next: relays wear out, and a person's finger slips. */
  lampSwitchMs: 2000,
  /** Readings one message may become; a gateway that reports 40 nodes at once is the largest seen. */
  readingsPerMessage: 256,

  /** Milliseconds a group commit waits for company: under a person's notice, and 10 times fewer writes on an SD card. */
  groupCommitMs: 3,
  /** Appends in one transaction: bounds the time one fsync holds up the next. */
  groupCommitEntries: 512,
  groupCommitWhenFull: 16,
  /** Appends waiting for a commit; beyond it the broker stops reading, since acknowledgements are held back. */
  appendsWaiting: 20_000,
  /** A full disk is tried again at this pace while acknowledgements are held back. */
  spoolFullRetryMs: 2000,

  /** The wall clock against the monotonic one between two looks: more was set by somebody. NTP slews by less than 1 ms a second. */
  clockStepMs: 60_000,
  /** Rejected events kept for a person to look at, 10 MB at most by rule of thumb; on a small spool one for each 8 KiB of it. */
  deadLetters: 10_000,
  deadLetterSpoolBytes: 8 * 1024,
  /** What was put off is written within this at stop, or given up: on a full disk it would wait for ever. Shorter than stopMs. */
  flushAtStopMs: 2000,

  /** Pixels of one frame, 24 million (6000 x 4000): no surveillance camera gives more; a 31 kB PNG can claim 256 million. */
  framePixels: 24_000_000,
  /** Encoded bytes of one frame: a 24 megapixel JPEG at best quality. */
  frameBytes: 16 * 1024 * 1024,
  /** Pixels of a frame's shorter side: below it there is nothing to look for and rounding decides. */
  frameSideMin: 32,
  /** Painted regions of one picture: crowds of 700 faces exist; more is noise, and the picture is in doubt as a whole. */
  regions: 1000,
  /** Frames that wait for the redactor, one per camera at most: 20 s at 0.3 s each. 64 of `frameBytes` would be 1 GiB; usual ones of 0.5 MB are 32 MB. */
  framesWaiting: 64,
  /** An operator's own model: YOLOX-s has 36 MB, CenterFace 7, YuNet 0.2; larger ones are too slow for a Pi. */
  modelBytes: 64 * 1024 * 1024,
  /** Threads of the detector's runtime: two of a Pi's four cores stay with the broker. */
  redactorThreads: 2,
  /** Memory the redactor child may allocate, its pixels and model included; measured need at 24 megapixels: see test/bench/redaction.ts. */
  redactorMemoryBytes: 1536 * 1024 * 1024,
  /** JSON beside a picture on the redactor's pipe: 1000 regions take 40 KiB. */
  redactorHeaderBytes: 256 * 1024,
  /** Connect, first byte and whole picture of one grab. */
  grabMs: 8000,
  /** TCP and TLS to a camera, within grabMs: it stands in the same house. */
  cameraConnectMs: 3000,
  /** A frame in a camera's memory or inbox is handed out up to this age; older ones show who is long gone. */
  cameraFrameFreshMs: 5000,
  /** Headers of one answer, part or RTSP message of a camera; real ones have under 2 kB. */
  cameraHeaderBytes: 16 * 1024,
  /** Encoded frames of all cameras in hand at once; beyond it a look waits for room, so that twenty cameras do not fill the gateway. */
  framesHeldBytes: 48 * 1024 * 1024,
  /** What a frame is taken for until it has come: twelve looks at once in framesHeldBytes. */
  frameUsualBytes: 4 * 1024 * 1024,
  /** From one look at schedules and due self-checks to the next: a picture at 22:00 is taken by 22:00:10. */
  cameraRoundMs: 10_000,
  /** Memory a program that decodes a camera's stream may allocate: 4K H.265 with its reference frames takes 400 MB. */
  decoderMemoryBytes: 768 * 1024 * 1024,
  /** Decode, detect, paint, encode of one frame; 1080p takes under 1 s on a Pi 4 by estimate, then SIGKILL. */
  redactMs: 20_000,
  /** Start of the redactor child: load the model, warm up and find the canary's face. */
  redactorStartMs: 60_000,
  /** The redactor is not restarted faster than this after a crash, so that a broken install does not burn the CPU. */
  redactorRestartMs: 1000,
  redactorRestartMsMax: 60_000,
  /** A canary older than this is looked at again before the next picture. */
  canaryAgeMs: 5 * 60_000,

  /** Sequences in one tombstone: keeps the event far below a batch's size. */
  tombstoneSequences: 500,
  /** Rejected events listed on a page; more than a person reads. */
  deadLettersShown: 100,

  /** One HTTPS batch, by the contract (interfaces: 256 KiB and 500 events). */
  batchBytes: 256 * 1024,
  batchEvents: 500,
  /** One request to the platform, from connecting to the last byte of the answer; a batch that takes longer is sent in halves. */
  platformRequestMs: 30_000,
  /** Bytes of an answer that are read; an answer that names 500 ids is under 64 KiB. */
  platformAnswerBytes: 1024 * 1024,
  backoffMinMs: 500,
  backoffMaxMs: 5 * 60_000,
  /** TCP and TLS to the platform: a satellite or 2G link needs 3 s. */
  platformConnectMs: 10_000,
  /** A picture gets this much more time by its size: 32 kbit/s is a bad 2G link, and 300 kB then takes 75 s. */
  platformBytesPerS: 4096,
  /** A picture's answer is a word; 16 KiB leaves room for an error page. */
  pictureAnswerBytes: 16 * 1024,
  /** Entries refused one by one with none accepted between: then it is the platform that is wrong, and one entry at a time is tried at backoff's pace. */
  refusedInARow: 16,
  /** Entries of a sink that the platform asked to keep, each waiting for its own hour so that it does not hold up the others. */
  entriesHeldBack: 1000,
  /** A request in flight at stop may end within this; then it is cut, and its entries are kept. Shorter than stopMs. */
  pumpStopMs: 3000,
  /** A platform that refuses this gateway is asked again this often, with one entry: a person who has just registered the key waits for it, and a refusal costs one event and its headers, 2 kB or so. */
  pausedProbeMs: 2 * 60_000,
  /** A platform's retry-after is believed up to here. */
  retryAfterMaxMs: 60 * 60_000,

  /** Entries without an hour of their own expire after this, so that an outage does not become an archive (promise 7). */
  eventTtlMs: 30 * 24 * 3_600_000,
  /** Server-sent event streams of the local page; a household has fewer open pages. */
  streams: 50,
  /** Bytes of a request body to the local page. */
  requestBytes: 64 * 1024,
  /** Status snapshots on one stream: faster than a person reads is wasted on a phone's battery. */
  streamMinMs: 1000,
  /** A silent stream says something this often, so that neither routers nor proxies take it for dead. */
  streamHeartbeatMs: 15_000,
  /** Sockets of the local page: 50 streams and the six connections a browser opens, several times over. */
  webConnections: 200,
  /** Headers and body of one request; a phone at the edge of the Wi-Fi needs seconds, not minutes. */
  webRequestMs: 30_000,
  /** Requests being answered may end within this at stop; then their sockets are closed. */
  webCloseMs: 2000,
  /** Logins remembered at once; the longest unused one ends first. */
  sessions: 100,
  /** A login unused for this long ends: a volunteer looks once a week. */
  sessionIdleMs: 8 * 24 * 3_600_000,
  /** A login ends after this in any case. */
  sessionMs: 30 * 24 * 3_600_000,
  /** Characters of a passphrase: at least what slowed-down guessing cannot reach, at most what scrypt should chew. */
  passphraseMin: 10,
  passphraseMax: 256,
  /** Wrong passphrases or codes that cost nothing: everybody mistypes twice. */
  attemptsFree: 2,
  /** The wait after the next one; it doubles with each, up to the bound, so that nobody is ever locked out. */
  attemptDelayMs: 500,
  attemptDelayMsMax: 4000,
  /** Wrong attempts of an address are forgotten after this long a silence. */
  attemptMemoryMs: 15 * 60_000,
  /** Addresses whose wrong attempts are remembered; a home network has 254. */
  attemptAddresses: 1000,
  /** Attempts waiting in line at one address: at 4.3 s each the last of 60 has its turn before a browser gives up at five minutes. */
  attemptsWaitingPerAddress: 60,
  /** Attempts waiting in all; one scrypt takes 32 MiB, so they run one by one. The rest of `webConnections` is for pages. */
  attemptsWaiting: 120,
  /** Receipts on the transparency page, and days with today's, 30 of them over; the command line has all receipts. */
  receiptsShown: 20,
  daysShown: 31,
  /** One-time pairing links that are open at once, and how long each is: a steward walks a kit of twenty round the house. */
  pairingLinks: 20,
  pairingLinkMs: 10 * 60_000,
  /** Bytes of one line on the command socket, either way: a status of 1,000 devices is under 512 KiB. */
  commandBytes: 1024 * 1024,
  /** Clients of the command socket at once: people typing commands. */
  commandClients: 16,
  /** One command over the socket, from connecting to the answer. */
  commandMs: 15_000,
  /** One settings file: a kit of 1,000 devices with comments has 200 kB. */
  settingsBytes: 1024 * 1024,
  /** Values in one settings file with its aliases written out: 1,000 devices have 7,000; "billion laughs" stops here. */
  settingsValues: 100_000,
  /** Nesting of a settings file: the deepest real value is a mask's corner at 7. */
  settingsDepth: 32,
  /** Mistakes named in one answer; who has more repairs these first. */
  settingsFindings: 100,
  /** A password, token or certificate authority bundle; Debian's whole bundle has 220 kB. */
  secretBytes: 512 * 1024,
  /** registry.json: 10,000 devices with hashes have 4 MB. */
  registryBytes: 16 * 1024 * 1024,
  /** Damaged registries kept aside for a person to look at; the oldest names are kept, later ones overwrite the last. */
  registryDamagedKept: 9,
  /** What announced itself and waits for a person, in all and of one login: a bridge with 40 new devices is normal. The longest unheard gives way. */
  proposals: 200,
  proposalsPerLogin: 50,
  /** Dismissed ones remembered until the next start. */
  proposalsDismissed: 1000,
  /** Characters of a name or reason that people are shown of it. */
  proposalTextChars: 200,
  /** One discovered profile as JSON; 64 entities of one device take 12 kB. 200 proposals stay far below registryBytes. */
  discoveredBytes: 24 * 1024,
  /** Proposals are written this long after they changed; the wait doubles up to the bound while they go on changing, for the SD card's sake. */
  proposalsWriteMs: 5000,
  proposalsWriteMsMax: 10 * 60_000,
  /** A change of a wired sensor that stays shorter than this is noise, unless the kit says otherwise: contacts bounce for 10 ms or so. */
  gpioDebounceMs: 50,
  /** Changes of one wired sensor that wait for the disk; a PIR makes two in five seconds. More become one, the newest. */
  gpioEdgesWaiting: 64,
  /** A wired sensor's level is read again this often, whatever was seen: it shows that the line is there, too. */
  gpioRereadMs: 10 * 60_000,
  /** A line that could not be had is tried again this often. */
  gpioRetryMs: 60_000,
  /** The kernel's hour of an edge is believed up to this age; the oldest waits as long as a busy Pi takes to read a pipe. */
  gpioEdgeAgeMs: 60_000,
  /** gpiodetect and gpioget answer in 10 ms; and in a line for each of a handful of chips. */
  gpioToolMs: 5000,
  gpioToolBytes: 64 * 1024,
  /** A process of the demo says that it is ready within this; the camera decodes six photographs first. */
  demoStartMs: 30_000,
  /** A process of the demo ends by itself within this, then it is killed. */
  demoStopMs: 3000,
  /** The site's broker: connecting, from the first packet to its answer; and one answer of it. It stands in the same house. */
  siteConnectMs: 10_000,
  siteAnswerMs: 10_000,
  siteKeepaliveS: 30,
  /** What came from the site's broker may become durable, and be acknowledged, within this at stop. Shorter than stopMs. */
  siteStopMs: 3000,
  /** Messages of the site's broker taken and not yet acknowledged: 16 MiB at most, and several group commits full. */
  siteInFlight: 64,
  /** The site's broker keeps our session this long (seconds, MQTT 5): a gateway unplugged overnight gets what it missed. */
  siteSessionS: 24 * 3600,
  /** The site's broker is tried again after 0.5 s at least and, with jitter, a minute at most: people watch it come back. */
  siteRetryMinMs: 500,
  siteRetryMaxMs: 60_000,
  /** Filters in one SUBSCRIBE: at `topicBytes` each 51 kB, which every broker takes. */
  siteFiltersAtOnce: 100,
  /** Refused filters, and devices of one filter, that a line of the log names; more than a person reads. */
  siteRefusedNamed: 20,
  /** Time in which a stop finishes what is in hand; the unit's TimeoutStopSec is longer. */
  stopMs: 10_000,
} as const;
