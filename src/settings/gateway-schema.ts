// gateway.yaml: how this box runs. Descriptions here become config/gateway.schema.json, which editors show while typing.
import { z } from "zod";
import { hostPort, id, name, path, port } from "./forms.ts";
import { NoticesEntry } from "./notices-schema.ts";
import { PlatformSink } from "./platform-schema.ts";

const limit = (least: number, most: number, usual: number) => z.int().min(least).max(most).default(usual);

const BrokerEntry = z
  .strictObject({
    mode: z
      .enum(["embedded", "external"])
      .default("embedded")
      .describe("embedded: devices connect to this gateway; external: it subscribes on a broker of the site"),
    listen: hostPort("0.0.0.0", 1883).prefault({}),
    tls: z
      .strictObject({
        host: z.string().min(1).optional().describe("as listen.host unless given"),
        port: port.default(8883),
        certFile: path.describe("PEM: the broker's certificate, then its chain"),
        keyFile: path.describe("PEM: the certificate's private key"),
        clientCaFile: path
          .optional()
          .describe(
            "PEM: a device whose certificate this authority signed logs in by its common name, without password",
          ),
      })
      .optional(),
    websocket: z
      .strictObject({
        host: z.string().min(1).optional().describe("as listen.host unless given"),
        port: port.default(9001),
        tls: z.boolean().default(false).describe("wss with the certificate of tls"),
      })
      .optional(),
    external: z
      .strictObject({
        url: z
          .url({ protocol: /^mqtts?$/ })
          .describe("the site's broker; mqtt only to this machine or a private network"),
        usernameFile: path.optional(),
        passwordFile: path.optional(),
        caFile: path.optional().describe("PEM of a private certificate authority"),
        certFile: path.optional().describe("PEM: this gateway's client certificate"),
        keyFile: path.optional().describe("PEM: its private key"),
        shareGroup: id
          .default("hedgerow")
          .describe("gateways with the same group share the site's messages, where its broker speaks MQTT 5"),
      })
      .optional()
      .describe("for mode external"),
    limits: z
      .strictObject({
        connections: limit(1, 100_000, 1000).describe("logged in at once"),
        connectionsPerAddress: limit(1, 100_000, 250).describe("one home has one address behind a router"),
        packetBytes: limit(1024, 268_435_455, 262_144).describe("a larger packet ends its connection"),
        picturePacketBytes: limit(1024, 268_435_455, 16_777_216).describe(
          "a picture, on the topic of a camera that speaks MQTT only",
        ),
        messagesPerSecondPerDevice: limit(1, 100_000, 50).describe(
          "who says more is read more slowly, and nothing of it is lost; a bridge may say 20 times as much",
        ),
      })
      .prefault({}),
  })
  .superRefine(({ mode, external, websocket, tls }, context) => {
    const complain = (message: string, key: string) => context.addIssue({ code: "custom", message, path: [key] });
    if (mode === "external" && external === undefined)
      complain("external needs the section external with a url", "mode");
    if (mode === "embedded" && external !== undefined) complain("goes with mode: external", "external");
    if (websocket?.tls === true && tls === undefined)
      complain("tls: true needs broker.tls with a certificate", "websocket");
  });

export const GatewayFile = z
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
    profiles: path
      .optional()
      .describe("a folder with device profiles of your own (*.yaml), beside those that come with Hedgerow"),
    kit: path.default("./kit.yaml").describe("read on first start; afterwards the registry in dataDir is the truth"),
    broker: BrokerEntry.prefault({}).describe("the MQTT broker that devices connect to"),
    platform: z
      .array(PlatformSink)
      .default([])
      .describe("where events and redacted pictures go; each sink has its own place in the buffer"),
    spool: z
      .strictObject({
        bytesMax: z
          .int()
          .min(1_048_576)
          .default(2_147_483_648)
          .describe(
            "bytes that wait on the disk, pictures included; beyond it, what the policy's evictFirst names goes, the oldest first",
          ),
        reserveFreeBytes: z
          .int()
          .min(0)
          .default(268_435_456)
          .describe("bytes of the disk that are left free for the system"),
        pictureKeyFile: path
          .optional()
          .describe(
            "where the key lies that pictures are encrypted with, apart from dataDir: on a stick that is taken out, or on a tmpfs such as /run/hedgerow, where a stolen card shows no picture and a power cut loses those that wait",
          ),
      })
      .prefault({})
      .describe("the buffer on disk"),
    redactor: z
      .strictObject({
        lowMemory: z
          .enum(["auto", "yes", "no"])
          .default("auto")
          .describe("looks for faces tile by tile: less memory, more time; auto: on machines with less than 2 GiB"),
      })
      .prefault({})
      .describe("the process that finds and destroys faces"),
    status: hostPort("0.0.0.0", 8080)
      .extend({
        publicUrl: z
          .url({ protocol: /^https?$/ })
          .max(100)
          .refine((text) => /^https?:\/\/[^/?#@]+\/?$/.test(text), {
            message: "a scheme, a host and perhaps a port, such as http://hedgerow.local:8080",
          })
          .optional()
          .describe("where a resident's phone finds this page: the sign's QR code leads there"),
        tls: z
          .strictObject({
            host: z.string().min(1).optional().describe("as status.host unless given"),
            port: port.default(8443),
            certFile: path.optional().describe("PEM: the page's certificate, then its chain; with keyFile"),
            keyFile: path.optional().describe("PEM: the certificate's private key"),
          })
          .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
            message: "certFile and keyFile go together; without both the gateway makes its own authority",
            path: ["certFile"],
          })
          .optional()
          .describe("the page by https too; without files the gateway makes an authority of its own (page /tls)"),
      })
      .prefault({})
      .describe("the local page"),
    notices: NoticesEntry.prefault({}).describe("who is told when something needs a hand; off unless named"),
    log: z.strictObject({ level: z.enum(["trace", "debug", "info", "warn", "error"]).default("info") }).prefault({}),
  })
  .meta({ title: "Hedgerow: gateway.yaml", description: "how this box runs" });

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}
