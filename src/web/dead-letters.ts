// What platforms rejected for good: what, why and until when it is kept; a steward may have it sent once more.
import type { Commands } from "../core/commands.ts";
import type { RequeuedView } from "../core/spool-commands.ts";
import { type Html, html, plainName } from "./html.ts";
import { timeAgo } from "./parts.ts";
import { countOf, exactTime, type Now } from "./words.ts";

type DeadLetters = ReturnType<Commands["deadLetters"]>;

const TYPE_WORDS: Readonly<Record<string, string>> = {
  "hedgerow.motion.detected.v1": "Movement",
  "hedgerow.motion.count.v1": "Number of movements",
  "hedgerow.light.level.v1": "Light level",
  "hedgerow.light.state.v1": "State of a lamp",
  "hedgerow.light.fault.v1": "Fault of a lamp",
  "hedgerow.device.status.v1": "State of a device",
  "hedgerow.snapshot.redacted.v1": "Redacted picture",
  "hedgerow.snapshot.withheld.v1": "Withheld picture",
  "hedgerow.tombstone.v1": "Deletion",
  "hedgerow.gateway.status.v1": "State of the gateway",
  "hedgerow.erasure.requested.v1": "Wish to erase",
  "hedgerow.policy.changed.v1": "Change of the policy",
};

/** `total`: how many there are; `letters` may be the oldest of them alone. */
export function rejectedList(
  letters: DeadLetters,
  { total, isSteward, now }: { readonly total: number; readonly isSteward: boolean; readonly now: Now },
): Html | null {
  if (letters.length === 0) return null;
  const platforms = [...new Set(letters.map(({ sinkId }) => sinkId))];
  return html`<p>${platforms.length === 1 ? "The platform" : "Platforms"} will not take ${total === 1 ? "this event" : `these ${countOf(total, "event")}`}. Ask the operator why. Once that is mended, a steward can have them sent once more.${total > letters.length ? ` The oldest ${letters.length} are shown.` : ""}</p>
${isSteward ? html`<div class="actions">${platforms.map(allOf)}</div>` : null}
<ul class="card rows">${letters.map((letter) => row(letter, { isSteward, now }))}</ul>`;
}

function allOf(sinkId: string): Html {
  return html`<form method="post" action="/buffer/requeue"><input type="hidden" name="sink" value="${sinkId}">
<button id="requeue-all-${sinkId}" class="quiet">Send all of ${sinkId} once more</button></form>`;
}

function row(
  { sinkId, type, id, why, at, expiresAt }: DeadLetters[number],
  { isSteward, now }: { readonly isSteward: boolean; readonly now: Now },
): Html {
  const what = TYPE_WORDS[type] ?? type;
  return html`<li class="row"><span class="what"><b>${what}</b> <span class="muted">${sinkId}</span></span>
${isSteward ? html`<form method="post" action="/buffer/requeue" class="how"><input type="hidden" name="sink" value="${sinkId}"><input type="hidden" name="id" value="${id}"><button id="requeue-${sinkId}-${id}" class="quiet" aria-label="Send once more: ${what}, ${id}">Send once more</button></form>` : null}
<span class="when">${plainName(why)}</span>
<span class="when muted">rejected ${timeAgo(at, now)} · deleted on ${exactTime(expiresAt, now)} · <code>${id}</code></span></li>`;
}

const LEFT_WORDS: Record<RequeuedView["left"][number]["why"], string> = {
  "picture-gone": "its picture is deleted already",
  "past-its-hour": "its time is up",
  "sink-gone": "its platform is not configured any more",
};

/** What came of it, as the query of the page's address. */
export function requeuedQuery({ requeued, left }: RequeuedView): string {
  const said = new URLSearchParams({ requeued: String(requeued) });
  for (const why of Object.keys(LEFT_WORDS)) {
    const count = left.filter((each) => each.why === why).length;
    if (count > 0) said.set(why, String(count));
  }
  return said.toString();
}

/** The same in words, out of the query; undefined where it says nothing of the kind. */
export function requeuedWords(query: (name: string) => string | undefined): string | undefined {
  const requeued = countIn(query("requeued"));
  if (requeued === null) return undefined;
  const left = Object.entries(LEFT_WORDS).flatMap(([why, words]) => {
    const count = countIn(query(why)) ?? 0;
    return count === 0 ? [] : [`${countOf(count, "stays", "stay")}: ${words}.`];
  });
  if (requeued === 0 && left.length === 0) return "Nothing of it is among the rejected any more.";
  return [`${countOf(requeued, "event")} will be sent once more.`, ...left].join(" ");
}

function countIn(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
