// The bounds of the page About, each with its reason (I7); and what is promised of versions.

export const ABOUT_LIMITS = {
  /** Packages that are looked for: Hedgerow's own are 150, and a ring of links must end. */
  packages: 2000,
  /** A package.json: the longest here has 10 kB. */
  packageBytes: 512 * 1024,
  /** Seconds until the page renews itself while the machine is looked at. */
  refreshS: 2,
} as const;

/** The version before the newest is supported for so long; SECURITY.md says the same (test/web/about.test.ts). */
export const SUPPORT_MONTHS = 3;
