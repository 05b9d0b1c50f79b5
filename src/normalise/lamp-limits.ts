// The bounds of watching lamps, each with the reason for its size (I7): when it is night, and how long is long enough.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const LAMP_LIMITS = {
  /** Night: civil twilight ends at -6°; one degree more, some six minutes, since clouds and lamps' own light sensors differ. */
  nightBelowDeg: -7,
  /** Day: at 6° even fog leaves a thousand lux, and no lamp's twilight switch still hesitates. */
  dayAboveDeg: 6,
  /** A lamp is late by ten minutes and more on a cloudless evening; what is dark for longer is dark. */
  darkForMs: 20 * MINUTE_MS,
  /** A lamp that lights again for a moment is not repaired. */
  litForMs: 10 * MINUTE_MS,
  /** Somebody tests the lamps by day for a quarter of an hour; half an hour is forgotten, or broken. */
  burningForMs: 30 * MINUTE_MS,
  /** A lamp that says it is off by day for this long is off. */
  offForMs: 5 * MINUTE_MS,
  /** Brightness of another kind for less than this is a passing car, or somebody before the sensor. */
  peakMs: 3 * MINUTE_MS,
  /** A light sensor that has said nothing for this long says nothing: most report once an hour at least. */
  sensorSilentMs: 2 * HOUR_MS,
  /** A switch that says nothing is as it was, since many report changes only; after a day nobody knows. */
  lampSilentMs: 24 * HOUR_MS,
  /** So many changes in so long a time are a flicker: five times on and off again. People and twilight switches do it twice. */
  flickerChanges: 10,
  flickerWithinMs: 10 * MINUTE_MS,
  /** The share of that time in which a flickering lamp is lit; the headlights of five cars are there for a fourteenth of it. */
  flickerLitShare: 0.25,
  /** A flickering lamp comes back as bright as it was, by so much of it either way; headlights are as bright as they are near. */
  flickerLux: { least: 0.7, most: 1.4 },
  /** So long without a change, and the flicker is over. */
  flickerOverMs: 30 * MINUTE_MS,
  /** Night that must have been seen for its usual brightness to be learned; a summer night at 58° has more. */
  learnNightMs: 30 * MINUTE_MS,
  /** Where the sun does not come up, a night is learned after this. */
  polarNightMs: 12 * HOUR_MS,
  /** Nights remembered of a sensor. A new lamp of less light is learned within them. */
  nights: 14,
  /** Nights that must have been as bright: one alone may be a party's. */
  litNights: 2,
  /** A sensor that the lamp lights says more than this: the full moon makes 0.3 lx, a town's sky 1. */
  litLuxMin: 2,
  /** Of the lit brightness: below the first it is dark, above the second lit, between them nothing new (hysteresis). */
  darkShare: 0.25,
  litShare: 0.5,
  /** Above this share something else shines: a floodlight, or the day. */
  otherLightShare: 2,
  /** A sensor that says less at day is covered, or in a cellar: a foggy winter's noon has a thousand. */
  daylightLux: 50,
  /** The day's last readings, which must all have been too dark before a sensor counts as covered. */
  dayReadings: 3,
  /** Days dark although the nights before were lit: then the sensor sees its lamp and no daylight, and can tell by day. */
  shelteredDays: 3,
  /** A reading that its device held back for longer than this says nothing of now. */
  freshMs: MINUTE_MS,
  /** Light sensors of one lamp; four are many. */
  sensorsPerLamp: 16,
  /** What was learned is written at least this often where it changed: a crash may take so much of a night. */
  writeMs: 5 * MINUTE_MS,
} as const;
