// How things were in the last month: what is remembered of each, in memory and as the texts that the spool keeps. Changes of the
// five states alone, and the lowest battery and link of a day. Never what a sensor sensed nor how often: a history of movement on
// the disk would be what people agreed not to make.
import type { Clock } from "../core/clock.ts";
import type { DayLow, HistoryChange, HistoryKind, ThingHistory } from "../core/history-commands.ts";
import type { DeviceState } from "../core/reading.ts";
import { HISTORY_LIMITS, STEPS_KEPT } from "./history-limits.ts";
import { lowsOf, lowsText, withLow } from "./lows.ts";
import { awakeIn, knownIn, type Runs, runsOf, runsSince, runsText } from "./runs.ts";
import { noted, since, textOf, type Track, trackOf, upTo, without } from "./track.ts";

/** What is seen of a thing at one look. */
export type Seen = {
  readonly kind: Exclude<HistoryKind, "gateway">;
  readonly id: string;
  readonly state: DeviceState;
  readonly batteryPct?: number | null;
  readonly linkPct?: number | null;
};

/** What shall be forgotten; without things it is all devices and cameras, without times for ever. Epoch milliseconds. */
export type ForgetAsk = {
  readonly devices: readonly string[];
  readonly cameras: readonly string[];
  readonly fromMs: number | null;
  readonly toMs: number | null;
};

type Memory = { readonly track: Track; readonly lows: readonly DayLow[]; readonly seen: DeviceState | null };

const PREFIX = "history:";
const HOUSE = `${PREFIX}gateway`;
/** Whenever it was awake. */
const AWAKE: Track = [{ step: 0, state: "ok" }];
const { stepMs, deviceSteps, charsMax } = HISTORY_LIMITS;

export class History {
  readonly #clock: Clock;
  readonly #dateOf: Intl.DateTimeFormat;
  readonly #memories: Map<string, Memory>;
  #runs: Runs;
  /** Keys to be written: those that cannot wait, and those that go along with them. */
  readonly #news = new Set<string>();
  readonly #later = new Set<string>();

  /** `kept`: what the spool has under `history:`. A text that is none of ours is as good as absent. */
  constructor({
    kept,
    clock,
    timezone,
  }: {
    readonly kept: ReadonlyMap<string, string>;
    readonly clock: Clock;
    readonly timezone: string;
  }) {
    this.#clock = clock;
    this.#dateOf = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short" });
    const texts = [...kept].filter(([key, text]) => key !== HOUSE && text.length <= charsMax);
    this.#memories = new Map(texts.map(([key, text]) => [key, memoryOf(text)]));
    const house = kept.get(HOUSE) ?? "";
    this.#runs = house.length <= charsMax ? runsOf(house) : [];
  }

