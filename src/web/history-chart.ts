// How a thing was, drawn: a day by its quarters of an hour, a month by its days. The height says what the colour says. It is
// drawn from the oldest to the newest in the direction in which the words run: in Arabic the oldest stands at the right, where
// a reader begins, as on the chart of the public page (the style sheet turns it).
import type { HistoryKind, ThingHistory } from "../core/history-commands.ts";
import type { DeviceState } from "../core/reading.ts";
import { daysSentence, hoursSentence, type Span, spellsIn } from "./history-words.ts";
import { HISTORY_PAGE_LIMITS } from "./history-page-limits.ts";
import { type Html, html } from "./html.ts";
import { midnightBefore, type Now } from "./words.ts";

type Drawn = { readonly kind: HistoryKind; readonly now: Now };

/** Of 20: well is as high as it gets, paused and never heard are a thin line. */
const HEIGHTS: Readonly<Record<DeviceState, number>> = { ok: 20, stale: 12, offline: 6, unknown: 2, paused: 2 };
/** Units across: minutes of a day, and 40 for each day of a month. */
const DAY_WIDTH = 1440;
const COLUMN = 40;

/** The last 24 hours. */
export function hoursStrip(history: ThingHistory, { kind, now }: Drawn): Html {
  const span = { fromMs: now.nowMs - HISTORY_PAGE_LIMITS.hoursMs, toMs: now.nowMs };
  const x = (ms: number) => Math.round((ms - span.fromMs) / 60_000);
  return html`<svg class="strip" viewBox="0 0 ${DAY_WIDTH} 20" preserveAspectRatio="none" role="img" aria-label="${hoursSentence(history, { kind, span, now })}">${spellsIn(
    history,
    span,
  ).map(({ fromMs, toMs, state }) =>
    state === null
      ? null
      : html`<rect class="${state}" x="${x(fromMs)}" y="${20 - HEIGHTS[state]}" width="${Math.max(1, x(toMs) - x(fromMs))}" height="${HEIGHTS[state]}"/>`,
  )}</svg>`;
}

/** When the last days began, in the gateway's time zone, the oldest first, and now; for all drawings of one page. */
export function dayEdges({ nowMs, timezone }: Pick<Now, "nowMs" | "timezone">): readonly number[] {
  const edges = [nowMs];
  for (let day = 0; day < HISTORY_PAGE_LIMITS.days; day += 1)
    edges.unshift(midnightBefore((edges[0] ?? nowMs) - 1, timezone));
  return edges;
}

/** The last 30 days, each a column: as high as it was well, what was wrong on top of it, narrower the worse. */
export function daysStrip(
  history: ThingHistory,
  { kind, now, edges }: Drawn & { readonly edges: readonly number[] },
): Html {
  const span = { fromMs: edges[0] ?? now.nowMs, toMs: now.nowMs };
  const columns = edges
    .slice(0, -1)
    .map((fromMs, day) => column(history, { fromMs, toMs: edges[day + 1] ?? fromMs }, day));
  return html`<svg class="strip" viewBox="0 0 ${columns.length * COLUMN} 20" preserveAspectRatio="none" role="img" aria-label="${daysSentence(history, { kind, span, now })}">${columns}</svg>`;
}

const WIDTHS: Readonly<Record<DeviceState, number>> = { ok: 32, stale: 24, offline: 16, unknown: 6, paused: 6 };
const BOTTOM_FIRST: readonly DeviceState[] = ["ok", "paused", "unknown", "stale", "offline"];
/** Of 20: a quarter of an hour in a day is to be seen as well. */
const LEAST = 3;

function column(history: ThingHistory, span: Span, day: number): readonly Html[] {
  const sums = new Map<DeviceState, number>();
  for (const { state, fromMs, toMs } of spellsIn(history, span))
    if (state !== null) sums.set(state, (sums.get(state) ?? 0) + toMs - fromMs);
  const whole = span.toMs - span.fromMs;
  const parts = BOTTOM_FIRST.flatMap((state) => {
    const ms = sums.get(state) ?? 0;
    return ms === 0 ? [] : [{ state, height: Math.max(LEAST, Math.round((ms / whole) * 20)) }];
  });
  // What was well gives way, so that no column is higher than the others.
  const over = parts.reduce((sum, { height }) => sum + height, 0) - 20;
  let top = 20;
  return parts.map(({ state, height: full }, index) => {
    const height = Math.max(1, index === 0 && over > 0 ? full - over : full);
    top -= height;
    const width = WIDTHS[state];
    return html`<rect class="${state}" x="${day * COLUMN + (COLUMN - width) / 2}" y="${Math.max(0, top)}" width="${width}" height="${height}"/>`;
  });
}
