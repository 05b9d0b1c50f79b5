// The sinks of gateway.yaml: where events and redacted pictures go, and when the line may be used.
import { z } from "zod";
import { id, path, timeOfDay } from "./forms.ts";

const common = {
  id: id.describe("the sink's name in the buffer; a new id starts with an empty queue"),
  caFile: path.optional().describe("PEM of a private certificate authority, believed in place of the public ones"),
  certFile: path.optional().describe("PEM: this gateway's client certificate, then its chain"),
  keyFile: path.optional().describe("PEM: the client certificate's private key"),
  connect: z
    .strictObject({
      between: z
        .tuple([timeOfDay, timeOfDay])
        .describe("it is sent from the first time to the second only, over midnight too, in gateway.timezone"),
      urgent: z
        .boolean()
        .default(true)
        .describe("faults of lamps and the state of devices and of the gateway are sent at once all the same"),
    })
    .optional()
    .describe("for a line that is paid by the byte or cheap at night; always, without it"),
  bytesPerSecond: z
    .int()
    .min(256)
    .max(1_000_000_000)
    .optional()
    .describe("it sends no more than this, pictures included, so that a thin line serves others too"),
};

const httpsSink = z.strictObject({
  ...common,
  kind: z.literal("https"),
  url: z
    .url({ protocol: /^https?$/ })
    .describe("events go to {url}/v1/events; plain http only to this machine or a private network"),
  sharedSecretFile: path
    .optional()
    .describe(
      "adds an HMAC-SHA256 signature (v1) beside ed25519 (v1a); a second line is the next secret, for its change",
    ),
  proxy: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      "an HTTP proxy that the platform is reached through, by CONNECT: it sees the platform's name and no content",
    ),
  proxyCredentialsFile: path.optional().describe("one line: user:password, for the proxy"),
});

const mqttSink = z.strictObject({
  ...common,
  kind: z.literal("mqtt"),
  url: z
    .url({ protocol: /^mqtts?$/ })
    .describe("the platform's broker; plain mqtt only to this machine or a private network"),
  prefix: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/, "use lower-case letters, digits and -, 63 characters at most")
    .default("hedgerow")
    .describe("events go to {prefix}/{gateway}/events/…"),
  usernameFile: path.optional().describe("one line: the user name"),
  passwordFile: path.optional().describe("one line: the password"),
  ackTopic: z
    .string()
    .regex(/^(?!\$)[^#+\p{C}]{1,200}$/u, "a topic without wildcards and not beginning with $, 200 characters at most")
    .optional()
    .describe(
      "the platform's application names here what it has stored; without it the broker's acknowledgement counts",
    ),
});

export const PlatformSink = z.discriminatedUnion("kind", [httpsSink, mqttSink]);

export type HttpsSinkSettings = z.infer<typeof httpsSink>;
export type MqttSinkSettings = z.infer<typeof mqttSink>;
