// The pages of devices and bridges, and the forms by which a steward changes them.
import type { Hono } from "hono";
import type { BridgeView, DeviceView } from "../core/commands.ts";
import type { Language } from "../languages/say.ts";
import { type AppDeps, framed, nowOf, type Refusal, sayNo, type WebContext, type WebEnv } from "./answers.ts";
import { bridgePage, type ShownBridge } from "./bridge-pages.ts";
import { addDeviceEditing } from "./device-edit-routes.ts";
import { deviceOf, kindOf, NO_DEVICE } from "./device-found.ts";
import { filterIn } from "./device-filter.ts";
import { devicePage } from "./device-page.ts";
import { devicesPage } from "./device-pages.ts";
import { confirmPage } from "./form-parts.ts";
import { formOf } from "./forms.ts";
import { type Html, named, plainName } from "./html.ts";
import { historyOfThing } from "./history-page.ts";
import { usualFirst } from "./families.ts";
import { keepLines, titleOf } from "./pairing-routes.ts";
import { addProposals } from "./proposal-routes.ts";
import { type Refused, refusalOf } from "./refusals.ts";
import { sentence } from "./sentence.ts";
import { speakersOf } from "./speakers.ts";
import { thenIn } from "./then.ts";

const NO_BRIDGE: Refusal = { status: 404, title: "device.not-here", key: "bridge.none-here" };

type Kind = "device" | "bridge";

export function addDevices(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands } = deps;
  const live = (c: WebContext, title: string, body: Html) => c.html(framed(c, deps, { title, body, isLive: true }));
  app.get("/devices", (c) => {
    const now = nowOf(c, deps);
    const { devices } = commands.status();
    const families = commands.listFamilies();
    const usual = usualFirst(families).usual;
    const speaks = ({ profile }: DeviceView) => titleOf(families, profile.split("/")[0] ?? profile);
    const lists = { bridges: bridgesOf(deps), proposals: commands.listProposals() };
    const shown = { devices, ...lists, filter: filterIn(c), speaks, usual, onward: thenIn(c), ...asked(c) };
    return live(c, now.language.say("device.title"), devicesPage(shown, now));
  });
  app.get("/devices/:id", (c) => {
    const device = deviceOf(deps, c);
    if (device === undefined) return sayNo(c, deps, NO_DEVICE);
    const listed = commands.listDevices().find(({ id }) => id === device.id);
    const speaker = speakersOf(commands)(device.id);
    const messages = commands.deviceHeard(device.id);
    const now = nowOf(c, deps);
    const historyOf: typeof commands.historyOf = (kind, id) => commands.historyOf(kind, id);
    const history = historyOfThing({ kind: "device", id: device.id }, { historyOf, now });
    const shown = {
      device,
      listed,
      speaker,
      messages,
      history,
      kind: kindOf(deps, device),
      onward: thenIn(c),
      ...asked(c),
    };
    return live(c, plainName(device.name), devicePage(shown, now));
  });
  app.get("/bridges/:id", (c) => {
    const shown = bridgesOf(deps).find(({ bridge }) => bridge.id === c.req.param("id"));
    if (shown === undefined) return sayNo(c, deps, NO_BRIDGE);
    const now = nowOf(c, deps);
    const title = now.language.say("bridge.name", { family: plainName(shown.title) });
    return live(c, title, bridgePage(shown, { now, ...asked(c) }));
  });
  addConfirmed(app, deps, "device");
  addConfirmed(app, deps, "bridge");
  for (const change of ["pause", "resume", "switch"] as const) {
    app.post(`/devices/:id/${change}`, async (c) => {
      const device = deviceOf(deps, c);
      if (device === undefined) return await sayNo(c, deps, NO_DEVICE);
      const { id } = device;
      const form = await formOf(c);
      const by = c.get("session")?.user ?? "";
      try {
        if (change === "switch") await commands.switchLamp({ id, isOn: form("isOn") === "true", by });
        else await commands.pause({ id, isPaused: change === "pause" });
      } catch (thrown) {
        const { language } = nowOf(c, deps);
        return await sayNo(c, deps, { ...refusalOf(thrown, language), title: language.say("device.not-done") });
      }
      const done = { pause: "paused", resume: "resumed", switch: "switched" }[change];
      return c.redirect(`/devices/${encodeURIComponent(id)}?done=${done}`, 303);
    });
  }
  addDeviceEditing(app, deps);
  addProposals(app, deps);
}

