// What was agreed, for who looks after the box: what holds, what is announced and for how long still, and a steward's approval.
import { languageOf } from "../languages/say.ts";
import { sayChange } from "../policy/change.ts";
import { comparePolicies } from "../policy/compare.ts";
import type { PolicyStanding } from "../policy/standing.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html, named, withoutControls } from "./html.ts";
import type { Session } from "./sessions.ts";
import { countOf, exactTime, type Now } from "./words.ts";

/** `said`: what came of an approval; `mistake`: why it was refused. */
export type ShownPolicy = {
  readonly standing: PolicyStanding;
  readonly session: Session | undefined;
  readonly said?: string | undefined;
  readonly mistake?: string | undefined;
};

const ENGLISH = languageOf("en");

export function policyPage(shown: ShownPolicy, now: Now): Html {
  const { standing, said, mistake } = shown;
  return html`<div class="reading"><h1>What was agreed</h1>
<p class="lead">One file, policy.yaml, says what this box may notice, keep and send. The gateway holds to it.</p>
${mistakeNote(mistake)}${said === undefined ? null : html`<p class="done" role="status">${said}</p>`}
<section id="announced" data-live aria-labelledby="announced-title">${announcement(shown)}</section>
<section aria-labelledby="holds-title"><h2 id="holds-title">What holds now</h2><div class="card card-text">
<p>${standing.sinceMs === null ? "Since the gateway does not know its clock" : `Since ${exactTime(new Date(standing.sinceMs).toISOString(), now)}`}: <a href="/transparency">the agreement in plain words</a>, as everybody may read it.</p>
<p class="muted">Its fingerprint (SHA-256), which stands on each receipt: <code class="long">${standing.sha256}</code></p></div></section>
<section aria-labelledby="change-title"><h2 id="change-title">To change it</h2><div class="card card-text"><ol>
<li>Change policy.yaml, and read what the change means: <code>hedgerow policy diff OLD NEW</code>.</li>
<li>Restart the gateway. What is stricter holds at once, for what waits here too. What is looser is announced for ${ENGLISH.hours(standing.policy.changes.noticeHours)} first, to everybody; two stewards can end that early.</li>
<li>Print the <a href="/sign">sign</a> again.</li></ol></div></section>
<section aria-labelledby="papers-title"><h2 id="papers-title">Papers and wishes</h2><div class="card card-text"><ul>
<li><a href="/sign">The sign for the fence</a></li>
<li><a href="/transparency/record">The record of processing</a> and <a href="/transparency/dpia">the beginning of an impact assessment</a></li>
<li><a href="/erase">Erase what was kept of a camera, a device or a period</a></li>
<li><a href="/disclosures">Who was given what, and on which ground</a></li></ul></div></section></div>`;
}

function announcement({ standing, session }: ShownPolicy): Html {
  const { announced } = standing;
  if (announced === null)
    return html`<h2 id="announced-title">What is announced</h2><p class="card card-text">Nothing: policy.yaml holds as it is.</p>`;
  const changes = comparePolicies(standing.policy, announced.policy);
  const looser = changes.filter(({ effect }) => effect === "looser");
  const others = changes.filter(({ effect }) => effect !== "looser");
  const list = (some: typeof changes) =>
    html`<ul>${some.map((change) => html`<li>${withoutControls(sayChange(change, ENGLISH))}</li>`)}</ul>`;
  return html`<h2 id="announced-title">What is announced</h2><div class="card card-text">
<p><b>A looser policy will hold in ${ENGLISH.hours(Math.max(1, Math.ceil(announced.hoursLeft)))}.</b> Only hours in which this gateway runs count, so that everybody can read it first. Until then, rule by rule, the stricter of both policies holds.</p>
<h3>What becomes looser</h3>${list(looser)}
${others.length === 0 ? null : html`<h3>What else changes then</h3>${list(others)}`}
<p>If nobody wants this, put the old policy.yaml back and restart the gateway.</p>
${approval({ standing, session })}</div>`;
}

function approval({ standing, session }: ShownPolicy): Html | null {
  const { announced } = standing;
  if (announced === null) return null;
  const { approvedBy } = announced;
  const by = approvedBy.map((user, at) => html`${at === 0 ? null : ", "}<b>${named(user)}</b>`);
  const known = approvedBy.length === 0 ? html`Nobody has approved it yet.` : html`Approved by ${by}.`;
  const missing = countOf(2 - approvedBy.length, "more steward");
  const form = html`<form method="post" action="/policy/approve"><input type="hidden" name="sha256" value="${announced.sha256}"><button>I approve: it may hold early</button></form>`;
  const isMine = session !== undefined && approvedBy.includes(session.user);
  return html`<p>${known} Once ${missing} ${approvedBy.length === 0 ? "approve" : "approves"} it, it holds at once; the gateway then closes for some seconds and opens anew. Only who was a steward when it was announced, and has had the same passphrase since, may approve.</p>
${session?.role === "steward" && !isMine ? form : null}`;
}
