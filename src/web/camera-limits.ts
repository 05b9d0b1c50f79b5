// The bounds of the pages of cameras and receipts, each with its reason (I7); those of all pages are in core/limits.ts.

export const CAMERA_PAGE_LIMITS = {
  /** Test pictures in memory at once: stewards who set up cameras at the same time. The oldest gives way. */
  testsHeld: 4,
  /** Their JPEGs together: four of a large camera's; a gateway of 1 GB holds frames too. */
  testsHeldBytes: 16 * 1024 * 1024,
  /** A test picture is forgotten after this: long enough to draw a mask over it. */
  testHeldMs: 10 * 60_000,
  /** Corners of a mask, as policy.yaml takes them. */
  cornersMin: 3,
  cornersMax: 64,
} as const;
