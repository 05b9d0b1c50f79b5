// The board's counters in plain words, for the status page and the transparency page.

/** Longest prefix wins; what follows the prefix is a reason or the name of a sink. */
const WORDS: Readonly<Record<string, string>> = {
  "arrival.taken": "Messages that came in",
  "arrival.dropped": "Messages not understood or refused",
  "arrival.ignored": "Messages with nothing new",
  "reading.taken": "Readings taken in",
  "reading.ignored": "Readings with nothing new",
  "reading.dropped": "Readings dropped",
  "reading.withheld": "Readings kept back",
  "reading.counted": "Movements added to a count",
  "reading.made": "Readings made into events",
  "device-status.held": "Changes of a device told later, or not any more",
  "lamp-fault.withheld": "Faults of lamps kept back",
  "proposal.made": "New devices that asked for approval",
  "proposal.evicted": "New devices that waited too long and gave way to newer ones",
  "proposal.refused": "Announcements in another device's name refused",
  "entry.made": "Events written to the buffer for platform:",
  "entry.forwarded": "Events the platform accepted:",
  "entry.rejected": "Events the platform rejected:",
  "entry.expired": "Events deleted because their time was up:",
  "entry.evicted": "Events deleted because the disk was full:",
  "entry.erased": "Events deleted on request:",
  "dead-letter.expired": "Rejected events deleted because their time was up",
  "dead-letter.crowded-out": "Rejected events deleted because there were too many",
  "picture.erased": "Pictures erased from the disk, sent or not",
  "spool.lost": "Events that a damaged disk took; the platforms are told which",
  "spool.saved": "Events saved from a damaged disk",
  "spool.damaged": "Events found damaged, set aside and never sent",
  "spool.pictures-of-lost-key": "Pictures that could not be read any more because their key was gone",
  "spool.became-ok": "Times the buffer had room again",
  "spool.became-full": "Times the buffer or the disk was full",
  "spool.became-failed": "Times the disk refused a write",
  "clock.stepped": "Times the clock was set while the gateway ran",
  "ledger.note-refused": "Lines that the ledger did not take",
  "ledger.note-lost": "Lines for the ledger given up because it could not be written for long",
  "snapshot.made.redacted": "Pictures with faces painted over",
  "snapshot.made.empty": "Pictures with no face found",
  "snapshot.made.mosaic": "Pictures reduced to a coarse mosaic",
  "snapshot.refused": "Pictures not asked for",
  "snapshot.withheld": "Pictures withheld",
  "camera.used": "Pictures used of the day's number:",
  "camera.tested": "Test pictures, which are not kept and not sent",
  "camera.picture.taken": "Pictures that cameras sent by themselves",
  "camera.picture.dropped": "Pictures that cameras sent by themselves and that were not used",
  "redactor.failed": "Times the face finder broke down and was started again",
  "redactor.network-open": "Starts of the face finder without its own lock to the network",
  "broker.refused": "Sensors' connections or messages refused",
  "broker.slowed-down": "Times a sensor that says too much was made to wait",
  "broker.client-error": "Sensors' connections broken off by a mistake",
  "broker.unacknowledged": "Messages not acknowledged",
  "site-broker.connected": "Connections made to the site's broker",
  "site-broker.unreachable": "Times the site's broker could not be used",
  "site-broker.refused": "Topics that the site's broker refused",
  "gpio.noise": "Flickers on a wire that were no change",
  "gpio.collapsed": "Changes on a wire given up while the disk was full",
  "gpio.unacknowledged": "Changes on a wire that had to be written again",
  "web.refused": "Logins refused",
  "web.link-used": "Set-up lines shown by a one-time link",
  "web.failed": "Page requests that went wrong",
  "web.request-refused": "Page requests refused",
};

