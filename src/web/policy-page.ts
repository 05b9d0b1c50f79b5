// What was agreed, for who looks after the box: what holds, what is announced and for how long still, a steward's approval or
// withdrawal, and how it changed over time.
import type { Language } from "../languages/say.ts";
import { sayChange } from "../policy/change.ts";
import { comparePolicies } from "../policy/compare.ts";
import { APPROVALS, type PolicyStanding } from "../policy/standing.ts";
import { confirmPage, mistakeNote } from "./form-parts.ts";
import { type Html, html, named, withoutControls } from "./html.ts";
import { policyHistory, type PolicyLines } from "./policy-history.ts";
import type { Mistake } from "./refusal-page.ts";
import { sentence } from "./sentence.ts";
import type { Session } from "./sessions.ts";
import { exactTime, type Now } from "./words.ts";

/** `said`: what came of an approval; `mistake`: why it was refused. `newest`: the ledger's lines of policies. */
export type ShownPolicy = {
  readonly standing: PolicyStanding;
  readonly session: Pick<Session, "user" | "role"> | undefined;
  readonly newest: PolicyLines;
  readonly said?: "approved" | "enough" | undefined;
  readonly mistake?: Mistake | undefined;
};

export function policyPage(shown: ShownPolicy, now: Now): Html {
  const { standing, said, mistake, newest } = shown;
  const { language } = now;
  const { say } = language;
  return html`<div class="reading"><h1>${say("policy-page.title")}</h1>
<p class="lead">${say("policy-page.lead")}</p>
${mistakeNote(mistake)}${said === undefined ? null : html`<p class="done" role="status">${say(`policy-page.said-${said}`)}</p>`}
<section id="announced" data-live aria-labelledby="announced-title">${announcement(shown, language)}</section>
<section aria-labelledby="holds-title"><h2 id="holds-title">${say("policy-page.holds")}</h2><div class="card card-text">${holding(standing, now)}</div></section>
${changing(shown, language)}
${policyHistory(newest, language)}
<section aria-labelledby="papers-title"><h2 id="papers-title">${say("policy-page.papers")}</h2><div class="card card-text"><ul>
<li><a href="/sign">${say("policy-page.papers-sign")}</a></li>
<li><a href="/transparency/record">${say("policy-page.papers-record")}</a></li>
<li><a href="/transparency/dpia">${say("policy-page.papers-dpia")}</a></li>
<li><a href="/erase">${say("policy-page.papers-erase")}</a></li>
<li><a href="/disclosures">${say("policy-page.papers-log")}</a></li></ul></div></section></div>`;
}

function holding({ policy, sinceMs, sha256 }: PolicyStanding, now: Now): Html {
  const { language } = now;
  if (policy.draft) return html`<p>${language.say("policy-page.draft")}</p>`;
  const link = { html: html`<a href="/transparency">${language.say("policy-page.in-words")}</a>` };
  const since =
    sinceMs === null
      ? sentence(language, "policy-page.since-unknown", { link })
      : sentence(language, "policy-page.since", { link, time: exactTime(new Date(sinceMs).toISOString(), now) });
  const digest = { html: html`<code class="long">${sha256}</code>` };
  return html`<p>${since}</p><p class="muted">${sentence(language, "policy-page.digest", { digest })}</p>`;
}

function changing({ standing, session }: ShownPolicy, language: Language): Html {
  const { say } = language;
  const isSteward = session?.role === "steward";
  const notice = language.hours(standing.policy.changes.noticeHours);
  const sign = { html: html`<a href="/sign">${say("policy-page.sign-word")}</a>` };
  const command = { html: html`<code>hedgerow policy diff OLD NEW</code>` };
  const rules = html`<p>${say("policy-page.change-rules", { notice })}</p><p>${sentence(language, "policy-page.change-sign", { link: sign })}</p>`;
  return html`<section aria-labelledby="change-title"><h2 id="change-title">${say("policy-page.change")}</h2><div class="card card-text">
${isSteward ? html`<p><a class="button" href="/setup/policy">${say("policy-page.change-button")}</a></p>` : html`<p>${say("policy-page.change-by-steward")}</p>`}
${standing.policy.draft ? null : rules}<p class="muted">${sentence(language, "policy-page.change-file", { command })}</p></div></section>`;
}

function announcement(shown: ShownPolicy, language: Language): Html {
  const { standing, session } = shown;
  const { say } = language;
  const { announced, policy } = standing;
  const title = html`<h2 id="announced-title">${say("policy-page.announced")}</h2>`;
  if (announced === null) return html`${title}<p class="card card-text">${say("policy-page.nothing-announced")}</p>`;
  const changes = comparePolicies(policy, announced.policy);
  const looser = changes.filter(({ effect }) => effect === "looser");
  const others = changes.filter(({ effect }) => effect !== "looser");
  const list = (some: typeof changes) =>
    html`<ul>${some.map((change) => html`<li>${withoutControls(sayChange(change, language))}</li>`)}</ul>`;
  const notice = language.hours(Math.max(1, Math.ceil(announced.hoursLeft)));
  return html`${title}<div class="card card-text">
<p><b>${say("policy-page.announced-hours", { notice })}</b> ${say("policy-page.announced-why")}</p>
${noticeBar(announced.hoursLeft, policy.changes.noticeHours, language)}
<h3>${say("policy-page.looser")}</h3>${list(looser)}
${others.length === 0 ? null : html`<h3>${say("policy-page.others")}</h3>${list(others)}`}
${approval(shown, language)}
<p>${say("policy-page.withdraw-lead")}</p>
${session?.role === "steward" ? html`<p><a class="button quiet" href="/policy/withdraw">${say("policy-page.withdraw")}</a></p>` : null}</div>`;
}

/** How much of the notice is over. */
function noticeBar(hoursLeft: number, noticeHours: number, language: Language): Html | null {
  if (noticeHours <= 0) return null;
  const shown = Math.max(0, noticeHours - hoursLeft);
  const values = { shown: language.hours(Math.floor(shown)), all: language.hours(noticeHours) };
  const words = language.say("policy-page.announced-bar", values);
  return html`<p class="used"><meter min="0" max="${noticeHours}" value="${shown.toFixed(1)}" aria-label="${words}"></meter> <span class="muted">${words}</span></p>`;
}

function approval({ standing, session }: ShownPolicy, language: Language): Html | null {
  const { announced } = standing;
  if (announced === null) return null;
  const { say } = language;
  const { approvedBy } = announced;
  const names = { html: html`${approvedBy.map((user, at) => html`${at === 0 ? null : ", "}<b>${named(user)}</b>`)}` };
  const known =
    approvedBy.length === 0
      ? html`${say("policy-page.nobody-approved")}`
      : sentence(language, "policy-page.approved-by", { names });
  const form = html`<form method="post" action="/policy/approve"><input type="hidden" name="sha256" value="${announced.sha256}"><button>${say("policy-page.approve")}</button></form>`;
  const isMine = session !== undefined && approvedBy.includes(session.user);
  const count = Math.max(1, APPROVALS - approvedBy.length);
  return html`<p>${known} ${say("policy-page.missing", { count })} ${say("policy-page.who-may")}</p>
${session?.role === "steward" && !isMine ? form : null}`;
}

/** Asks once more. */
export function withdrawPage(language: Language): Html {
  const { say } = language;
  return confirmPage({
    language,
    title: say("policy-page.withdraw-title"),
    sentence: say("policy-page.withdraw-what"),
    action: "/policy/withdraw",
    back: "/policy",
    button: say("policy-page.withdraw-confirm"),
    isDangerous: false,
  });
}
