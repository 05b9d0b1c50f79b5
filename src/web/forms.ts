// What people send with forms and programs as JSON: read, bounded and made into what the commands take.
import { z } from "zod";
import type { Language } from "../languages/say.ts";
import type { WebContext } from "./answers.ts";

/** Characters of a field: a name people give, and ids and topics, which are checked for more by the commands. */
export const FIELD_CHARS = { name: 80, zone: 80, id: 256, topic: 512 } as const;
/** The highest line number that the kit takes (settings/kit-schema.ts). */
export const PIN_MAX = 1023;

const name = z.string().max(FIELD_CHARS.name).exactOptional();
const zone = z.string().min(1).max(FIELD_CHARS.zone);
const id = z.string().min(1).max(FIELD_CHARS.id);

/** The bodies of the API's changes. */
export const ASKS = {
  pair: z.strictObject({
    profile: id,
    zone,
    name,
    topic: z.string().min(1).max(FIELD_CHARS.topic).exactOptional(),
    pin: z.int().min(0).max(PIN_MAX).exactOptional(),
    chip: z.string().min(1).max(64).exactOptional(),
    activeLow: z.boolean().exactOptional(),
    pull: z.enum(["up", "down", "none"]).exactOptional(),
  }),
  bridge: z.strictObject({ family: id, base: z.string().min(1).max(FIELD_CHARS.topic) }),
  approve: z.strictObject({ zone, name, profile: id.exactOptional() }),
  switch: z.strictObject({ isOn: z.boolean() }),
  nothing: z.strictObject({}),
};

export type Fields = (name: string) => string;

/** Fields of a posted form as text; a missing field and a file are empty. */
export async function formOf(c: WebContext): Promise<Fields> {
  const isForm = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(
    c.req.header("content-type") ?? "",
  );
  const form = isForm ? await c.req.parseBody() : {};
  return (field) => {
    const value = form[field];
    return typeof value === "string" ? value : "";
  };
}

/** The body as JSON, or undefined. Only as `application/json`: a form of another site cannot send that without asking. */
export async function jsonOf(c: WebContext): Promise<unknown> {
  if (!/^application\/json\b/i.test(c.req.header("content-type") ?? "")) return undefined;
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** "Front porch" as the kit writes it: front-porch. Empty when no Latin letter or digit is left. */
export function zoneOf(typed: string): string {
  const plain = typed.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return plain
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, "");
}

/** What is wrong with a name a person typed, or null. */
export function nameMistake(typed: string, { say }: Language): string | null {
  if (typed.length > FIELD_CHARS.name) return say("device.name-long", { count: FIELD_CHARS.name });
  return /\p{Cc}/u.test(typed) ? say("device.name-unseen") : null;
}
