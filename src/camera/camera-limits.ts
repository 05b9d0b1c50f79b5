// Bounds of the cameras alone, each with the reason for its size (I7). Those shared with other rooms are in core/limits.ts.

export const CAMERA_LIMITS = {
  /** Bytes after a JPEG's end that still belong to its part: cameras fill up to a sector or a page. */
  jpegPaddingBytes: 4096,
} as const;
