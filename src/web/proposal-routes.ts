// The ways by which what announced itself is approved: one by one, or several into one zone; or dismissed.
import type { Hono } from "hono";
import type { ProposalView } from "../core/commands.ts";
import { type AppDeps, framed, nowOf, type Refusal, sayNo, type WebContext, type WebEnv } from "./answers.ts";
import { formOf, zoneOf } from "./forms.ts";
import { plainName } from "./html.ts";
import { zonesOf } from "./pairing-routes.ts";
import { chosenField, isReady, likelyZone, proposalPage, severalPage } from "./proposal-pages.ts";
import type { Mistake } from "./refusal-page.ts";
import { type Refused, refusalOf } from "./refusals.ts";
import { thenIn, thenOf, withThen } from "./then.ts";

const NO_PROPOSAL: Refusal = { status: 404, title: "device.not-here", key: "proposal.gone" };

export function addProposals(app: Hono<WebEnv>, deps: AppDeps): void {
  addSeveral(app, deps);
  const { commands } = deps;
  const proposalOf = (c: WebContext) => commands.listProposals().find(({ id }) => id === c.req.param("id"));
  const show = (c: WebContext, proposal: ProposalView, { typed, onward, refused }: Shown) => {
    const now = nowOf(c, deps);
    const shown = {
      proposal,
      families: commands.listFamilies(),
      zones: zonesOf(deps),
      typed,
      onward,
      mistake: refused,
    };
    const body = proposalPage(shown, now);
    return c.html(framed(c, deps, { title: now.language.say("proposal.title"), body }), refused?.status ?? 200);
  };
  app.get("/proposals/:id", (c) => {
    const proposal = proposalOf(c);
    if (proposal === undefined) return sayNo(c, deps, NO_PROPOSAL);
    const { deviceId } = proposal;
    const zone = deviceId === null ? likelyZone(proposal, zonesOf(deps)) : zoneOfDevice(deps, deviceId);
    return show(c, proposal, { typed: { zone, name: plainName(proposal.name), profile: "" }, onward: thenIn(c) });
  });
  app.post("/proposals/:id/approve", async (c) => {
    const proposal = proposalOf(c);
    if (proposal === undefined) return await sayNo(c, deps, NO_PROPOSAL);
    const { language } = nowOf(c, deps);
    const form = await formOf(c);
    const typed = { zone: form("in") || form("zone"), name: form("name").trim(), profile: form("profile") };
    const [zone, { name, profile }] = [zoneOf(typed.zone), typed];
    const onward = thenOf(form("then"));
    const again = (refused: Refused) => show(c, proposal, { typed, onward, refused });
    if (zone === "") return again({ status: 400, sentence: language.say("device.zone-mistake") });
    try {
      const ask = { zone, ...(name !== "" && { name }), ...(profile !== "" && { profile }) };
      const { id } = await commands.approve({ proposal: proposal.id, ...ask });
      return c.redirect(withThen(`/devices/${encodeURIComponent(id)}?done=approved`, onward), 303);
    } catch (thrown) {
      return again(refusalOf(thrown, language));
    }
  });
  app.post("/proposals/:id/dismiss", async (c) => {
    const { language } = nowOf(c, deps);
    const onward = thenOf((await formOf(c))("then"));
    try {
      await commands.dismiss({ proposal: c.req.param("id") });
      return c.redirect(withThen("/devices?done=dismissed", onward), 303);
    } catch (thrown) {
      return await sayNo(c, deps, { ...refusalOf(thrown, language), title: language.say("device.not-done") });
    }
  });
}

type Shown = {
  readonly typed: Parameters<typeof proposalPage>[0]["typed"];
  readonly onward: string;
  readonly refused?: Refused;
};

function addSeveral(app: Hono<WebEnv>, deps: AppDeps): void {
  const { commands } = deps;
  const show = (c: WebContext, said: Several, status: 200 | 400 | 409) => {
    const now = nowOf(c, deps);
    const body = severalPage({ proposals: commands.listProposals(), zones: zonesOf(deps), ...said }, now);
    return c.html(framed(c, deps, { title: now.language.say("proposal.several-title"), body }), status);
  };
  app.get("/proposals", (c) => {
    // None by itself: some bridges hear the neighbours' sensors too.
    const all = commands.listProposals().filter(({ via }) => via === c.req.query("all"));
    const chosen = new Set(all.map(({ id }) => id));
    return show(c, { zone: "", chosen, mistakes: [], onward: thenIn(c) }, 200);
  });
  app.post("/proposals/approve", async (c) => {
    const { language } = nowOf(c, deps);
    const form = await formOf(c);
    const onward = thenOf(form("then"));
    const meant = commands.listProposals().filter((each) => isReady(each) && form(chosenField(each)) === "on");
    const zone = zoneOf(form("zone"));
    const chosen = new Set(meant.map(({ id }) => id));
    const again = { zone: form("zone"), chosen, onward };
    if (meant.length === 0) return show(c, { ...again, mistakes: [language.say("proposal.several-none")] }, 400);
    if (zone === "") return show(c, { ...again, mistakes: [language.say("device.zone-mistake")] }, 400);
    const mistakes: Mistake[] = [];
    // One after another: what is refused of one hinders no other.
    for (const { id, name } of meant) {
      try {
        await commands.approve({ proposal: id, zone, name: plainName(name) });
      } catch (thrown) {
        const { sentence, facts } = refusalOf(thrown, language);
        const why = language.say("proposal.several-refused", { name: plainName(name), why: sentence });
        mistakes.push({ sentence: why, facts: facts ?? null });
      }
    }
    if (mistakes.length > 0) return show(c, { ...again, mistakes }, 409);
    return c.redirect(withThen("/devices?done=approved-all", onward), 303);
  });
}

type Several = Omit<Parameters<typeof severalPage>[0], "proposals" | "zones">;

function zoneOfDevice({ commands }: AppDeps, deviceId: string): string {
  return commands.listDevices().find(({ id }) => id === deviceId)?.zone ?? "";
}
