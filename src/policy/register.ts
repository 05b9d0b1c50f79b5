// An entry for a municipal register of sensors, as JSON: with the fields that such registers ask for (Amsterdam's: who, which kind,
// for what, on which ground, whether personal data, until when). Made from the policy; what only the association knows is null
// and named in `toFill`. config/register.schema.json is generated from here.
import { z } from "zod";
import { type Language, languageOf } from "../languages/say.ts";
import { HOURS_MAX } from "./camera-words.ts";
import { permitsLightOfMotion, toldMotion } from "./compare-events.ts";
import { type Cameras, camerasOn, type PaperOf } from "./paper.ts";
import { PAPER_LIMITS } from "./paper-limits.ts";
import { shortened } from "./plain.ts";

const words = z.record(z.string(), z.string()).describe("by language, BCP 47");
const hours = z.number().min(0);

const RegisterEntry = z
  .strictObject({
    version: z.literal(1),
    gateway: z.string().describe("the box's name towards platforms, or null where it is not known").nullable(),
    madeOn: z.iso.date(),
    policySha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe("of the policy that this was made from"),
    owner: z.strictObject({
      organisation: z.string(),
      contact: z.string().describe("where people ask or object"),
    }),
    sensors: z
      .array(
        z.strictObject({
          type: z.enum(["motion", "light", "camera"]),
          count: z.int().min(0).nullable().describe("null: not told"),
          tells: z.enum(["nothing", "counts", "single-events", "levels", "redacted-pictures"]),
        }),
      )
      .describe("what the policy lets be sensed, and what of it leaves the box"),
    observationGoals: z
      .array(
        z.strictObject({
          sensor: z.string().describe("sensors, or a camera's id"),
          goal: words.nullable().describe("null: for the association to fill in"),
          legalGround: z.string().nullable().describe("null: for the association to fill in"),
        }),
      )
      .min(1),
    place: z.strictObject({
      geohash: z
        .string()
        .regex(/^[0-9b-hjkmnp-z]{1,6}$/)
        .nullable()
        .describe("no finer than the policy tells; null: not told"),
    }),
    containsPersonalData: z.boolean(),
    whyPersonalData: words,
    retention: z.strictObject({
      picturesHours: hours.nullable().describe("in the box, sent or not; null: no pictures"),
      eventsHours: hours.describe("in the box, of what could not be sent"),
    }),
    receivers: z.array(z.string()).nullable().describe("hosts; null: not known"),
    activeUntil: z.iso.date().nullable().describe("the last day of the last camera; null: open"),
    privacyDeclaration: z.url().nullable().describe("the transparency page; null: not given"),
    toFill: z.array(z.string()).describe("fields that are left for the association, as JSON pointers (RFC 6901)"),
  })
  .meta({ title: "Hedgerow: entry for a register of sensors", description: "hedgerow policy register" });

export type RegisterEntry = z.infer<typeof RegisterEntry>;

/** The text of config/register.schema.json (draft 2020-12). */
export function registerSchemaText(): string {
  return `${JSON.stringify(z.toJSONSchema(RegisterEntry), null, 2)}\n`;
}

/** `gateway`: its id, null where not known. `link`: of the transparency page. */
export type RegisterOf = PaperOf & { readonly gateway: string | null; readonly link: string | null };

/** The entry. It has the policy's languages in it, so there is one for all. */
export function registerOf(of: RegisterOf): RegisterEntry {
  const { policy, sha256, today, receivers, gateway, link, cell } = of;
  const cameras = camerasOn(today, policy);
  const goals = observationGoals(cameras);
  const place = cell?.slice(0, policy.events.cellLetters) ?? "";
  return {
    version: 1,
    gateway,
    madeOn: today,
    policySha256: sha256,
    owner: {
      organisation: shortened(policy.controller.name, PAPER_LIMITS.nameChars),
      contact: shortened(policy.controller.contact, PAPER_LIMITS.nameChars),
    },
    sensors: sensorsOf(of, cameras),
    observationGoals: goals,
    place: { geohash: place === "" ? null : place },
    ...personalData(of, cameras),
    retention: {
      picturesHours: longest(cameras.map(([, { retentionHours }]) => retentionHours)),
      eventsHours: longest([policy.events.retentionHours, ...Object.values(policy.events.retentionHoursOf)]) ?? 0,
    },
    receivers: receivers?.map(({ host }) => host) ?? null,
    activeUntil:
      cameras
        .map(([, { until }]) => until)
        .toSorted()
        .at(-1) ?? null,
    privacyDeclaration: link,
    toFill: [
      ...goals.flatMap(({ goal }, at) => [
        ...(goal === null ? [`/observationGoals/${at}/goal`] : []),
        `/observationGoals/${at}/legalGround`,
      ]),
      ...(link === null ? ["/privacyDeclaration"] : []),
      ...(receivers === null ? ["/receivers"] : []),
    ],
  };
}

const TOLD = { none: "nothing", counts: "counts", each: "single-events" } as const;

function sensorsOf({ policy: { events } }: PaperOf, cameras: Cameras): RegisterEntry["sensors"] {
  const sensors: RegisterEntry["sensors"] = [
    { type: "motion", count: null, tells: TOLD[toldMotion(events).mode] },
    { type: "light", count: null, tells: events.light ? "levels" : "nothing" },
  ];
  return cameras.length === 0
    ? sensors
    : [...sensors, { type: "camera", count: cameras.length, tells: "redacted-pictures" }];
}

function observationGoals(cameras: Cameras): RegisterEntry["observationGoals"] {
  const ofCameras = cameras.map(([sensor, { purpose }]) => ({
    sensor,
    goal: Object.fromEntries(
      Object.entries(purpose).map(([tag, text]) => [tag, shortened(text, PAPER_LIMITS.purposeChars)]),
    ),
    legalGround: null,
  }));
  return [{ sensor: "sensors", goal: null, legalGround: null }, ...ofCameras];
}

/** Pictures of a street are personal data even redacted; single movements can be; counts from a threshold on are not about one person. */
function personalData(
  { policy: { events, languages } }: PaperOf,
  cameras: Cameras,
): Pick<RegisterEntry, "containsPersonalData" | "whyPersonalData"> {
  const isLight = events.light && permitsLightOfMotion(events);
  const motion = toldMotion(events);
  const isSingle = motion.mode === "each" || (motion.mode === "counts" && motion.atLeast === 1);
  const why = [
    ...(cameras.length > 0 ? (["register.personal-pictures"] as const) : []),
    ...(isSingle ? (["register.personal-motion"] as const) : []),
    ...(isLight ? (["register.personal-light"] as const) : []),
  ];
  const keys = why.length === 0 ? (["register.personal-none"] as const) : why;
  const spoken = [...new Set(languages.map(languageOf))];
  const text = ({ say }: Language) => keys.map((key) => say(key)).join(" ");
  return {
    containsPersonalData: why.length > 0,
    whyPersonalData: Object.fromEntries(spoken.map((language) => [language.tag, text(language)])),
  };
}

function longest(hoursOf: readonly number[]): number | null {
  return hoursOf.length === 0 ? null : Math.min(Math.max(...hoursOf), HOURS_MAX);
}
