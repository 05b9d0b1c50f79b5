// The ways by which a steward changes a device: its name and zone, and which thing stands in its place.
import type { Hono } from "hono";
import type { DeviceView } from "../core/commands.ts";
import type { Replacement } from "../core/device-commands.ts";
import { type AppDeps, framed, nowOf, sayNo, type WebContext, type WebEnv } from "./answers.ts";
import { editPage, type ReplaceTyped, replacePage } from "./device-edit-pages.ts";
import { deviceOf, kindOf, NO_DEVICE } from "./device-found.ts";
import { formOf, nameMistake, zoneOf } from "./forms.ts";
import { keepLines, zonesOf } from "./pairing-routes.ts";
import { pinMistake, wireAsked } from "./pin-picker.ts";
import { isReady } from "./proposal-pages.ts";
import { type Refused, refusalOf } from "./refusals.ts";

export function addDeviceEditing(app: Hono<WebEnv>, deps: AppDeps): void {
  addEdit(app, deps);
  addReplace(app, deps);
}

function addEdit(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands } = deps;
  const show = (c: WebContext, device: DeviceView, typed: { name: string; zone: string }, refused?: Refused) => {
    const now = nowOf(c, deps);
    const body = editPage({ device, zones: zonesOf(deps), typed, mistake: refused }, now);
    return c.html(framed(c, deps, { title: now.language.say("device.edit"), body }), refused?.status ?? 200);
  };
  app.get("/devices/:id/edit", (c) => {
    const device = deviceOf(deps, c);
    if (device === undefined) return sayNo(c, deps, NO_DEVICE);
    return show(c, device, { name: device.name, zone: device.zone });
  });
  app.post("/devices/:id/edit", async (c) => {
    const device = deviceOf(deps, c);
    if (device === undefined) return await sayNo(c, deps, NO_DEVICE);
    const { language } = nowOf(c, deps);
    const form = await formOf(c);
    const typed = { name: form("name").trim(), zone: form("zone") };
    const zone = zoneOf(typed.zone);
    const mistake = nameMistake(typed.name, language) ?? (zone === "" ? language.say("device.zone-mistake") : null);
    if (mistake !== null) return show(c, device, typed, { status: 400, sentence: mistake });
    try {
      await commands.changeDevice({ id: device.id, name: typed.name, zone });
      return c.redirect(`/devices/${encodeURIComponent(device.id)}?done=changed`, 303);
    } catch (thrown) {
      return show(c, device, typed, refusalOf(thrown, language));
    }
  });
}

function addReplace(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands, links } = deps;
  const show = (c: WebContext, device: DeviceView, typed: ReplaceTyped, refused?: Refused) => {
    const now = nowOf(c, deps);
    const families = commands.listFamilies().filter(({ id }) => id !== "discovered");
    // What speaks through its own login could not speak any more.
    const proposals = commands.listProposals().filter((each) => isReady(each) && each.via !== device.id);
    const kind = kindOf(deps, device);
    const body = replacePage({ device, kind, families, proposals, typed, mistake: refused }, now);
    return c.html(framed(c, deps, { title: now.language.say("device.replace"), body }), refused?.status ?? 200);
  };
  app.get("/devices/:id/replace", (c) => {
    const device = deviceOf(deps, c);
    if (device === undefined) return sayNo(c, deps, NO_DEVICE);
    return show(c, device, { with: "", profile: "", pin: "", wiring: "" });
  });
  app.post("/devices/:id/replace", async (c) => {
    const device = deviceOf(deps, c);
    if (device === undefined) return await sayNo(c, deps, NO_DEVICE);
    const { language } = nowOf(c, deps);
    const form = await formOf(c);
    const typed = {
      with: form("with"),
      profile: form("profile"),
      pin: form("pin").trim(),
      wiring: form("wiring"),
    };
    const { id } = device;
    const asked = askOf(device, typed);
    if (asked === null) return show(c, device, typed, { status: 400, sentence: language.say("device.replace-choose") });
    if (typed.pin !== "" && pinMistake(typed.pin))
      return show(c, device, typed, { status: 400, sentence: language.say("pairing.pin-mistake") });
    try {
      const credentials = await commands.replaceDevice(asked);
      links.forget({ kind: "device", id });
      // What was announced is set up already.
      if (credentials.setup.length === 0 && credentials.username === null)
        return c.redirect(`/devices/${encodeURIComponent(id)}?done=replaced`, 303);
      return c.redirect(keepLines(c, deps, { kind: "device", credentials }), 303);
    } catch (thrown) {
      return show(c, device, typed, refusalOf(thrown, language));
    }
  });
}

/** Null where nothing was chosen. */
function askOf({ id, profile: before }: DeviceView, typed: ReplaceTyped): Replacement | null {
  const [, proposal] = /^proposal:(.+)$/.exec(typed.with) ?? [];
  if (proposal !== undefined) return { id, proposal };
  const profile = typed.with === "same" ? before : typed.profile;
  if (typed.with === "" || profile === "") return null;
  return { id, profile, ...(typed.pin !== "" && wireAsked(typed)) };
}
