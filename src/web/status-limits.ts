// Bounds of the status page (I7).

export const STATUS_LIMITS = {
  /** Devices in full; a page of a thousand is no answer in ten seconds. Those that are not well come first then. */
  devicesShown: 60,
  /** Things that need a hand, named each; beyond that there is one cause, and the first lines tell it. */
  handsShown: 20,
  /** Hours up to which room is told in hours: "about 3 days" is too coarse for who decides whether to come by on Sunday. */
  hoursToldMax: 96,
} as const;