  /** Takes up how all things of the house are now. While the clock cannot be believed nothing is: nobody knows when it would be. */
  look(things: readonly Seen[]): void {
    if (!this.#clock.isSynced()) return;
    const nowMs = this.#clock.nowMs();
    const step = Math.floor(nowMs / stepMs);
    this.#wake(step);
    const day = this.#dateOf.format(nowMs);
    const there = new Set(things.map(keyOf));
    for (const key of this.#memories.keys()) if (!there.has(key)) this.#drop(key);
    for (const thing of things) this.#see(thing, { step, day });
  }

  /** Whether something should be on disk by now; what has only grown a little waits for the next step. */
  get isSaveDue(): boolean {
    return this.#news.size > 0;
  }

  /** What is to be written, by key; null forgets. Taken as written. */
  takeUnsaved(): Record<string, string | null> {
    const keys = [...this.#news, ...this.#later];
    this.#news.clear();
    this.#later.clear();
    return Object.fromEntries(keys.map((key) => [key, this.#textOf(key)]));
  }

  /** The write of these keys failed. */
  putBack(keys: Iterable<string>): void {
    for (const key of keys) this.#news.add(key);
  }

  /** Forgets in memory, and gives what is to be written. */
  forget({ devices, cameras, fromMs, toMs }: ForgetAsk): Record<string, string | null> {
    const isAll = devices.length + cameras.length === 0;
    const named = new Set([
      ...devices.map((id) => keyOf({ kind: "device", id })),
      ...cameras.map((id) => keyOf({ kind: "camera", id })),
    ]);
    const isMeant = (key: string) => (isAll ? /^history:(device|camera):/.test(key) : named.has(key));
    const first = Math.floor((fromMs ?? 0) / stepMs);
    const last = toMs === null ? Math.floor(this.#clock.nowMs() / stepMs) + STEPS_KEPT : Math.floor(toMs / stepMs);
    const keys = [...this.#memories.keys()].filter(isMeant);
    for (const key of keys) {
      const memory = this.#memories.get(key);
      if (memory === undefined) continue;
      if (fromMs === null && toMs === null) this.#memories.delete(key);
      else
        this.#memories.set(key, {
          ...memory,
          track: without(memory.track, { first, last }),
          lows: this.#lowsOutside(memory, { first, last }),
        });
    }
    return Object.fromEntries(keys.map((key) => [key, this.#textOf(key)]));
  }

  historyOf(kind: HistoryKind, id: string): ThingHistory | null {
    const memory = this.#memories.get(keyOf({ kind, id }));
    if (memory === undefined && kind !== "gateway") return null;
    const last = Math.floor(this.#clock.nowMs() / stepMs);
    const span = { first: last - STEPS_KEPT + 1, last };
    const track = kind === "gateway" ? AWAKE : (memory?.track ?? []);
    const changes = knownIn(track, { runs: this.#runs, ...span }).map(({ step, state }): HistoryChange => {
      return { atMs: step * stepMs, state };
    });
    const toMs = Math.max(span.first * stepMs, this.#clock.nowMs());
    return { fromMs: span.first * stepMs, toMs, changes, lows: memory?.lows ?? [] };
  }

  #wake(step: number): void {
    const before = this.#runs.at(-1)?.last;
    if (before === step) return;
    this.#runs = runsSince(awakeIn(this.#runs, step), step - STEPS_KEPT);
    this.#news.add(HOUSE);
    for (const [key, memory] of this.#memories) {
      const track = since(
        before !== undefined && step < before ? upTo(memory.track, step) : memory.track,
        step - STEPS_KEPT,
      );
      if (track === memory.track) continue;
      this.#memories.set(key, { ...memory, track });
      this.#later.add(key);
    }
  }

  #see(
    { batteryPct = null, linkPct = null, ...thing }: Seen,
    { step, day }: { readonly step: number; readonly day: string },
  ): void {
    const key = keyOf(thing);
    const memory = this.#memories.get(key) ?? { track: [], lows: [], seen: null };
    const { state, kind } = thing;
    // What is seen but once has passed within a minute.
    const isSure = memory.seen === state;
    const rounding = kind === "device" ? deviceSteps : 1;
    const track = isSure ? noted(memory.track, { step, state, rounding }) : memory.track;
    const lows = withLow(memory.lows, { day, batteryPct, linkPct });
    this.#memories.set(key, { track, lows, seen: state });
    if (track !== memory.track) this.#news.add(key);
    else if (lows !== memory.lows) this.#later.add(key);
  }

  #drop(key: string): void {
    this.#memories.delete(key);
    this.#news.add(key);
  }

  /** Without the days of which any part is meant. */
  #lowsOutside(
    { lows }: Memory,
    { first, last }: { readonly first: number; readonly last: number },
  ): readonly DayLow[] {
    const [from, to] = [this.#dateOf.format(first * stepMs), this.#dateOf.format((last + 1) * stepMs - 1)];
    return lows.filter(({ day }) => day < from || day > to);
  }

  #textOf(key: string): string | null {
    if (key === HOUSE) return runsText(this.#runs);
    const memory = this.#memories.get(key);
    return memory === undefined ? null : `${textOf(memory.track)}|${lowsText(memory.lows)}`;
  }
}

function keyOf({ kind, id }: { readonly kind: HistoryKind; readonly id: string }): string {
  return `${PREFIX}${kind}:${id}`;
}

function memoryOf(text: string): Memory {
  const [track = "", lows = ""] = text.split("|");
  return { track: trackOf(track), lows: lowsOf(lows), seen: null };
}
