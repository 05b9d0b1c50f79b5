// What the three YAML files may say. Descriptions here become the JSON Schemas in config/, which editors show while typing.
import { z } from "zod";

/** Ids go into MQTT topics, file names and URNs, also on NATS, which refuses dots and spaces. */
const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "use lower-case letters, digits and -, 63 characters at most");
const port = z.int().min(1).max(65535);
/** A file's path, relative to the YAML file that names it; the loader makes it absolute. */
const path = z.string().min(1);
/** Shown on pages, signs and terminals. */
const name = z.string().regex(/^\P{C}{1,80}$/u, "use 1 to 80 letters, without line breaks and control characters");
const hostPort = (host: string, number: number) =>
  z.strictObject({
    host: z
      .string()
      .min(1)
      .default(host)
      .describe("the address to listen on; 0.0.0.0 is every one of this machine, 127.0.0.1 this machine only"),
    port: port.default(number),
  });

const httpsSink = z.strictObject({
  id: id.describe("the sink's name in the buffer; a new id starts with an empty queue"),
  kind: z.literal("https"),
  url: z
    .url({ protocol: /^https?$/ })
    .describe("events go to {url}/v1/events; plain http only to this machine or a private network"),
  caFile: path.optional().describe("PEM of a private certificate authority"),
  sharedSecretFile: path.optional().describe("adds an HMAC-SHA256 signature (v1) beside ed25519 (v1a)"),
});

const GatewayFile = z
  .strictObject({
    gateway: z.strictObject({
      id: id.describe("this gateway's name towards the platform; it never changes"),
      name: name.optional().describe("what people call it"),
      dataDir: path
        .default("./data")
        .describe("buffer, redacted pictures, registry and keys; only the gateway's user may enter"),
      timezone: z
        .string()
        .default("UTC")
        .refine(isTimezone, "not a time zone of the IANA database, such as Europe/Paris")
        .describe("for days, schedules and what people read; events are in UTC"),
      cell: z
        .string()
        .regex(/^[0-9b-hjkmnp-z]{1,6}$/, "a geohash of at most 6 characters (about 1 km)")
        .optional()
        .describe("where the site is, as a geohash: the finest place that an event ever says"),
    }),
    policy: path.default("./policy.yaml").describe("what the community agreed"),
    kit: path.default("./kit.yaml").describe("read on first start; afterwards the registry in dataDir is the truth"),
    broker: z
      .strictObject({
        mode: z.literal("embedded").default("embedded"),
        listen: hostPort("0.0.0.0", 1883).prefault({}),
        limits: z
          .strictObject({
            connections: z.int().min(1).max(100_000).default(1000),
            packetBytes: z
              .int()
              .min(1024)
              .max(268_435_455)
              .default(262_144)
              .describe("a larger packet ends its connection"),
          })
          .prefault({}),
      })
      .prefault({})
      .describe("the MQTT broker that devices connect to"),
    platform: z
      .array(httpsSink)
      .default([])
      .describe("where events and redacted pictures go; each sink has its own place in the buffer"),
    spool: z
      .strictObject({
        bytesMax: z
          .int()
          .min(1_048_576)
          .default(2_147_483_648)
          .describe("bytes of the database; pictures are bounded apart by their retention"),
        reserveFreeBytes: z
          .int()
          .min(0)
          .default(268_435_456)
          .describe("bytes of the disk that are left free for the system"),
      })
      .prefault({})
      .describe("the buffer on disk"),
    status: hostPort("0.0.0.0", 8080).prefault({}).describe("the local page"),
    log: z.strictObject({ level: z.enum(["trace", "debug", "info", "warn", "error"]).default("info") }).prefault({}),
  })
  .meta({ title: "Hedgerow: gateway.yaml", description: "how this box runs" });

const BridgeEntry = z.strictObject({
  id,
  family: z.string().min(1).describe("a family of devices/ that has a bridge, such as zigbee2mqtt"),
  base: z.string().min(1).describe("its login may publish and subscribe below this topic only"),
});

const DeviceEntry = z.strictObject({
  id,
  name: name.optional().describe("what people call it; never leaves the site"),
  profile: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, "a profile is written <file>/<entry>, such as zigbee2mqtt/occupancy")
    .describe("how its messages are decoded"),
  topic: z.string().min(1).describe("its own topic; below a bridge's base the bridge's login speaks for it"),
  zone: id.describe("a named area"),
});

const CameraEntry = z.strictObject({
  id: id.describe("the policy's entry of the same id allows it"),
  name: name.optional(),
  zone: id,
  source: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("http-snapshot").describe("one picture for one request"),
      url: z.url({ protocol: /^https?$/ }),
      credentialsFile: path.optional().describe("one line: user:password"),
      caFile: path.optional().describe("PEM of a private certificate authority"),
    }),
    z.strictObject({ kind: z.literal("file").describe("a picture that something else writes"), path }),
  ]),
  triggers: z.array(id).default([]).describe("devices whose motion takes a picture"),
  cooldownS: z.number().min(0).max(86_400).default(30).describe("seconds between two pictures"),
});

const KitFile = z
  .strictObject({
    bridges: z.array(BridgeEntry).default([]).describe("logins that speak for many devices"),
    devices: z.array(DeviceEntry).default([]),
    cameras: z.array(CameraEntry).default([]),
  })
  .meta({ title: "Hedgerow: kit.yaml", description: "which bridges, devices and cameras there are" });

const fraction = z.number().min(0).max(1);
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
    })
    .prefault({}),
});

const PolicyFile = z
  .strictObject({
    version: z.literal(1),
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
        retentionHours: z
          .number()
          .min(1)
          .max(8760)
          .default(720)
          .describe("an event that could not be sent is deleted after this"),
        motion: z
          .discriminatedUnion("mode", [
            z.strictObject({ mode: z.literal("none") }),
            z.strictObject({ mode: z.literal("each") }),
            z.strictObject({
              mode: z.literal("counts"),
              windowS: z.int().min(1).max(86_400).default(900),
              atLeast: z.int().min(1).max(1000).default(3).describe("a smaller count waits for the next window"),
            }),
          ])
          .default({ mode: "none" })
          .describe("what of motion leaves: nothing, each, or counts by window"),
        light: z.boolean().default(true).describe("light.level and light.state events"),
        fields: z
          .strictObject({ batteryPct: z.boolean().default(false), linkPct: z.boolean().default(false) })
          .prefault({})
          .describe("what a device's status may say beside its state"),
        evictFirst: z
          .array(z.enum(["snapshot", "light.level", "motion"]))
          .default(["snapshot", "light.level", "motion"])
          .describe("for eviction, which is not done yet: a full disk holds acknowledgements back"),
      })
      .prefault({}),
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

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}
