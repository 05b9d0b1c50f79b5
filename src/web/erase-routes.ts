// The page Erase with its forms, and the same as JSON: a steward erases what is held, and sees before what it is.
import type { Hono } from "hono";
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import { endOfPeriod } from "../core/period.ts";
import { languageOf, type MessageKey } from "../languages/say.ts";
import { type AppDeps, framed, nowOf, type WebContext, type WebEnv } from "./answers.ts";
import { change } from "./device-api.ts";
import { type Chosen, type Erased, erasedPage, erasePage, lookPage, OTHERS_CHARS } from "./erase-page.ts";
import { FIELD_CHARS, formOf } from "./forms.ts";
import { ERASURE_ASKS } from "./local-erasure.ts";
import { type Refused, refusalOf } from "./refusals.ts";

const id = z.string().min(1).max(FIELD_CHARS.id);
export const EraseAsk = z.strictObject({
  devices: z.array(id).default([]),
  cameras: z.array(id).default([]),
  from: z.string().max(64).exactOptional(),
  to: z.string().max(64).exactOptional(),
  dryRun: z.boolean().default(false),
});
type Ask = z.infer<(typeof ERASURE_ASKS)["holdings"]>;

const ENGLISH = languageOf("en");

export function addErase(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands } = deps;
  app.get("/erase", (c) => choose(c, deps, chosenIn(c)));
  app.get("/erase/look", async (c) => {
    const ask = askOf(chosenIn(c), deps);
    if (typeof ask === "string") return choose(c, deps, chosenIn(c), ill(c, deps, ask));
    try {
      return await look(c, deps, ask);
    } catch (thrown) {
      return choose(c, deps, chosenIn(c), refusalOf(thrown, nowOf(c, deps).language));
    }
  });
  app.post("/erase", async (c) => {
    const form = await formOf(c);
    const ask = ERASURE_ASKS.holdings.safeParse(parsed(form("ask"))).data;
    if (ask === undefined || !isNamed(ask)) return choose(c, deps, chosenIn(c), ill(c, deps, "erasing.nothing-chosen"));
    try {
      const { isDone, erased } = await commands.erase({ ...ask, by: "steward" });
      return c.redirect(`/erase/done?${doneQuery({ isDone, ...erased })}`, 303);
    } catch (thrown) {
      return choose(c, deps, chosenIn(c), refusalOf(thrown, nowOf(c, deps).language));
    }
  });
  app.get("/erase/done", (c) => {
    const count = (name: string) => Math.min(Number(/^\d{1,9}$/.exec(c.req.query(name) ?? "")?.[0] ?? 0), 1e9);
    const done = { entries: count("entries"), rejected: count("rejected"), pictures: count("pictures") };
    const isDone = c.req.query("isDone") === "true";
    const { language } = nowOf(c, deps);
    const title = language.say(isDone ? "erasing.done-title" : "erasing.doing-title");
    return c.html(framed(c, deps, { title, body: erasedPage({ ...done, isDone }, language) }));
  });
}

/** `POST /api/v1/erase`: as the command line's; with `dryRun` what is held. Times in ISO 8601, or a day. */
export function addEraseApi(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands } = deps;
  app.post("/api/v1/erase", async (c) => {
    return change(c, EraseAsk, async ({ dryRun, devices, cameras, from = "", to = "" }) => {
      const ask = askOf({ devices, cameras, others: "", from, to }, deps);
      if (typeof ask === "string") throw new GatewayError("USAGE", ENGLISH.say(ask));
      if (dryRun) return { isDone: false, held: await commands.holdings(ask) };
      return commands.erase({ ...ask, by: "steward" });
    });
  });
}

function choose(c: WebContext, deps: AppDeps, chosen: Chosen, refused?: Refused): Response | Promise<Response> {
  const { devices, cameras } = deps.commands.status();
  const { language } = nowOf(c, deps);
  const body = erasePage({ devices, cameras, chosen, mistake: refused }, language);
  return c.html(framed(c, deps, { title: language.say("erasing.title"), body }), refused?.status ?? 200);
}

/** What is wrong with a choice, in the reader's language. */
function ill(c: WebContext, deps: AppDeps, key: MessageKey): Refused {
  return { status: 400, sentence: nowOf(c, deps).language.say(key) };
}

async function look(c: WebContext, deps: AppDeps, ask: Ask): Promise<Response> {
  const held = await deps.commands.holdings(ask);
  const back = new URL(c.req.url).search.slice(1);
  const now = nowOf(c, deps);
  const title = now.language.say("erasing.held-title");
  return c.html(framed(c, deps, { title, body: lookPage({ held, ask, back }, now) }));
}

/** From the address, as the form of step 1 and links of other pages write it. */
function chosenIn(c: WebContext): Chosen {
  const all = (name: string) => (c.req.queries(name) ?? []).map((value) => value.slice(0, FIELD_CHARS.id));
  const one = (name: string, chars: number) => (c.req.query(name) ?? "").slice(0, chars);
  return {
    devices: all("device"),
    cameras: all("camera"),
    others: one("others", OTHERS_CHARS),
    from: one("from", 64),
    to: one("to", 64),
  };
}

/** Or the key of what is wrong with it. */
function askOf({ devices, cameras, others, from, to }: Chosen, { settings }: AppDeps): Ask | MessageKey {
  const { timezone } = settings.gateway;
  const ends = [endOfPeriod(from, { timezone, isEnd: false }), endOfPeriod(to, { timezone, isEnd: true })] as const;
  if ((from !== "" && ends[0] === null) || (to !== "" && ends[1] === null)) return "erasing.no-time";
  const ask: Ask = {
    devices: [...devices, ...others.split(/[\s,]+/).filter((each) => each !== "")],
    cameras: [...cameras],
    ...(ends[0] !== null && { from: ends[0] }),
    ...(ends[1] !== null && { to: ends[1] }),
  };
  return isNamed(ask) ? ask : "erasing.nothing-chosen";
}

function isNamed({ devices, cameras, from, to }: Ask): boolean {
  return devices.length > 0 || cameras.length > 0 || from !== undefined || to !== undefined;
}

function doneQuery({ isDone, entries, rejected, pictures }: Erased): string {
  const numbers = { entries: String(entries), rejected: String(rejected), pictures: String(pictures) };
  return new URLSearchParams({ isDone: String(isDone), ...numbers }).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it in its own words
  }
}
