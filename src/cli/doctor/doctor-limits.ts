// The bounds of `hedgerow doctor`, each with its reason (I7).

export const DOCTOR_LIMITS = {
  /** One answer over the network: whoever has not answered by then would fail in daily use too. */
  answerMs: 3000,
  /** One program of the system that is asked about itself; each answers in 0.2 s on a Pi. */
  toolMs: 5000,
  /** What such a program prints: the longest, ffmpeg's list of decoders, has 40 kB. */
  toolBytes: 512 * 1024,
  /** One file below /proc or /sys: a busy broker's /proc/net/tcp has 150 bytes for each of 1,000 connections. */
  systemFileBytes: 1024 * 1024,
  /** The redactor's start and one picture; a Pi 4 needs 10 s by estimate. More is trouble of its own. */
  redactorMs: 45_000,
  /** All that is looked at of one kind: the redactor's time and some. A network drive that hangs answers never. */
  groupMs: 60_000,
  /** A platform refuses a signature of another time: Standard Webhooks suggests five minutes. */
  clockSkewMs: 5 * 60_000,
  /** By so much a clock that is set by the network does not differ; the Date header itself is rounded to a second. */
  clockDriftMs: 10_000,
  /** Time to have a client certificate renewed by people: a month's notice. */
  certificateEndsMs: 30 * 24 * 3_600_000,
  /** Files that can still be made: a picture takes one, a day of ten cameras 240. */
  freeFiles: 10_000,
  /** An own model: the largest face detectors have 100 MB. */
  modelBytes: 512 * 1024 * 1024,
  /** What was found is good for so long: a look asks the platform and each camera, and a person presses a button twice. */
  keptMs: 60_000,
} as const;
