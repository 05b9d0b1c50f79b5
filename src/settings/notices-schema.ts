// The section `notices` of gateway.yaml: to whom the gateway says that something needs a hand. Both ways are off unless named.
import { z } from "zod";
import { path, port } from "./forms.ts";

const mailbox = z
  .string()
  .max(254)
  .regex(/^[^\s@<>(),;:"]{1,64}@[^\s@<>(),;:"]{1,189}$/, "an e-mail address, such as kit@elm.example");

const EmailNotices = z.strictObject({
  host: z.string().min(1).max(253).describe("the mail server that takes messages (SMTP)"),
  port: port.default(587),
  security: z
    .enum(["starttls", "tls", "none"])
    .default("starttls")
    .describe(
      "starttls: encrypted or not at all; tls: from the first byte (port 465); none: only in a private network",
    ),
  usernameFile: path.optional(),
  passwordFile: path.optional(),
  caFile: path.optional().describe("PEM of a private certificate authority"),
  from: mailbox,
  to: z.array(mailbox).min(1).max(20),
});

const PushNotices = z.strictObject({
  kind: z
    .enum(["ntfy", "webhook"])
    .default("ntfy")
    .describe("ntfy: a topic of an ntfy server; webhook: JSON is posted to the address"),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .describe("where it is posted; plain http only to this machine or a private network"),
  tokenFile: path.optional().describe("an access token, sent as a bearer token"),
  caFile: path.optional().describe("PEM of a private certificate authority"),
});

export const NoticesEntry = z.strictObject({
  email: EmailNotices.optional(),
  push: z.array(PushNotices).max(4).default([]),
  language: z.string().min(2).max(35).default("en").describe("of the messages"),
  afterMinutes: z.number().min(0).max(1440).default(15).describe("for how long something must need a hand first"),
  atMostPerDay: z
    .int()
    .min(1)
    .max(100)
    .default(12)
    .describe("messages of a day; more are told in the next day's first"),
});
