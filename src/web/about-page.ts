// The page About: where everything else is, how the machine is, what this box senses, its key, its data, and the licences.
import type { DoctorView } from "../core/doctor-commands.ts";
import type { GatewayStatus } from "../core/commands.ts";
import type { ReadingKind } from "../core/reading.ts";
import type { Language, MessageKey } from "../languages/say.ts";
import { doctorPart } from "./about-doctor.ts";
import { SUPPORT_MONTHS } from "./about-limits.ts";
import { type Html, html } from "./html.ts";
import { FACE_MODEL, type Package } from "./licences.ts";
import { timeAgo } from "./parts.ts";
import { sentence } from "./sentence.ts";
import { type KeyShown, keySection } from "./setup-platform.ts";
import { exactTime, type Now } from "./words.ts";

/** `kinds`: what its sensors tell. `freeBytes`: on the disk of the data; null where nobody can tell. */
export type About = {
  readonly status: GatewayStatus;
  readonly kinds: readonly ReadingKind[];
  readonly doctor: DoctorView;
  readonly packages: readonly Package[];
  readonly key: KeyShown;
  readonly dataDir: string;
  readonly freeBytes: number | null;
  readonly isSteward: boolean;
};

type Link = { readonly path: string; readonly key: MessageKey; readonly isForStewards?: boolean };

const LINKS: readonly Link[] = [
  { path: "/history", key: "about.link-history" },
  { path: "/policy", key: "about.link-policy" },
  { path: "/sign", key: "about.link-sign" },
  { path: "/transparency", key: "about.link-transparency" },
  { path: "/transparency/receipts", key: "about.link-receipts" },
  { path: "/people/you", key: "about.link-you" },
  { path: "/people", key: "about.link-people", isForStewards: true },
  { path: "/notices", key: "about.link-notices", isForStewards: true },
  { path: "/setup/steps", key: "about.link-setup", isForStewards: true },
  { path: "/disclosures", key: "about.link-disclosures", isForStewards: true },
  { path: "/erase", key: "about.link-erase", isForStewards: true },
  { path: "/tls", key: "about.link-tls" },
  { path: "/api", key: "about.link-api" },
];

const NEVER: readonly MessageKey[] = [
  "about.never-sound",
  "about.never-video",
  "about.never-phones",
  "about.never-faces",
  "about.never-names",
];

export function aboutPage(about: About, now: Now): Html {
  const { say } = now.language;
  const links = LINKS.filter(({ isForStewards = false }) => about.isSteward || !isForStewards);
  return html`<h1>${say("about.title")}</h1>
<p class="lead">${say("about.lead")}</p>
<nav aria-labelledby="pages-title"><h2 id="pages-title">${say("about.pages")}</h2>
<ul class="card links">${links.map(({ path, key }) => html`<li><a href="${path}">${say(key)}</a></li>`)}</ul></nav>
${doctorPart(about.doctor, now)}
${senses(about, now.language)}
${facts(about, now)}
${keySection(about.key, now.language)}
${licences(about.packages, now.language)}`;
}

function senses({ kinds, status }: About, language: Language): Html {
  const { say } = language;
  const words = kinds.map((kind) => say(`reason.kind-${kind}`));
  return html`<section aria-labelledby="senses-title"><h2 id="senses-title">${say("about.senses")}</h2><div class="card card-text">
<p>${words.length === 0 ? say("about.senses-none") : say("about.senses-kinds", { kinds: language.list(words) })}</p>
<p>${say("about.senses-cameras", { count: status.cameras.length })}</p>
<h3>${say("about.senses-never")}</h3>
<ul>${NEVER.map((key) => html`<li>${say(key)}</li>`)}</ul></div></section>`;
}

function facts({ status: { gateway, buffer }, dataDir, freeBytes }: About, now: Now): Html {
  const { language, timezone } = now;
  const { say, size } = language;
  const folder = { html: html`<code dir="ltr">${dataDir}</code>` };
  return html`<section aria-labelledby="facts-title"><h2 id="facts-title">${say("about.facts")}</h2><dl class="card card-text values">
<dt>${say("about.version")}</dt><dd><div><b>${gateway.version}</b><br>${say("about.support", { months: SUPPORT_MONTHS })}</div></dd>
<dt>${say("about.running")}</dt><dd><div>${exactTime(gateway.startedAt, now)} (${timeAgo(gateway.startedAt, now)})</div></dd>
<dt>${say("about.clock")}</dt><dd><div>${language.stamp(now.nowMs, timezone)}<br>${say(`about.clock-${gateway.clock}`)}</div></dd>
<dt>${say("about.timezone")}</dt><dd><div><span dir="ltr">${timezone}</span></div></dd>
<dt>${say("about.data")}</dt><dd><div>${freeBytes === null ? folder.html : sentence(language, "about.data-where", { folder, free: size(freeBytes) })}<br>${say("about.data-waiting", { bytes: size(buffer.bytes), max: size(buffer.bytesMax) })}</div></dd>
</dl></section>`;
}

function licences(packages: readonly Package[], language: Language): Html {
  const { say } = language;
  const byLicence = [...Map.groupBy(packages, ({ licence }) => licence ?? "?")].toSorted(
    ([, one], [, other]) => other.length - one.length,
  );
  return html`<section aria-labelledby="licences-title"><h2 id="licences-title">${say("about.licences")}</h2>
<p>${say("about.licences-model", FACE_MODEL)}</p>
<p>${say("about.licences-lead", { licence: "MIT" })}</p>
${
  packages.length === 0
    ? html`<p>${say("about.licences-unread")}</p>`
    : html`<details><summary>${say("about.licences-all", { count: packages.length })}</summary><dl class="card card-text" dir="ltr">${byLicence.map(
        ([licence, all]) =>
          html`<dt><b>${licence}</b></dt><dd>${all.map(({ name, version }) => `${name} ${version}`).join(", ")}</dd>`,
      )}</dl></details>`
}</section>`;
}
