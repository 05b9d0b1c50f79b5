// What waits in the buffer and for how long there is room, drawn and in words: on the page Buffer and, in short, on the status page.
import type { GatewayStatus } from "../core/commands.ts";
import type { Language, MessageKey } from "../languages/say.ts";
import type { Policy } from "../settings/schema.ts";
import { BUFFER_LIMITS } from "./buffer-limits.ts";
import { diskWords } from "./disk-words.ts";
import { type Html, html } from "./html.ts";
import { badge, timeAgo } from "./parts.ts";
import type { Now } from "./words.ts";

type Buffer = GatewayStatus["buffer"];

const HOUR_MS = 3_600_000;

export function whatWaits(status: GatewayStatus, evictFirst: Policy["events"]["evictFirst"], now: Now): Html {
  const { buffer } = status;
  const { language } = now;
  const { say } = language;
  const { look, shape, word, fact, sentence, next } = diskWords(buffer, evictFirst, language);
  const room = roomLeft(buffer, language);
  return html`<h2 id="buffer-title">${say("buffer.waits")}</h2>
<div class="card card-text">${bufferSummary(status, now)}
${hoursBar(buffer, language)}
<dl class="waits">
<dt>${say("buffer.waiting")}</dt><dd>${waiting(buffer, language)}</dd>
${classes(buffer, language)}
<dt>${say("buffer.oldest")}</dt><dd>${buffer.oldestAt === null ? say("buffer.oldest-none") : timeAgo(buffer.oldestAt, now)}</dd>
<dt>${say("buffer.room")}</dt><dd>${room ?? say("buffer.room-unknown")}</dd>
<dt>${say("buffer.disk")}</dt><dd>${badge({ look, shape, word })}</dd>
</dl>
${fullness(buffer, language)}
<p>${fact === null ? null : html`<b>${fact}</b> `}${sentence}</p>
${next === null ? null : html`<p><b>${say("buffer.next-step")}</b> ${next}</p>`}</div>`;
}

/** "Holds 12 events, oldest 5 minutes. Room for about 61 hours at today's rate." */
export function bufferSummary(status: GatewayStatus, { language, nowMs }: Now): Html {
  const { say } = language;
  const room = roomLeft(status.buffer, language);
  const isFull = status.buffer.disk !== "ok";
  return html`<p><b>${holds(status, { language, nowMs })}</b>${isFull ? ` ${say("buffer.room-gone")}` : room === null ? null : ` ${say("buffer.room-at-rate", { room })}`}</p>`;
}

function holds({ buffer: { entries: count, oldestAt }, sinks }: GatewayStatus, now: Omit<Now, "timezone">): string {
  const { language, nowMs } = now;
  if (count === 0) return language.say(sinks.length === 0 ? "buffer.holds-nothing" : "buffer.holds-all-sent");
  if (oldestAt === null) return language.say("buffer.holds", { count });
  return language.say("buffer.holds-oldest", { count, time: language.span(nowMs - Date.parse(oldestAt)) });
}

function waiting({ entries: count, pictures }: Buffer, { say }: Language): string {
  return pictures === 0 ? say("buffer.waiting-count", { count }) : say("buffer.waiting-pictures", { count, pictures });
}

/** The spool's classes, in the order in which people care for them. */
const CLASSES: readonly (readonly [MessageKey, RegExp])[] = [
  ["buffer.class-snapshot", /^snapshot/],
  ["buffer.class-motion", /^motion/],
  ["buffer.class-light", /^light/],
  ["buffer.class-house", /^(?!snapshot|motion|light)/],
];

function classes({ byClass = {} }: Buffer, { say, number }: Language): readonly Html[] {
  const found = Object.entries(byClass);
  return CLASSES.flatMap(([key, form]) => {
    const count = found.filter(([name]) => form.test(name)).reduce((sum, [, each]) => sum + each, 0);
    return count === 0 ? [] : [html`<dt class="of-it">${say(key)}</dt><dd>${number(count)}</dd>`];
  });
}

/** In hours up to four days: "about 3 days" is too coarse for who decides whether to come by on Sunday. Null where nobody knows. */
function roomLeft({ disk, hoursLeft }: Buffer, { say, span }: Language): string | null {
  if (disk !== "ok") return say("buffer.room-none");
  if (hoursLeft === null) return null;
  return hoursLeft >= 1 && hoursLeft < 96
    ? say("buffer.room-hours", { hours: Math.round(hoursLeft) })
    : say("buffer.room-span", { time: span(hoursLeft * HOUR_MS) });
}

/** A week as a bar, for the eye; the words beside it say the same. It grows from where reading begins. */
function hoursBar({ disk, hoursLeft }: Buffer, language: Language): Html | null {
  if (hoursLeft === null) return null;
  const { barHours, hoursLeftMin } = BUFFER_LIMITS;
  const hours = disk === "ok" ? Math.min(barHours, Math.max(hoursLeft, 0)) : 0;
  const isLate = hours < hoursLeftMin;
  const at = (from: number, width: number): number => (language.direction === "rtl" ? barHours - from - width : from);
  const marks = Array.from({ length: barHours / 24 - 1 }, (_, day) => (day + 1) * 24);
  return html`<div class="hours-left${isLate ? " late" : ""}"><svg viewBox="0 0 ${barHours} 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect x="${at(0, hours)}" width="${hours}" height="8"/>${marks.map((mark) => html`<path class="mark" d="M${at(mark, 0)} 0v8"/>`)}</svg>
<p>${language.say("buffer.room-bar")}</p></div>`;
}

/** The bar is for the eye; the line says the same. */
function fullness({ bytes, bytesMax }: Buffer, language: Language): Html {
  const { say, size, percent } = language;
  const share = Math.min(1, bytes / bytesMax);
  const isLittle = bytes > 0 && share < 0.005;
  const said = {
    used: size(bytes),
    whole: size(bytesMax),
    percent: percent(isLittle ? 0.01 : Math.round(share * 100) / 100),
  };
  return html`<p class="muted">${say(isLittle ? "buffer.used-little" : "buffer.used", said)}</p>`;
}
