// The pages of devices, bridges and proposals, and the forms by which a steward changes them.
import type { Hono } from "hono";
import type { BridgeView, DeviceView } from "../core/commands.ts";
import { type AppDeps, framed, nowOf, type Sentence, sayNo, type WebContext, type WebEnv } from "./answers.ts";
import { bridgePage, type ShownBridge } from "./bridge-pages.ts";
import { devicePage } from "./device-page.ts";
import { devicesPage } from "./device-pages.ts";
import { confirmPage } from "./form-parts.ts";
import { formOf, zoneOf } from "./forms.ts";
import { type Html, plainName } from "./html.ts";
import { keepLines, titleOf, zonesOf } from "./pairing-routes.ts";
import { proposalPage } from "./proposal-pages.ts";
import { type Refused, refusalOf } from "./refusals.ts";
import { speakersOf } from "./speakers.ts";

const NO_DEVICE: Sentence = { status: 404, title: "Not here", sentence: "There is no such device." };
const NO_BRIDGE: Sentence = { status: 404, title: "Not here", sentence: "There is no such bridge." };
const NO_PROPOSAL: Sentence = {
  status: 404,
  title: "Not here",
  sentence: "This does not wait for approval any more. Somebody may have decided, or it was long ago.",
};

type Kind = "device" | "bridge";
type Confirmed = "credentials" | "revoke" | "remove";

export function addDevices(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands } = deps;
  const live = (c: WebContext, title: string, body: Html) => c.html(framed(c, deps, { title, body, isLive: true }));
  app.get("/devices", (c) => {
    const { devices } = commands.status();
    const shown = { devices, bridges: bridgesOf(deps), proposals: commands.listProposals(), ...asked(c) };
    return live(c, "Devices", devicesPage(shown, nowOf(c, deps)));
  });
  app.get("/devices/:id", (c) => {
    const device = deviceOf(deps, c);
    if (device === undefined) return sayNo(c, deps, NO_DEVICE);
    const listed = commands.listDevices().find(({ id }) => id === device.id);
    const speaker = speakersOf(commands)(device.id);
    const shown = { device, listed, speaker, messages: commands.deviceHeard(device.id), ...asked(c) };
    return live(c, plainName(device.name), devicePage(shown, nowOf(c, deps)));
  });
  app.get("/bridges/:id", (c) => {
    const shown = bridgesOf(deps).find(({ bridge }) => bridge.id === c.req.param("id"));
    if (shown === undefined) return sayNo(c, deps, NO_BRIDGE);
    return live(c, `${shown.title} bridge`, bridgePage(shown, { now: nowOf(c, deps), ...asked(c) }));
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
        return await sayNo(c, deps, { ...refusalOf(thrown), title: "Not done" });
      }
      const done = { pause: "paused", resume: "resumed", switch: "switched" }[change];
      return c.redirect(`/devices/${encodeURIComponent(id)}?done=${done}`, 303);
    });
  }
  addProposals(app, deps);
}

