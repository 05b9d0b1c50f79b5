// What platforms rejected for good: what, why and until when it is kept; a steward may have it sent once more.
import type { Commands } from "../core/commands.ts";
import type { RequeuedView } from "../core/spool-commands.ts";
import type { Language, MessageKey } from "../languages/say.ts";
import { type Html, html, named, plainName } from "./html.ts";
import { timeAgo } from "./parts.ts";
import { sentence } from "./sentence.ts";
import { exactTime, type Now } from "./words.ts";

type DeadLetters = ReturnType<Commands["deadLetters"]>;

const TYPE_KEYS: Readonly<Record<string, MessageKey>> = {
  "hedgerow.motion.detected.v1": "letters.type-motion-detected",
  "hedgerow.motion.count.v1": "letters.type-motion-count",
  "hedgerow.light.level.v1": "letters.type-light-level",
  "hedgerow.light.state.v1": "letters.type-light-state",
  "hedgerow.light.fault.v1": "letters.type-light-fault",
  "hedgerow.device.status.v1": "letters.type-device-status",
  "hedgerow.snapshot.redacted.v1": "letters.type-snapshot-redacted",
  "hedgerow.snapshot.withheld.v1": "letters.type-snapshot-withheld",
  "hedgerow.tombstone.v1": "letters.type-tombstone",
  "hedgerow.gateway.status.v1": "letters.type-gateway-status",
  "hedgerow.erasure.requested.v1": "letters.type-erasure-requested",
  "hedgerow.policy.changed.v1": "letters.type-policy-changed",
};

type Shown = { readonly isSteward: boolean; readonly now: Now };

/** `total`: how many there are; `letters` may be the oldest of them alone. */
export function rejectedList(
  letters: DeadLetters,
  { total, isSteward, now }: Shown & { readonly total: number },
): Html | null {
  if (letters.length === 0) return null;
  const { say } = now.language;
  const platforms = [...new Set(letters.map(({ sinkId }) => sinkId))];
  const what = say(platforms.length === 1 ? "letters.what-one" : "letters.what", { count: total });
  const shown = total > letters.length ? ` ${say("letters.oldest-shown", { count: letters.length })}` : "";
  return html`<p>${what} ${say("letters.ask")}${shown}</p>
${isSteward ? html`<div class="actions">${platforms.map((platform) => allOf(platform, now.language))}</div>` : null}
<ul class="card rows">${letters.map((letter) => row(letter, { isSteward, now }))}</ul>`;
}

function allOf(platform: string, { say }: Language): Html {
  return html`<form method="post" action="/buffer/requeue"><input type="hidden" name="sink" value="${platform}">
<button id="requeue-all-${platform}" class="quiet">${say("letters.all", { platform })}</button></form>`;
}

function row({ sinkId, type, id, why, at, expiresAt }: DeadLetters[number], { isSteward, now }: Shown): Html {
  const { language } = now;
  const { say } = language;
  const key = TYPE_KEYS[type];
  // One that a later program made has no words here yet.
  const what = key === undefined ? type : say(key);
  return html`<li class="row"><span class="what"><b>${what}</b> <span class="muted">${named(sinkId)}</span></span>
${isSteward ? html`<form method="post" action="/buffer/requeue" class="how"><input type="hidden" name="sink" value="${sinkId}"><input type="hidden" name="id" value="${id}"><button id="requeue-${sinkId}-${id}" class="quiet" aria-label="${say("letters.again-label", { what, id })}">${say("letters.again")}</button></form>` : null}
<span class="when"><bdi>${plainName(why)}</bdi></span>
<span class="when muted">${sentence(language, "letters.rejected", { ago: { html: timeAgo(at, now) } })} · ${say("letters.deleted", { time: exactTime(expiresAt, now) })} · <code dir="ltr">${id}</code></span></li>`;
}

const LEFT_KEYS = {
  "picture-gone": "letters.left-picture-gone",
  "past-its-hour": "letters.left-past-its-hour",
  "sink-gone": "letters.left-sink-gone",
} as const satisfies Record<RequeuedView["left"][number]["why"], MessageKey>;

/** What came of it, as the query of the page's address. */
export function requeuedQuery({ requeued, left }: RequeuedView): string {
  const said = new URLSearchParams({ requeued: String(requeued) });
  for (const why of Object.keys(LEFT_KEYS)) {
    const count = left.filter((each) => each.why === why).length;
    if (count > 0) said.set(why, String(count));
  }
  return said.toString();
}

/** The same in words, out of the query; undefined where it says nothing of the kind. */
export function requeuedWords(query: (name: string) => string | undefined, { say }: Language): string | undefined {
  const requeued = countIn(query("requeued"));
  if (requeued === null) return undefined;
  const left = Object.entries(LEFT_KEYS).flatMap(([why, key]) => {
    const count = countIn(query(why)) ?? 0;
    return count === 0 ? [] : [say(key, { count })];
  });
  if (requeued === 0 && left.length === 0) return say("letters.requeued-none");
  return [say("letters.requeued", { count: requeued }), ...left].join(" ");
}

function countIn(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
