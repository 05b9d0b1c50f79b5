// The bounds of the privacy room alone, each with the reason for its size (I7); shared ones are in core/limits.ts.

export const PRIVACY_LIMITS = {
  /** Pixels of one tile where memory is scarce: a 1280 x 720 picture in two, which takes the detector 100 MB less. */
  tilePixels: 704 * 736,
  /**
   * Pixels that neighbouring tiles share: a face up to this size is seen whole in one of them. Larger ones are 51 pixels and more
   * at the coarse scale, where nothing is cut.
   */
  tileOverlap: 128,
  /** Machines with less memory search tile by tile unless told otherwise: the 1 GB boards, and those of 512 MB. */
  lowMemoryBytes: 2 * 1024 ** 3,
} as const;