function addProposals(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands } = deps;
  const proposalOf = (c: WebContext) => commands.listProposals().find(({ id }) => id === c.req.param("id"));
  app.get("/proposals/:id", (c) => {
    const proposal = proposalOf(c);
    if (proposal === undefined) return sayNo(c, deps, NO_PROPOSAL);
    const typed = { zone: zoneOfDevice(deps, proposal.deviceId), name: plainName(proposal.name), profile: "" };
    const shown = { proposal, families: commands.listFamilies(), zones: zonesOf(deps), typed, mistake: undefined };
    return c.html(framed(c, deps, { title: "Approve", body: proposalPage(shown, nowOf(c, deps)) }));
  });
  app.post("/proposals/:id/approve", async (c) => {
    const proposal = proposalOf(c);
    if (proposal === undefined) return await sayNo(c, deps, NO_PROPOSAL);
    const form = await formOf(c);
    const typed = { zone: form("zone"), name: form("name").trim(), profile: form("profile") };
    const [zone, { name, profile }] = [zoneOf(typed.zone), typed];
    const again = ({ sentence, status }: Refused) => {
      const shown = { proposal, families: commands.listFamilies(), zones: zonesOf(deps), typed, mistake: sentence };
      return c.html(framed(c, deps, { title: "Approve", body: proposalPage(shown, nowOf(c, deps)) }), status);
    };
    if (zone === "")
      return again({ status: 400, sentence: "Please write the zone with Latin letters or digits, such as porch." });
    try {
      const ask = { zone, ...(name !== "" && { name }), ...(profile !== "" && { profile }) };
      const { id } = await commands.approve({ proposal: proposal.id, ...ask });
      return c.redirect(`/devices/${encodeURIComponent(id)}?done=approved`, 303);
    } catch (thrown) {
      return again(refusalOf(thrown));
    }
  });
  app.post("/proposals/:id/dismiss", async (c) => {
    try {
      await commands.dismiss({ proposal: c.req.param("id") });
      return c.redirect("/devices?done=dismissed", 303);
    } catch (thrown) {
      return await sayNo(c, deps, { ...refusalOf(thrown), title: "Not done" });
    }
  });
}

/** What is asked once more before it is done: each with its question, and the same path for its form. */
function addConfirmed(app: Hono<WebEnv>, deps: AppDeps, kind: Kind): void {
  for (const change of ["credentials", "revoke", "remove"] as const) {
    const confirm = (c: WebContext, id: string, refused?: Refused) => {
      const at = `/${kind}s/${encodeURIComponent(id)}`;
      const isDangerous = change !== "credentials";
      const asking = { ...question(change, kind, nameIn(deps, kind, id)), action: `${at}/${change}`, back: at };
      const body = confirmPage({ ...asking, isDangerous, mistake: refused?.sentence });
      return c.html(framed(c, deps, { title: asking.button, body }), refused?.status ?? 200);
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
        return confirm(c, id, refusalOf(thrown));
      }
    });
  }
}

function question(change: Confirmed, kind: Kind, name: string): { title: string; sentence: string; button: string } {
  const all = kind === "bridge" ? " No device that it speaks for is heard until it has a new one." : "";
  switch (change) {
    case "credentials":
      return {
        title: `A new login for ${name}?`,
        sentence: "Its old one ends at once. The new one is shown next, with the lines to type.",
        button: "Make a new login",
      };
    case "revoke":
      return {
        title: `Revoke the login of ${name}?`,
        sentence: `Its connection ends, and it is not heard any more. It stays in the list.${all}`,
        button: "Revoke its login",
      };
    case "remove":
      return {
        title: `Remove ${name}?`,
        sentence: "It leaves the list, and its login ends. What it has told already is not deleted by this.",
        button: "Remove it",
      };
  }
}

function asked(c: WebContext): { readonly isSteward: boolean; readonly done: string | undefined } {
  return { isSteward: c.get("session")?.role === "steward", done: c.req.query("done") };
}

function deviceOf({ commands }: AppDeps, c: WebContext): DeviceView | undefined {
  return commands.status().devices.find(({ id }) => id === c.req.param("id"));
}

function zoneOfDevice({ commands }: AppDeps, deviceId: string | null): string {
  return commands.listDevices().find(({ id }) => id === deviceId)?.zone ?? "";
}

function nameIn({ commands }: AppDeps, kind: Kind, id: string): string {
  if (kind === "bridge") return `the bridge ${id}`;
  return plainName(commands.listDevices().find((each) => each.id === id)?.name ?? id);
}

/** The bridges as their pages show them. */
function bridgesOf({ commands }: AppDeps): readonly ShownBridge[] {
  const families = commands.listFamilies();
  const speakerOf = speakersOf(commands);
  const speakers = commands.listDevices().map(({ id }) => speakerOf(id));
  return commands.listBridges().map((bridge: BridgeView) => ({
    bridge,
    title: titleOf(families, bridge.family),
    devices: speakers.filter((speaker) => speaker.kind === "bridge" && speaker.bridge.id === bridge.id).length,
  }));
}