/** What is asked once more before it is done: each with its question, and the same path for its form. */
function addConfirmed(app: Hono<WebEnv>, deps: AppDeps, kind: Kind): void {
  for (const change of ["credentials", "revoke", "remove"] as const) {
    const confirm = (c: WebContext, id: string, refused?: Refused) => {
      const at = `/${kind}s/${encodeURIComponent(id)}`;
      const { language } = nowOf(c, deps);
      const name = nameIn(deps, { kind, id, language });
      const title = sentence(language, `device.ask-${change}`, { name: { html: named(name) } });
      const what = language.say(`${kind}.ask-${change}-what`);
      const goes = kind === "device" && change === "remove" ? ` ${language.say("device.ask-remove-goes")}` : "";
      const asking = { title, sentence: `${what}${goes}`, action: `${at}/${change}`, back: at };
      const button = language.say(`device.ask-${change}-do`);
      const isDangerous = change !== "credentials";
      const body = confirmPage({ ...asking, language, button, isDangerous, mistake: refused });
      return c.html(framed(c, deps, { title: button, body }), refused?.status ?? 200);
    };
    const idOf = (c: WebContext) => {
      const things: readonly { readonly id: string }[] =
        kind === "device" ? commands.listDevices() : commands.listBridges();
      return things.find(({ id }) => id === c.req.param("id"))?.id;
    };
    const { commands, links } = deps;
    const nowhere = kind === "device" ? NO_DEVICE : NO_BRIDGE;
    app.get(`/${kind}s/:id/${change}`, (c) => {
      const id = idOf(c);
      return id === undefined ? sayNo(c, deps, nowhere) : confirm(c, id);
    });
    app.post(`/${kind}s/:id/${change}`, async (c) => {
      const id = idOf(c);
      if (id === undefined) return await sayNo(c, deps, nowhere);
      try {
        if (change === "credentials")
          return c.redirect(
            keepLines(c, deps, { kind, credentials: await commands.renewCredentials({ kind, id }) }),
            303,
          );
        await commands[change]({ kind, id });
        links.forget({ kind, id });
        return c.redirect(
          change === "remove" ? "/devices?done=removed" : `/${kind}s/${encodeURIComponent(id)}?done=revoked`,
          303,
        );
      } catch (thrown) {
        return confirm(c, id, refusalOf(thrown, nowOf(c, deps).language));
      }
    });
  }
}

function asked(c: WebContext): { readonly isSteward: boolean; readonly done: string | undefined } {
  return { isSteward: c.get("session")?.role === "steward", done: c.req.query("done") };
}

type Thing = { readonly kind: Kind; readonly id: string; readonly language: Language };

function nameIn({ commands }: AppDeps, { kind, id, language }: Thing): string {
  if (kind === "bridge") return language.say("bridge.the-id", { id });
  return plainName(commands.listDevices().find((each) => each.id === id)?.name ?? id);
}

/** The bridges as their pages show them. */
export function bridgesOf({ commands }: Pick<AppDeps, "commands">): readonly ShownBridge[] {
  const families = commands.listFamilies();
  const speakerOf = speakersOf(commands);
  const speakers = commands.listDevices().map(({ id }) => speakerOf(id));
  return commands.listBridges().map((bridge: BridgeView) => ({
    bridge,
    title: titleOf(families, bridge.family),
    devices: speakers.filter((speaker) => speaker.kind === "bridge" && speaker.bridge.id === bridge.id).length,
  }));
}