/** What is counted of each sink, `forward.<sink>.<what>`. */
const FORWARD_WORDS: Readonly<Record<string, string>> = {
  retries: "Times the platform could not be reached or asked for a wait",
  kept: "Events that the platform wants to be offered again",
  pauses: "Times the platform refused this gateway",
  failures: "Times something went wrong here while sending",
};

const REASONS: Readonly<Record<string, string>> = {
  policy: "the policy says no",
  "no-event-type": "nothing of this kind is ever told",
  "device-status": "told only as the device's state",
  "motion-cleared": "end of a movement",
  "presence-cleared": "end of a presence",
  repeat: "said before",
  "foreign-topic": "it may not speak on that topic",
  paused: "the device is paused",
  held: "told later",
  site: "the whole site was away",
  rate: "enough was said of it lately",
  "retained-replay": "old message repeated",
  history: "older than what is known",
  "not-mapped": "no field that is used",
  "bridge-state": "about the bridge itself",
  "awaits-approval": "device not approved yet",
  "no-profile": "no profile for this device",
  "not-json": "not readable",
  encrypted: "encrypted",
  "too-large": "too large",
  "no-camera": "no camera that is started sends there",
  "no-picture": "no picture in it",
  "no-room": "no room in memory",
  "too-old": "it waited too long",
  "left-over": "it was there before the gateway started",
  unfinished: "never finished",
  video: "a video",
  unreadable: "could not be read",
  "not-erased": "its file could not be erased",
  closed: "the camera was being closed",
  "picture-too-slow": "its picture came too slowly",
  "identity-only": "only names and addresses",
  "bad-value": "impossible value",
  "no-detector": "the face finder is missing",
  "detector-failed": "the face finder failed",
  "detector-timeout": "the face finder took too long",
  "canary-missed": "the face finder failed its self-test",
  "model-changed": "the face finder's model is not the one that was agreed",
  "too-many-waiting": "too many pictures at once",
  unsure: "could not tell whether all faces were found",
  "picture-refused": "the picture was damaged or too large",
  "camera-unreachable": "the camera did not answer",
  "camera-timeout": "the camera was too slow",
  "daily-budget": "the day's number was used up",
  "disk-full": "the disk was full",
  replaced: "a newer trigger came",
  "outside-schedule": "outside the camera's hours",
  "too-late": "it was too long ago",
  cooldown: "too soon after the last one",
  stopping: "the gateway was stopping",
  login: "wrong login",
  subscribe: "may not listen there",
  topic: "may not speak there",
  "packet-too-large": "message too large",
  "too-many-connections": "too many at once",
  "client-id": "its client id is another's",
  "empty-client-id": "no client id",
  malformed: "not as MQTT demands",
  "version-5": "speaks MQTT 5; set it to 3.1.1",
  version: "speaks another version of MQTT",
  tls: "no encrypted connection came about",
  "slow-reader": "did not read its commands",
  host: "asked for under a strange name",
  origin: "sent from another site",
  "wrong-code": "wrong set-up code",
  "wrong-link": "wrong or used one-time link",
  "wrong-login": "wrong user name or passphrase",
  "set-up-already": "set up already",
  "too-many": "too many at once",
};

/** The counter in words, or null when nobody has written words for it. */
export function counterWords(name: string): string | null {
  const [, sink = "", what = ""] = /^forward\.(.+)\.([^.]+)$/.exec(name) ?? [];
  const sent = FORWARD_WORDS[what];
  if (sink !== "" && sent !== undefined) return `${sent}: ${sink}`;
  const parts = name.split(".");
  for (let length = parts.length; length > 0; length -= 1) {
    const words = WORDS[parts.slice(0, length).join(".")];
    if (words === undefined) continue;
    const rest = parts.slice(length).join(".");
    if (rest === "") return words.replace(/:$/, "");
    return `${words}${/[:,]/.test(words) ? " " : ": "}${reasonWords(rest)}`;
  }
  return null;
}

/** A reason in words; one without words is shown as it is. */
export function reasonWords(reason: string): string {
  return REASONS[reason] ?? reason;
}
