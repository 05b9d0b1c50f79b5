// What policy.yaml may say, and the three schemas together. Descriptions here become the JSON Schemas in config/, which
// editors show while typing; gateway.yaml and kit.yaml have files of their own.
import { z } from "zod";
import type { CameraEntry } from "./camera-schema.ts";
import { id, path, sha256, timeOfDay } from "./forms.ts";
import { GatewayFile } from "./gateway-schema.ts";
import { type BridgeEntry, type DeviceEntry, KitFile } from "./kit-schema.ts";

const hours = z.number().min(1).max(8760);
const fraction = z.number().min(0).max(1);
/** An operator's own model: an ONNX file, with what it is in a JSON file of the same name beside it (`faces.onnx.json`). */
const model = z.strictObject({
  file: path.describe("an ONNX file; beside it, with .json added to the name, how it is used"),
  sha256: sha256.describe("of the ONNX file; a changed file stops the camera"),
});

const CameraPolicy = z.strictObject({
  purpose: z.record(z.string(), z.string().min(1)).describe("why it looks, by language; it stands on the sign"),
  until: z.iso.date().describe("the last day on which this camera may see"),
  snapshotsPerDay: z.int().min(0).max(10_000).default(24),
  retentionHours: z.number().min(1).max(8760).default(72).describe("a picture is deleted after this, sent or not"),
  masks: z
    .array(
      z.strictObject({
        name: z.string(),
        polygon: z
          .array(z.tuple([fraction, fraction]))
          .min(3)
          .max(64)
          .describe("corners [x, y] as fractions of the frame from its upper left"),
      }),
    )
    .max(32)
    .default([])
    .describe("painted over in every picture"),
  redact: z
    .strictObject({
      level: z.enum(["normal", "thorough", "strict"]).default("normal").describe("how hard it looks for faces"),
      whenUnsure: z
        .enum(["withhold", "mosaic"])
        .default("withhold")
        .describe("what becomes of a picture in which it could not look: nothing, or a mosaic of 16 x 12"),
      model: model.optional().describe("an own face model in place of the built-in one"),
      persons: z
        .boolean()
        .default(false)
        .describe("paints the heads of found persons too, also where no face was found; needs personModel"),
      personModel: model.optional().describe("an own model that finds persons"),
    })
    .refine(({ persons, personModel }) => !persons || personModel !== undefined, {
      message: "persons: true needs a model that finds persons; name it under personModel, or write persons: false",
      path: ["persons"],
    })
    .prefault({}),
});

const PolicyFile = z
  .strictObject({
    version: z.literal(1),
    draft: z
      .boolean()
      .default(false)
      .describe(
        "not agreed yet: nothing is told, sent or photographed; cameras may be tried. The first policy that is no draft holds at once",
      ),
    controller: z
      .strictObject({
        name: z.string().min(1),
        contact: z.string().min(1).describe("where people object or ask, such as an e-mail address"),
      })
      .describe("who answers for the data"),
    languages: z.array(z.string().min(2)).min(1).default(["en"]).describe("of the sign and the transparency page"),
    events: z
      .strictObject({
        timeBucketS: z.int().min(1).max(86_400).default(60).describe("event times are rounded down to this"),
        retentionHours: hours.default(720).describe("an event that could not be sent is deleted after this"),
        motion: z
          .discriminatedUnion("mode", [
            z.strictObject({ mode: z.literal("none") }),
            z.strictObject({ mode: z.literal("each") }),
            z.strictObject({
              mode: z.literal("counts"),
              windowS: z.int().min(1).max(86_400).default(900),
              atLeast: z.int().min(1).max(1000).default(3).describe("a smaller count waits until more time has passed"),
            }),
          ])
          .default({ mode: "none" })
          .describe("what of motion leaves: nothing, each, or counts by window"),
        light: z.boolean().default(true).describe("light.level and light.state events"),
        fields: z
          .strictObject({ batteryPct: z.boolean().default(false), linkPct: z.boolean().default(false) })
          .prefault({})
          .describe("what a device's status may say beside its state"),
        retentionHoursOf: z
          .partialRecord(z.enum(["light.level", "light.state", "motion", "house"]), hours)
          .default({})
          .describe("another retention for a class of events; house: what the house itself has to say"),
        lightOfMotionSensors: z
          .boolean()
          .default(false)
          .describe(
            "light from what senses motion too, where motion is not told one by one: it measures when somebody passes",
          ),
        perDay: z
          .partialRecord(z.enum(["light.level", "light.state", "motion"]), z.int().min(0).max(100_000))
          .default({})
          .describe("how many events of a class one device may cause in a day; the rest stays here"),
        pseudonyms: z
          .enum(["never", "yearly", "quarterly", "monthly"])
          .default("quarterly")
          .describe("how often devices and cameras get new names outside, so that nobody can follow one for years"),
        zones: z.boolean().default(true).describe("tells the zone's name; false: each zone is called site"),
        cellLetters: z
          .int()
          .min(0)
          .max(6)
          .default(6)
          .describe("letters of gateway.cell that are told: 6 is about 1 km, 5 about 5 km, 4 about 40 km, 0 nothing"),
        evictFirst: z
          .array(z.enum(["snapshot", "light.level", "light.state", "motion"]))
          .default(["snapshot", "light.level", "motion"])
          .describe(
            "what goes first when the buffer is full, the oldest of it; what is not named never goes: sensors wait instead",
          ),
      })
      .prefault({}),
    quiet: z
      .strictObject({
        zones: z
          .array(id)
          .default([])
          .describe("of these zones no motion, light or picture leaves, such as a private door"),
        hours: z
          .array(z.strictObject({ between: z.tuple([timeOfDay, timeOfDay]) }))
          .max(16)
          .default([])
          .describe("at these times nothing of motion and light is told and no camera looks, in gateway.timezone"),
      })
      .prefault({})
      .describe("where and when nothing is told"),
    changes: z
      .strictObject({
        noticeHours: z
          .number()
          .min(0)
          .max(720)
          .default(24)
          .describe("for how long a looser policy is announced before it holds, unless two stewards approve it"),
      })
      .prefault({})
      .describe("how this policy may be changed; what is tighter holds at once"),
    cameras: z
      .record(id, CameraPolicy)
      .default({})
      .describe("by camera id; a camera that is not named here does not start"),
  })
  .meta({ title: "Hedgerow: policy.yaml", description: "what the community agreed" });

/** The schemas by file name, for the loader and for the generated JSON Schemas. */
export const SCHEMAS = { gateway: GatewayFile, policy: PolicyFile, kit: KitFile } as const;

export type GatewaySettings = z.infer<typeof GatewayFile>;
export type Policy = z.infer<typeof PolicyFile>;
export type CameraPolicyEntry = z.infer<typeof CameraPolicy>;
export type Kit = z.infer<typeof KitFile>;
export type BridgeSettings = z.infer<typeof BridgeEntry>;
export type DeviceSettings = z.infer<typeof DeviceEntry>;
export type CameraSettings = z.infer<typeof CameraEntry>;
export type { HttpsSinkSettings, MqttSinkSettings } from "./platform-schema.ts";
