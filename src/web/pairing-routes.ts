// The way a sensor or bridge is added on the page: the steps of the wizard, and the steward's own page of set-up lines.
import type { Hono } from "hono";
import type { Language } from "../languages/say.ts";
import { type AppDeps, framed, nowOf, type Refusal, sayNo, type WebContext, type WebEnv } from "./answers.ts";
import { searched, type ShownFamily } from "./families.ts";
import { FIELD_CHARS, formOf, nameMistake, zoneOf } from "./forms.ts";
import { type Html, plainName } from "./html.ts";
import { Once } from "./once.ts";
import { linesPage } from "./pairing-lines.ts";
import type { Paired } from "./pairing-links.ts";
import { familiesPage, isWired, newBridgePage, newDevicePage, type Typed } from "./pairing-pages.ts";
import { pinMistake, takenPins, wireAsked } from "./pin-picker.ts";
import { readingsInWords, reasonOf, type ReasonWords } from "./reason-words.ts";
import { type Refused, refusalOf } from "./refusals.ts";
import { thenIn, thenOf, withThen } from "./then.ts";

const NO_FAMILY: Refusal = { status: 404, title: "device.not-here", key: "pairing.no-family" };
const NO_LINES: Refusal = { status: 404, title: "pairing.lines-over-title", key: "pairing.lines-over" };
const NOTHING: Typed = { profile: "", name: "", zone: "", pin: "", wiring: "" };

export function addPairing(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands } = deps;
  const once = new Once();
  // What was discovered is approved, not added.
  const families = () => commands.listFamilies().filter(({ id }) => id !== "discovered");
  const familyOf = (c: WebContext) => families().find(({ id }) => id === c.req.param("family"));
  const hasBridge = ({ id, bridgeBase }: ShownFamily) =>
    bridgeBase === null ? null : commands.listBridges().some(({ family }) => family === id);
  const show = (c: WebContext, title: string, body: Html, status: Refused["status"] | 200) =>
    c.html(framed(c, deps, { title, body }), status);
  const addTitle = (c: WebContext, { title }: ShownFamily) =>
    nowOf(c, deps).language.say("pairing.add", { family: plainName(title) });
  const showDevice = (c: WebContext, family: ShownFamily, { typed, onward, refused }: Again<Typed>) => {
    const shown = { family, typed, onward, mistake: refused, once: once.word(), hasBridge: hasBridge(family) };
    const lists = { zones: zonesOf(deps), taken: takenPins(commands.listDevices()) };
    return show(c, addTitle(c, family), newDevicePage({ ...shown, ...lists }, nowOf(c, deps)), refused?.status ?? 200);
  };
  const showBridge = (c: WebContext, family: ShownFamily, { typed, onward, refused }: Again<{ base: string }>) => {
    const body = newBridgePage({ family, typed, onward, mistake: refused, once: once.word() }, nowOf(c, deps));
    return show(c, addTitle(c, family), body, refused?.status ?? 200);
  };

  app.get("/devices/new", (c) => {
    const now = nowOf(c, deps);
    const q = (c.req.query("q") ?? "").trim().slice(0, FIELD_CHARS.name);
    const found = searched(families(), q, now.language);
    return show(
      c,
      now.language.say("pairing.title"),
      familiesPage({ families: found, q, onward: thenIn(c) }, now),
      200,
    );
  });
  app.get("/devices/new/:family", (c) => {
    const family = familyOf(c);
    if (family === undefined) return sayNo(c, deps, NO_FAMILY);
    const onward = thenIn(c);
    if (hasBridge(family) === false) return showBridge(c, family, { typed: { base: family.bridgeBase ?? "" }, onward });
    return showDevice(c, family, { typed: NOTHING, onward });
  });
  app.get("/devices/new/:family/bridge", (c) => {
    const family = familyOf(c);
    if (family === undefined || family.bridgeBase === null) return sayNo(c, deps, NO_FAMILY);
    return showBridge(c, family, { typed: { base: family.bridgeBase }, onward: thenIn(c) });
  });
  app.post("/devices/new/:family", async (c) => {
    const family = familyOf(c);
    if (family === undefined) return await sayNo(c, deps, NO_FAMILY);
    const { language } = nowOf(c, deps);
    const form = await formOf(c);
    const onward = thenOf(form("then"));
    const typed = {
      profile: form("profile"),
      name: form("name").trim(),
      zone: form("zone"),
      // A number that was typed counts more than the picture.
      pin: form("pin").trim() || form("pick"),
      wiring: form("wiring"),
    };
    const ask = {
      profile: typed.profile,
      zone: zoneOf(typed.zone),
      ...(typed.name !== "" && { name: typed.name }),
      ...(isWired(family) && wireAsked(typed)),
    };
    const sentence = mistakeIn(family, { ...typed, zone: ask.zone }, language);
    if (sentence !== null) return showDevice(c, family, { typed, onward, refused: { status: 400, sentence } });
    return await once
      .run(form("once"), async () =>
        keepLines(c, deps, { kind: "device", credentials: await commands.pairDevice(ask) }),
      )
      .then((path) => c.redirect(withThen(path, onward), 303))
      .catch((thrown: unknown) => showDevice(c, family, { typed, onward, refused: refusalOf(thrown, language) }));
  });
  app.post("/devices/new/:family/bridge", async (c) => {
    const family = familyOf(c);
    if (family === undefined || family.bridgeBase === null) return await sayNo(c, deps, NO_FAMILY);
    const { language } = nowOf(c, deps);
    const form = await formOf(c);
    const onward = thenOf(form("then"));
    const ask = { family: family.id, base: form("base").trim() };
    return await once
      .run(form("once"), async () => keepLines(c, deps, { kind: "bridge", credentials: await commands.addBridge(ask) }))
      .then((path) => c.redirect(withThen(path, onward), 303))
      .catch((thrown: unknown) => showBridge(c, family, { typed: ask, onward, refused: refusalOf(thrown, language) }));
  });
  app.get("/paired/:ref", (c) => {
    const kept = deps.links.ofOwner(c.req.param("ref"), c.get("session")?.user ?? "");
    if (kept === undefined) return sayNo(c, deps, NO_LINES);
    const now = nowOf(c, deps);
    const name = nameOf(deps, kept, now.language);
    const url = kept.credentials.link ?? null;
    const body = linesPage(
      {
        ...kept,
        name,
        said: kept.heardAt === null ? "" : saidBy(deps, kept, now.language),
        unused: kept.heardAt === null ? unusedOf(deps, kept, now.language) : null,
        page: pageOf(kept),
        link: url === null ? null : { url, isUsed: kept.isUsed },
        onward: thenIn(c),
      },
      now,
    );
    return c.html(
      framed(c, deps, { title: now.language.say("pairing.set-up", { name: plainName(name) }), body, isLive: true }),
    );
  });
}

