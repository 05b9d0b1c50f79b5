// The bounds of the privacy room alone, each with the reason for its size (I7); shared ones are in core/limits.ts.

export const PRIVACY_LIMITS = {
  /** Spans of time of which a tighter policy remembers whether they are quiet: a month of hours, or a week of quarters of an hour. */
  spansHeld: 1000,
  /** Pixels of one tile where memory is scarce: a 1280 x 720 picture in two, which takes the detector 100 MB less. */
  tilePixels: 704 * 736,
  /**
   * Pixels that neighbouring tiles share: a face up to this size is seen whole in one of them. Larger ones are 51 pixels and more
   * at the coarse scale, where nothing is cut.
   */
  tileOverlap: 128,
  /** Machines with less memory search tile by tile unless told otherwise: the 1 GB boards, and those of 512 MB. */
  lowMemoryBytes: 2 * 1024 ** 3,
  /** The card beside a model: some twenty numbers and names. */
  modelCardBytes: 16 * 1024,
  /** Operators' models that are held ready: one for faces and one for persons of two kinds of camera; loading another takes a second. */
  ownModelsHeld: 4,
  /** Operators' models that one redactor may meet: a policy names two for each of its cameras. */
  ownModelsKnown: 256,
  /** An interlaced PNG, decoded: 24 megapixels of 8 bits and three colours; 16 bits with alpha would take 192 MB beside the rest. */
  interlacedBytes: 72_000_000,
  /** Above these pixels the codes of a JPEG are not fitted to it: some 5 % of size for all its coefficients in memory (70 MiB). */
  codedTwicePixels: 8_000_000,
  /** A JPEG's coefficients that may be held beside its pixels: those of 24 megapixels in many scans, 4:2:0. */
  coefficientBytes: 72_000_000,
  /** Scans of one JPEG: encoders write ten or so; libvips refuses more than 100. */
  jpegScans: 100,
  /** Bytes behind the data of a JPEG's part: chips that fill up words of 16 exist, and what is lost is seldom so little. */
  jpegPaddingBytes: 16,
  /** Names held ready so that not each event needs an HMAC: ten of the largest kits; 0.2 MB. */
  namesHeld: 2048,
  /** Seasons of which an erasure names a thing's names: twenty years of months. Nothing is told for so long. */
  seasonsNamed: 240,
  /** For how long after it happened a thing may be recorded, and so bear the name of the next season: a count, after weeks without power. */
  recordedLateMs: 32 * 24 * 3_600_000,
} as const;
