// The journal of logins and changes as stewards read it, with who and what to choose.
import { JOURNAL_KEPT, JOURNAL_WORDS, type JournalWord } from "../core/change-journal.ts";
import type { TokenView } from "../core/people-commands.ts";
import { type Html, html, plainName } from "./html.ts";
import type { JournalEntry, JournalWish } from "./journal-store.ts";
import { PEOPLE_LIMITS } from "./people-limits.ts";
import { peopleTabs } from "./people-parts.ts";
import type { Session } from "./sessions.ts";
import { ago, exactTime, type Now } from "./words.ts";

/** `users`: who may be chosen. `entries`: as many as a page holds, or fewer at its end. */
export type ShownJournal = {
  readonly session: Session;
  readonly entries: readonly JournalEntry[];
  readonly wish: JournalWish;
  readonly users: readonly string[];
  readonly tokens: readonly TokenView[];
};

export function journalPage({ session, entries, wish, users, tokens }: ShownJournal, now: Now): Html {
  const { say } = now.language;
  const kept = { days: JOURNAL_KEPT.days, short: JOURNAL_KEPT.addressDays };
  const last = entries.length === PEOPLE_LIMITS.journalShown ? entries.at(-1) : undefined;
  return html`<div class="narrow wide">${peopleTabs("/people/journal", session, now)}<h1>${say("people.journal")}</h1>
<p class="lead">${say("people.journal-lead", kept)}</p>
<form method="get" action="/people/journal" class="card card-text choose">
${choice(
  { id: "by", label: say("people.journal-by"), chosen: wish.by, all: say("people.journal-all") },
  users.map((user) => ({ value: user, label: user })),
)}
${choice(
  { id: "what", label: say("people.journal-what"), chosen: wish.what, all: say("people.journal-all") },
  JOURNAL_WORDS.map((word) => ({ value: word, label: wordOf({ what: word, count: 1 }, now) })),
)}
<button class="quiet">${say("people.journal-filter")}</button>
</form>
${entries.length === 0 ? html`<p class="card card-text">${say("people.journal-none")}</p>` : html`<ol class="card rows" reversed>${entries.map((entry) => row(entry, tokens, now))}</ol>`}
<p>${wish.before === undefined ? null : html`<a href="/people/journal?${query({ ...wish, before: undefined })}">${say("people.journal-newest")}</a> `}${last === undefined ? null : html`<a href="/people/journal?${query({ ...wish, before: last.number })}">${say("people.journal-older")}</a>`}</p></div>`;
}

type Choice = {
  readonly id: string;
  readonly label: string;
  readonly chosen: string | undefined;
  readonly all: string;
};

function choice(
  { id, label, chosen, all }: Choice,
  options: readonly { readonly value: string; readonly label: string }[],
): Html {
  return html`<div><label for="${id}">${label}</label>
<select id="${id}" name="${id}"><option value="">${all}</option>${options.map(
    ({ value, label: text }) =>
      html`<option value="${value}"${value === chosen ? html` selected` : null}>${text}</option>`,
  )}</select></div>`;
}

function row(entry: JournalEntry, tokens: readonly TokenView[], now: Now): Html {
  const { say } = now.language;
  const at = new Date(entry.atMs).toISOString();
  const about = entry.about === null ? null : html`: <bdi>${plainName(entry.about)}</bdi>`;
  const from = entry.address === null ? null : html` · ${say("people.journal-from", { address: entry.address })}`;
  return html`<li class="row"><span class="what"><b>${wordOf(entry, now)}</b>${about}</span>
<span class="when"><bdi>${whoOf(entry, tokens, now)}</bdi>${from}</span>
<span class="when muted"><time datetime="${at}" title="${exactTime(at, now)}">${ago(at, now)}</time> · ${exactTime(at, now)}</span></li>`;
}

function wordOf({ what, count }: { readonly what: JournalWord; readonly count: number }, { language }: Now): string {
  return language.say(`people.did-${what}`, { count });
}

function whoOf({ by, address }: JournalEntry, tokens: readonly TokenView[], { language: { say } }: Now): string {
  if (by === null) return say(address === null ? "people.journal-box" : "people.journal-stranger");
  const program = tokens.find(({ id }) => by === `token:${id}`);
  return program === undefined ? by : say("people.journal-program", { name: plainName(program.name) });
}

function query({ by = "", what = "", before }: { by?: string; what?: string; before?: number | undefined }): string {
  return new URLSearchParams({ by, what, ...(before !== undefined && { before: String(before) }) }).toString();
}
