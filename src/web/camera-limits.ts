// The bounds of the pages of cameras and receipts, each with its reason (I7); those of all pages are in core/limits.ts.

export const CAMERA_PAGE_LIMITS = {
  /** Test pictures in memory at once: stewards who set up cameras at the same time. The oldest gives way. */
  testsHeld: 4,
  /** Their JPEGs together: four of a large camera's; a gateway of 1 GB holds frames too. */
  testsHeldBytes: 16 * 1024 * 1024,
  /** A test picture is forgotten after this: long enough to draw a mask over it. */
  testHeldMs: 10 * 60_000,
  /** Cameras that are being set up at once, by all stewards; the oldest gives way. */
  draftsHeld: 8,
  /** Each is forgotten after this, with the password in it: an afternoon of setting up, with a ladder in between. */
  draftHeldMs: 3 * 3_600_000,
  /** Purposes, as the sign has room for them. */
  purposeChars: 300,
  /** A camera's pictures a day and hours, as policy.yaml takes them; what a form offers at first. */
  perDayMax: 10_000,
  hoursMax: 8760,
  cooldownMax: 86_400,
  /** The day that is offered as the last one. */
  untilDays: 365,
  /** Corners of a mask, as policy.yaml takes them. */
  cornersMin: 3,
  cornersMax: 64,
  /** Masks of a camera, likewise. */
  masksMax: 32,
} as const;
