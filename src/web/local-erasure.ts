// What is said on the command socket of erasures and of the disclosure log: what each takes, and what it answers.
import { z } from "zod";
import { DISCLOSURE_GROUNDS, type DisclosureCommands } from "../core/disclosure-commands.ts";
import type { ErasureCommands } from "../core/erasure-commands.ts";

const id = z.string().min(1).max(256);
const moment = z.string().max(64).exactOptional();
/** How many and how long is judged by the commands themselves, which say what is wrong. */
const text = z.string().max(8192);

/** Also of the API. */
export const ERASURE_ASK = { devices: z.array(id), cameras: z.array(id), from: moment, to: moment } as const;
export const DISCLOSURE_ASK = {
  to: text,
  what: text,
  ground: z.enum(DISCLOSURE_GROUNDS),
  detail: text.exactOptional(),
  requestedAt: text.exactOptional(),
} as const;

export const ERASURE_ASKS = {
  holdings: z.strictObject(ERASURE_ASK),
  erase: z.strictObject({ ...ERASURE_ASK, by: z.enum(["steward", "command-line"]) }),
  listDisclosures: z.strictObject({}),
  addDisclosure: z.strictObject({ ...DISCLOSURE_ASK, by: z.string().nullable() }),
};

const things = z.array(z.object({ id: z.string(), isInKit: z.boolean() }));
const Holdings = z.object({
  devices: things,
  cameras: things,
  from: z.string().nullable(),
  to: z.string().nullable(),
  entries: z.number(),
  rejected: z.number(),
  pictures: z.number(),
  byType: z.record(z.string(), z.number()),
  windows: z.number(),
  memories: z.number(),
  proposals: z.number(),
  setAside: z.number(),
  platforms: z.array(z.string()),
});
const Disclosure = z.object({
  number: z.number(),
  to: z.string(),
  what: z.string(),
  ground: z.enum(DISCLOSURE_GROUNDS),
  detail: z.string(),
  requestedAt: z.string().nullable(),
  at: z.string(),
  by: z.string().nullable(),
});

export const ERASURE_ANSWERS = {
  holdings: Holdings,
  erase: z.object({ isDone: z.boolean(), erased: Holdings }),
  listDisclosures: z.array(Disclosure),
  addDisclosure: Disclosure,
};

/** Undefined for another command. Throws ZodError for what it does not take. */
export async function performErasure(
  commands: DisclosureCommands & ErasureCommands,
  { command, args }: { readonly command: string; readonly args: unknown },
): Promise<unknown> {
  switch (command) {
    case "holdings":
      return await commands.holdings(ERASURE_ASKS.holdings.parse(args));
    case "erase":
      return await commands.erase(ERASURE_ASKS.erase.parse(args));
    case "listDisclosures":
      return ERASURE_ASKS.listDisclosures.parse(args) && commands.listDisclosures();
    case "addDisclosure":
      return await commands.addDisclosure(ERASURE_ASKS.addDisclosure.parse(args));
    default:
      return undefined;
  }
}
