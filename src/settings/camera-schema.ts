// The cameras of kit.yaml: where each one's pictures come from and what makes it look.
import { z } from "zod";
import { id, name, path, sha256, timeOfDay } from "./forms.ts";

/** Keys of every source that is asked over the network. */
const login = {
  credentialsFile: path.optional().describe("one line: user:password, for basic and digest authentication"),
};
const trust = {
  caFile: path.optional().describe("PEM of a private certificate authority"),
  certSha256: z
    .string()
    .transform((written) => written.replaceAll(":", "").toLowerCase())
    .pipe(sha256)
    .optional()
    .describe(
      "the camera's own certificate by its SHA-256, as `hedgerow camera test` prints it; nothing else is trusted then",
    ),
};
const size = z
  .string()
  .regex(/^[1-9]\d{1,4}x[1-9]\d{1,4}$/, "a size is written 1280x720")
  .optional()
  .describe("width x height in pixels; the camera's own by default");

const CameraSource = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("rtsp").describe("a video stream, by ffmpeg; its sound is never asked for"),
    url: z.url({ protocol: /^rtsps?$/ }),
    ...login,
    ...trust,
    warm: z
      .boolean()
      .default(false)
      .describe(
        "keeps the stream open while it may look, and its newest key frame in memory: a picture from just before the trigger",
      ),
  }),
  z.strictObject({
    kind: z.literal("http-snapshot").describe("one picture for one request"),
    url: z.url({ protocol: /^https?$/ }),
    ...login,
    ...trust,
  }),
  z.strictObject({
    kind: z
      .literal("mjpeg")
      .describe("an endless answer of JPEG pictures (multipart/x-mixed-replace); the first is taken"),
    url: z.url({ protocol: /^https?$/ }),
    ...login,
    ...trust,
  }),
  z.strictObject({
    kind: z.literal("mqtt").describe("the camera publishes its pictures; each one that comes is a trigger"),
    topic: z.string().min(1).describe("the camera's own topic"),
    at: z
      .string()
      .regex(/^(\/[^/]*)+$/, "a JSON pointer begins with /, such as /image")
      .optional()
      .describe("where the picture stands, in base64, in a JSON message; without it the message is the picture"),
  }),
  z.strictObject({
    kind: z
      .literal("folder")
      .describe("the camera puts files here, by FTP or NFS; each is read and erased, and is a trigger"),
    path: path.describe("should be on a tmpfs, since the camera writes raw pictures here"),
  }),
  z.strictObject({
    kind: z.literal("v4l2").describe("a USB camera, by ffmpeg"),
    device: z
      .string()
      .regex(/^\/dev\/[a-zA-Z0-9/._-]+$/, "a device is written /dev/video0")
      .default("/dev/video0"),
    size,
  }),
  z.strictObject({
    kind: z.literal("rpicam").describe("a Raspberry Pi's own camera, by rpicam-still"),
    camera: z.int().min(0).max(7).default(0).describe("its number, as rpicam-hello --list-cameras prints it"),
    size,
  }),
  z.strictObject({ kind: z.literal("file").describe("a picture that something else writes"), path }),
]);

export const CameraEntry = z.strictObject({
  id: id.describe("the policy's entry of the same id allows it"),
  name: name.optional(),
  zone: id,
  source: CameraSource,
  triggers: z.array(id).default([]).describe("devices whose motion takes a picture"),
  cooldownS: z.number().min(0).max(86_400).default(30).describe("seconds between two pictures"),
  schedule: z
    .strictObject({
      between: z
        .tuple([timeOfDay, timeOfDay])
        .optional()
        .describe("it looks from the first time to the second only, over midnight too; whatever triggers it"),
      at: z.array(timeOfDay).min(1).max(96).optional().describe("it takes a picture at these times each day"),
    })
    .optional()
    .describe("times in gateway.timezone; the sun's need gateway.cell"),
});

export type CameraSourceSettings = z.infer<typeof CameraSource>;
