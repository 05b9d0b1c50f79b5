// What may happen to the road of the model, one step after the other, as fast-check makes it up and makes it smaller again.
import fc from "fast-check";
import { MANNERS, type Manner } from "./road-platform.ts";
import type { SqliteFault } from "./faulty-sqlite.ts";

export const SINKS = ["a", "b", "c"] as const;
export type SinkId = (typeof SINKS)[number];
export const WHATS = ["light", "motion", "status", "picture"] as const;

/**
 * `awaits`: the next step comes when this one is on disk. `turns`: how often the event loop turns before a crash, so that it hits
 * any await. `clean`: closed before, as by a signal. Times are in minutes.
 */
export type Step =
  | { readonly do: "append"; readonly what: (typeof WHATS)[number]; readonly count: number; readonly awaits: boolean }
  | { readonly do: "manner"; readonly sink: SinkId; readonly manner: Manner }
  | { readonly do: "resume"; readonly sink: SinkId }
  | { readonly do: "pass"; readonly minutes: number }
  | { readonly do: "set"; readonly minutes: number }
  | { readonly do: "housekeeping"; readonly awaits: boolean }
  | { readonly do: "evict"; readonly every: number }
  | { readonly do: "tighten"; readonly hours: number }
  | { readonly do: "room"; readonly isThere: boolean }
  | { readonly do: "fault"; readonly fault: SqliteFault; readonly statements: number }
  | { readonly do: "pictures"; readonly areWritable: boolean }
  | { readonly do: "turn"; readonly turns: number }
  | { readonly do: "crash"; readonly turns: number; readonly sinks: readonly SinkId[] }
  | { readonly do: "restart"; readonly sinks: readonly SinkId[] };

/** So that what is printed of a counterexample can be read. */
const PLAIN = { noNullPrototype: true } as const;

const sink = fc.constantFrom(...SINKS);
const sinks = fc.subarray([...SINKS]);
const turns = fc.nat({ max: 12 });

/** From most to least often. */
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record(
      {
        do: fc.constant("append" as const),
        what: fc.constantFrom(...WHATS),
        count: fc.integer({ min: 1, max: 4 }),
        awaits: fc.boolean(),
      },
      PLAIN,
    ),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("manner" as const), sink, manner: fc.constantFrom(...MANNERS) }, PLAIN),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("crash" as const), turns, sinks }, PLAIN) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("pass" as const), minutes: fc.integer({ min: 1, max: 1800 }) }, PLAIN),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("housekeeping" as const), awaits: fc.boolean() }, PLAIN) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("turn" as const), turns }, PLAIN) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("resume" as const), sink }, PLAIN) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("restart" as const), sinks }, PLAIN) },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        do: fc.constant("fault" as const),
        fault: fc.constantFrom<SqliteFault>("full", "statement-failed", "commit-lost", "commit-written"),
        statements: fc.nat({ max: 8 }),
      },
      PLAIN,
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("evict" as const), every: fc.integer({ min: 1, max: 3 }) }, PLAIN),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("tighten" as const), hours: fc.integer({ min: 1, max: 12 }) }, PLAIN),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("room" as const), isThere: fc.boolean() }, PLAIN) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pictures" as const), areWritable: fc.boolean() }, PLAIN) },
  {
    weight: 1,
    arbitrary: fc.record(
      { do: fc.constant("set" as const), minutes: fc.integer({ min: -60_000, max: 60_000 }) },
      PLAIN,
    ),
  },
);

/** One life of a gateway: the sinks that it begins with, and what happens. */
export const life = fc.record({ sinks, steps: fc.array(step, { minLength: 1, maxLength: 20 }) }, PLAIN);
export type Life = { readonly sinks: readonly SinkId[]; readonly steps: readonly Step[] };
