// What the three YAML files may say. Titles and descriptions here become the JSON Schemas in config/.
import { z } from "zod";

/** Ids go into MQTT topics, file names and URNs, also on NATS, which refuses dots and spaces. */
const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "use lower-case letters, digits and -, 63 characters at most");
const port = z.int().min(1).max(65535);
/** A file's path, relative to the YAML file that names it; the loader makes it absolute. */
const path = z.string().min(1);
const hostPort = (host: string, number: number) =>
  z.strictObject({ host: z.string().default(host), port: port.default(number) }).prefault({});

const httpsSink = z.strictObject({
  id,
  kind: z.literal("https"),
  url: z
    .url({ protocol: /^https?$/ })
    .describe("events go to {url}/v1/events; plain http only to this machine or a private network"),
  caFile: path.optional().describe("PEM of a private certificate authority"),
  sharedSecretFile: path.optional().describe("adds an HMAC-SHA256 signature (v1) beside ed25519 (v1a)"),
});

const GatewayFile = z.strictObject({
  gateway: z.strictObject({
    id,
    name: z.string().max(80).optional(),
    dataDir: path.default("./data"),
    timezone: z
      .string()
      .default("UTC")
      .refine(isTimezone, "not a time zone of the IANA database, such as Europe/Paris"),
    cell: z
      .string()
      .regex(/^[0-9b-hjkmnp-z]{1,6}$/, "a geohash of at most 6 characters (about 1 km)")
      .optional(),
  }),
  policy: path.default("./policy.yaml"),
  kit: path.default("./kit.yaml"),
  broker: z
    .strictObject({
      mode: z.literal("embedded").default("embedded"),
      listen: hostPort("0.0.0.0", 1883),
      limits: z
        .strictObject({
          connections: z.int().min(1).max(100_000).default(1000),
          packetBytes: z.int().min(1024).max(268_435_455).default(262_144),
        })
        .prefault({}),
    })
    .prefault({}),
  platform: z.array(httpsSink).default([]),
  spool: z
    .strictObject({
      bytesMax: z
        .int()
        .min(1_048_576)
        .default(2_147_483_648)
        .describe("bytes of the database; pictures are bounded apart by their retention"),
      reserveFreeBytes: z.int().min(0).default(268_435_456),
    })
    .prefault({}),
  status: hostPort("0.0.0.0", 8080),
  log: z.strictObject({ level: z.enum(["trace", "debug", "info", "warn", "error"]).default("info") }).prefault({}),
});

const BridgeEntry = z.strictObject({ id, family: z.string().min(1), base: z.string().min(1) });

const DeviceEntry = z.strictObject({
  id,
  name: z.string().max(80).optional(),
  profile: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, "a profile is written <file>/<entry>, such as zigbee2mqtt/occupancy"),
  topic: z.string().min(1),
  zone: id,
});

const CameraEntry = z.strictObject({
  id,
  name: z.string().max(80).optional(),
  zone: id,
  source: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("http-snapshot"),
      url: z.url({ protocol: /^https?$/ }),
      credentialsFile: path.optional().describe("one line: user:password"),
      caFile: path.optional(),
    }),
    z.strictObject({ kind: z.literal("file"), path }),
  ]),
  triggers: z.array(id).default([]),
  cooldownS: z.number().min(0).max(86_400).default(30),
});

const KitFile = z.strictObject({
  bridges: z.array(BridgeEntry).default([]),
  devices: z.array(DeviceEntry).default([]),
  cameras: z.array(CameraEntry).default([]),
});

const fraction = z.number().min(0).max(1);
const CameraPolicy = z.strictObject({
  purpose: z.record(z.string(), z.string().min(1)),
  until: z.iso.date().describe("the last day on which this camera may see"),
  snapshotsPerDay: z.int().min(0).max(10_000).default(24),
  retentionHours: z.number().min(1).max(8760).default(72),
  masks: z
    .array(
      z.strictObject({
        name: z.string(),
        polygon: z
          .array(z.tuple([fraction, fraction]))
          .min(3)
          .max(64),
      }),
    )
    .max(32)
    .default([]),
  redact: z
    .strictObject({
      level: z.enum(["normal", "thorough", "strict"]).default("normal"),
      whenUnsure: z.enum(["withhold", "mosaic"]).default("withhold"),
    })
    .prefault({}),
});

const PolicyFile = z.strictObject({
  version: z.literal(1),
  controller: z.strictObject({ name: z.string().min(1), contact: z.string().min(1) }),
  languages: z.array(z.string().min(2)).min(1).default(["en"]),
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
            atLeast: z.int().min(1).max(1000).default(3),
          }),
        ])
        .default({ mode: "none" }),
      light: z.boolean().default(true).describe("light.level and light.state events"),
      fields: z
        .strictObject({ batteryPct: z.boolean().default(false), linkPct: z.boolean().default(false) })
        .prefault({}),
      evictFirst: z.array(z.enum(["snapshot", "light.level", "motion"])).default(["snapshot", "light.level", "motion"]),
    })
    .prefault({}),
  cameras: z.record(id, CameraPolicy).default({}),
});

/** The schemas by file name, for the loader and for the generated JSON Schemas. */
export const SCHEMAS = { gateway: GatewayFile, policy: PolicyFile, kit: KitFile } as const;

export type GatewaySettings = z.infer<typeof GatewayFile>;
export type Policy = z.infer<typeof PolicyFile>;
export type CameraPolicyEntry = z.infer<typeof CameraPolicy>;
export type Kit = z.infer<typeof KitFile>;
export type BridgeSettings = z.infer<typeof BridgeEntry>;
export type DeviceSettings = z.infer<typeof DeviceEntry>;
export type CameraSettings = z.infer<typeof CameraEntry>;
export type SinkSettings = z.infer<typeof httpsSink>;

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}
