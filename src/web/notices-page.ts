// The page of messages, for stewards: whether they reach anybody, trying that out, the last ones, and how they are set up.
import type { NoticeFailure, NoticesView, NoticeTest, NoticeView, NoticeWayView } from "../core/notices-commands.ts";
import type { Language } from "../languages/say.ts";
import type { SiteView } from "../settings/site-commands.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html, named, plainText } from "./html.ts";
import { emailForm, pushForms, rhythmForm, type TypedNotices } from "./notices-forms.ts";
import { badge, timeAgo } from "./parts.ts";
import { inEnglish, type Mistake } from "./refusal-page.ts";
import { sentence } from "./sentence.ts";
import { exactTime, type Now } from "./words.ts";

/** `site`: as the files say. `typed`: what was typed into the form that was refused. `tests`: what came of a test just now. */
export type ShownNotices = {
  readonly notices: NoticesView;
  readonly site: Pick<SiteView, "notices" | "why" | "publicUrl">;
  readonly typed: TypedNotices;
  readonly tests: readonly NoticeTest[] | null;
  readonly mistake?: Mistake | undefined;
};

export function noticesPage(shown: ShownNotices, now: Now): Html {
  const { notices, site, tests, mistake } = shown;
  const { language } = now;
  const { say } = language;
  const hasWays = notices.ways.length > 0;
  return html`<div class="reading"><h1>${say("notices.title")}</h1>
<p class="lead">${say("notices.lead")}</p>
${mistakeNote(mistake)}${tests === null ? null : testNotes(tests, language)}
<section aria-labelledby="ways-title"><h2 id="ways-title">${say("notices.ways")}</h2>
${hasWays ? html`<ul class="card rows">${notices.ways.map((way) => wayRow(way, now))}</ul>` : html`<p class="card card-text">${say("notices.ways-none")}</p>`}
${
  hasWays
    ? html`<div class="actions"><form method="post" action="/notices/test"><button>${say("notices.test-button")}</button></form>${pauseForm(notices, language)}</div>
<p class="muted">${say("notices.test-help")}</p>`
    : null
}
${pausedNote(notices, now)}
${hasWays && site.publicUrl === null ? html`<p class="muted">${say("notices.no-address")}</p>` : null}</section>
${hasWays ? lastMessages(notices, now) : null}
${site.why === null ? setUp(shown, language) : closed(site.why, language)}</div>`;
}

function setUp({ site, typed }: ShownNotices, language: Language): Html {
  return html`${emailForm({ site, typed: typed.email }, language)}${pushForms({ site, typed: typed.push }, language)}${rhythmForm(typed.rhythm, language)}`;
}

/** The files cannot be written from here. */
function closed(why: string, { say }: Language): Html {
  return html`<section aria-labelledby="closed-title"><h2 id="closed-title">${say("notices.set-up")}</h2><div class="card card-text"><p>${say("notices.closed")}</p>${inEnglish(why)}</div></section>`;
}

/** What came of a test, by each way: what is wrong, and what to do. */
function testNotes(tests: readonly NoticeTest[], language: Language): Html {
  const { say } = language;
  return html`<div role="status">${tests.map(({ kind, host, failure }) => {
    const way = { way: { html: html`${say(`notices.way-${kind}`)}` }, host: { html: named(host) } };
    if (failure === null) return html`<p class="done">${sentence(language, "notices.test-good", way)}</p>`;
    return html`<div class="mistake"><p>${sentence(language, "notices.test-bad", way)}</p>${failureWords(failure, language)}</div>`;
  })}</div>`;
}

function failureWords({ problem, said }: NoticeFailure, { say }: Language): Html {
  return html`<p>${say(`notices.problem-${problem}`)} ${say(`notices.remedy-${problem}`)}</p>${inEnglish(said)}`;
}

function wayRow({ kind, host, waiting, lastSentAt, failure }: NoticeWayView, now: Now): Html {
  const { language } = now;
  const { say } = language;
  const look =
    failure === null ? ({ look: "good", shape: "ok" } as const) : ({ look: "bad", shape: "warning" } as const);
  const word = say(failure === null ? "notices.way-well" : "notices.way-ill");
  const last =
    lastSentAt === null
      ? html`${say("notices.nothing-sent")}`
      : sentence(language, "notices.last-sent", { ago: { html: timeAgo(lastSentAt, now) } });
  return html`<li class="row"><span class="what"><b>${say(`notices.way-${kind}`)}</b> <span class="muted">${named(host)}</span></span><span class="how">${badge({ ...look, word })}</span>
<span class="when muted">${last}${waiting === 0 ? null : html` · ${say("notices.waiting", { count: waiting })}`}</span>
${failure === null ? null : html`<div class="when">${failureWords(failure, language)}</div>`}</li>`;
}

function pauseForm({ paused }: NoticesView, { say }: Language): Html {
  const [action, words] =
    paused === null
      ? (["/notices/pause", say("notices.pause")] as const)
      : (["/notices/resume", say("notices.resume")] as const);
  return html`<form method="post" action="${action}"><button class="quiet">${words}</button></form>`;
}

function pausedNote({ paused }: NoticesView, now: Now): Html | null {
  if (paused === null) return null;
  const values = { by: { html: html`<b>${named(paused.by)}</b>` }, time: exactTime(paused.at, now) };
  return html`<p class="card card-text">${sentence(now.language, "notices.paused-by", values)}</p>`;
}

function lastMessages({ messages }: NoticesView, now: Now): Html {
  const { say } = now.language;
  return html`<section aria-labelledby="last-title"><h2 id="last-title">${say("notices.last")}</h2>
${messages.length === 0 ? html`<p class="card card-text muted">${say("notices.last-none")}</p>` : html`<ol class="card rows">${messages.map((message) => messageRow(message, now))}</ol>`}</section>`;
}

function messageRow({ at, what, troubles, sent, waiting }: NoticeView, now: Now): Html {
  const { say, span } = now.language;
  const lines =
    what === "all-well"
      ? [say("notices.well-text")]
      : troubles.map(({ kind, count, lastedMs }) => say(`notices.trouble-${kind}`, { count, span: span(lastedMs) }));
  const way = [
    ...(sent > 0 ? [say("notices.sent-by", { count: sent })] : []),
    ...(waiting > 0 ? [say("notices.waits-for", { count: waiting })] : []),
    ...(sent + waiting === 0 ? [say("notices.given-up")] : []),
  ];
  return html`<li class="row"><span class="what">${lines.map((line) => html`<span class="line">${plainText(line)}</span> `)}</span>
<span class="when muted">${exactTime(at, now)} · ${way.join(" · ")}</span></li>`;
}