type Again<T> = { readonly typed: T; readonly onward: string; readonly refused?: Refused };

/** Keeps the lines for their maker; the path of the page that shows them. */
export function keepLines(
  c: WebContext,
  { links }: Pick<AppDeps, "links">,
  paired: Pick<Paired, "kind" | "credentials">,
): string {
  const owner = c.get("session")?.user ?? null;
  return `/paired/${links.make({ ...paired, owner, askedAs: c.req.header("host") ?? "" }).ref}`;
}

/** Its own page. */
export function pageOf({ kind, credentials: { id } }: Pick<Paired, "kind" | "credentials">): string {
  return `/${kind}s/${encodeURIComponent(id)}`;
}

/** What people call it: a device by its name, a bridge by its family. */
export function nameOf(
  { commands }: Pick<AppDeps, "commands">,
  { kind, credentials: { id } }: Pick<Paired, "kind" | "credentials">,
  language: Language,
): string {
  if (kind === "device") return commands.listDevices().find((each) => each.id === id)?.name ?? id;
  const family = commands.listBridges().find((each) => each.id === id)?.family;
  return language.say("bridge.name", { family: titleOf(commands.listFamilies(), family ?? id) });
}

/** A family's title, or its id where it is not known any more. */
export function titleOf(families: readonly ShownFamily[], id: string): string {
  return families.find((each) => each.id === id)?.title ?? id;
}

/** The zones of the kit, sorted: for choosing one again instead of writing it differently. */
export function zonesOf({ commands }: Pick<AppDeps, "commands">): readonly string[] {
  const { devices, cameras } = commands.status();
  return [...new Set([...devices, ...cameras].map(({ zone }) => zone))].toSorted();
}

/** Of what came since the login was made: without it a wrong topic looks like silence. */
function unusedOf(
  { commands }: AppDeps,
  { kind, credentials: { id }, madeMs }: Paired,
  language: Language,
): ReasonWords | null {
  if (kind === "bridge" || !commands.listDevices().some((each) => each.id === id)) return null;
  const newest = commands.deviceHeard(id).find(({ at }) => Date.parse(at) >= madeMs);
  return newest === undefined || newest.reason === null ? null : reasonOf(newest.reason, language);
}

function saidBy(
  { commands }: AppDeps,
  { kind, credentials }: Pick<Paired, "kind" | "credentials">,
  language: Language,
): string {
  if (kind === "bridge") return "";
  const [newest] = commands.deviceHeard(credentials.id);
  return newest === undefined ? "" : readingsInWords(newest.readings, language);
}

function mistakeIn(family: ShownFamily, { profile, name, zone, pin }: Typed, language: Language): string | null {
  if (!family.profiles.some(({ id }) => id === profile)) return language.say("pairing.choose");
  if (zone === "") return language.say("device.zone-mistake");
  if (isWired(family) && pinMistake(pin)) return language.say("pairing.pin-mistake");
  return nameMistake(name, language);
}
