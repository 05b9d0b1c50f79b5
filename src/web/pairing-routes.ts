// The way a sensor or bridge is added on the page: the steps of the wizard, and the steward's own page of set-up lines.
import type { Hono } from "hono";
import { type AppDeps, framed, nowOf, type Sentence, sayNo, type WebContext, type WebEnv } from "./answers.ts";
import { formOf, nameMistake, PIN_MAX, zoneOf } from "./forms.ts";
import { type Html, plainName } from "./html.ts";
import { Once } from "./once.ts";
import type { Paired } from "./pairing-links.ts";
import {
  familiesPage,
  linesPage,
  newBridgePage,
  newDevicePage,
  isWired,
  type ShownFamily,
  type Typed,
} from "./pairing-pages.ts";
import { readingWords, reasonOf, type ReasonWords } from "./reason-words.ts";
import { type Refused, refusalOf } from "./refusals.ts";

const NO_FAMILY: Sentence = { status: 404, title: "Not here", sentence: "There is no such kind of device." };
const NO_LINES: Sentence = {
  status: 404,
  title: "Over",
  sentence: "These lines are not shown any more. If they got lost, make a new login on the device's own page.",
};

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
  const showDevice = (c: WebContext, family: ShownFamily, { typed, refused }: { typed: Typed; refused?: Refused }) => {
    const shown = { family, typed, mistake: refused?.sentence, once: once.word(), hasBridge: hasBridge(family) };
    const body = newDevicePage({ ...shown, zones: zonesOf(deps) });
    return show(c, `Add: ${family.title}`, body, refused?.status ?? 200);
  };
  const showBridge = (c: WebContext, family: ShownFamily, { base, refused }: { base: string; refused?: Refused }) => {
    const body = newBridgePage({ family, typed: { base }, mistake: refused?.sentence, once: once.word() });
    return show(c, `Add: ${family.title}`, body, refused?.status ?? 200);
  };

  app.get("/devices/new", (c) => show(c, "Add a device", familiesPage(families()), 200));
  app.get("/devices/new/:family", (c) => {
    const family = familyOf(c);
    if (family === undefined) return sayNo(c, deps, NO_FAMILY);
    if (hasBridge(family) === false) return showBridge(c, family, { base: family.bridgeBase ?? "" });
    return showDevice(c, family, { typed: { profile: "", name: "", zone: "", pin: "", wiring: "" } });
  });
  app.get("/devices/new/:family/bridge", (c) => {
    const family = familyOf(c);
    if (family === undefined || family.bridgeBase === null) return sayNo(c, deps, NO_FAMILY);
    return showBridge(c, family, { base: family.bridgeBase });
  });
  app.post("/devices/new/:family", async (c) => {
    const family = familyOf(c);
    if (family === undefined) return await sayNo(c, deps, NO_FAMILY);
    const form = await formOf(c);
    const typed = {
      profile: form("profile"),
      name: form("name").trim(),
      zone: form("zone"),
      pin: form("pin").trim(),
      wiring: form("wiring"),
    };
    const ask = {
      profile: typed.profile,
      zone: zoneOf(typed.zone),
      ...(typed.name !== "" && { name: typed.name }),
      ...(isWired(family) && wireAsked(typed)),
    };
    const mistake = mistakeIn(family, { ...typed, zone: ask.zone });
    if (mistake !== null) return showDevice(c, family, { typed, refused: { status: 400, sentence: mistake } });
    return await once
      .run(form("once"), async () =>
        keepLines(c, deps, { kind: "device", credentials: await commands.pairDevice(ask) }),
      )
      .then((path) => c.redirect(path, 303))
      .catch((thrown: unknown) => showDevice(c, family, { typed, refused: refusalOf(thrown) }));
  });
  app.post("/devices/new/:family/bridge", async (c) => {
    const family = familyOf(c);
    if (family === undefined || family.bridgeBase === null) return await sayNo(c, deps, NO_FAMILY);
    const form = await formOf(c);
    const ask = { family: family.id, base: form("base").trim() };
    return await once
      .run(form("once"), async () => keepLines(c, deps, { kind: "bridge", credentials: await commands.addBridge(ask) }))
      .then((path) => c.redirect(path, 303))
      .catch((thrown: unknown) => showBridge(c, family, { base: ask.base, refused: refusalOf(thrown) }));
  });
  app.get("/paired/:ref", (c) => {
    const kept = deps.links.ofOwner(c.req.param("ref"), c.get("session")?.user ?? "");
    if (kept === undefined) return sayNo(c, deps, NO_LINES);
    const name = nameOf(deps, kept);
    const url = kept.credentials.link ?? null;
    const body = linesPage(
      {
        ...kept,
        name,
        said: kept.heardAt === null ? "" : saidBy(deps, kept),
        unused: kept.heardAt === null ? unusedOf(deps, kept) : null,
        page: pageOf(kept),
        link: url === null ? null : { url, isUsed: kept.isUsed },
      },
      nowOf(c, deps),
    );
    return c.html(framed(c, deps, { title: `Set up ${plainName(name)}`, body, isLive: true }));
  });
}

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
): string {
  if (kind === "device") return commands.listDevices().find((each) => each.id === id)?.name ?? id;
  const family = commands.listBridges().find((each) => each.id === id)?.family;
  return `the ${titleOf(commands.listFamilies(), family ?? id)} bridge`;
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
function unusedOf({ commands }: AppDeps, { kind, credentials: { id }, madeMs }: Paired): ReasonWords | null {
  if (kind === "bridge" || !commands.listDevices().some((each) => each.id === id)) return null;
  const newest = commands.deviceHeard(id).find(({ at }) => Date.parse(at) >= madeMs);
  return newest === undefined || newest.reason === null ? null : reasonOf(newest.reason);
}

function saidBy({ commands }: AppDeps, { kind, credentials }: Pick<Paired, "kind" | "credentials">): string {
  if (kind === "bridge") return "";
  const [newest] = commands.deviceHeard(credentials.id);
  return newest?.readings.map(readingWords).join(", ") ?? "";
}

/** A contact to GND needs the pin pulled up, and is closed where the pin is 0. */
function wireAsked({ pin, wiring }: Typed) {
  return { pin: Number(pin), ...(wiring === "ground" && { activeLow: true, pull: "up" as const }) };
}

function mistakeIn(family: ShownFamily, { profile, name, zone, pin }: Typed): string | null {
  if (!family.profiles.some(({ id }) => id === profile)) return "Please choose what it is.";
  if (zone === "") return "Please write the zone with Latin letters or digits, such as porch.";
  if (isWired(family) && !(/^\d{1,4}$/.test(pin) && Number(pin) <= PIN_MAX))
    return "Please give the pin's BCM number, such as 17.";
  return nameMistake(name);
}
