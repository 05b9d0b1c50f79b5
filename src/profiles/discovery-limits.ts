// Bounds of what a device may announce of itself for Home Assistant, each with the reason for its size (I7).

export const DISCOVERY_LIMITS = {
  /** One announcement; the largest seen is a device of Zigbee2MQTT with all its components, 30 kB. */
  payloadBytes: 64 * 1024,
  /** Entities of one device; a thermostat of Z-Wave JS UI announces 40, and most are not read here. */
  entities: 64,
  /** Availability topics of one entity; Zigbee2MQTT names two. */
  availability: 8,
  /** Characters of one value template; the simple kinds need 60. */
  templateChars: 500,
  /** Words and signs of one value template; the simple kinds need 20. It bounds the nesting of brackets too. */
  templateTokens: 64,
  /** Characters of a name that is shown to a person. */
  nameChars: 80,
  /** Characters of a payload such as "ON"; a profile's map allows no more. */
  wordChars: 64,
  /** Messages of one profile and characters of one pattern, by the schema of profiles. */
  messages: 32,
  patternChars: 200,
  /** A pointer's characters: the schema of profiles allows 200, and a choice needs two more. */
  pointerChars: 198,
} as const;
