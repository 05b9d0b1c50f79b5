// One camera's lane: cool-down, daily budget, hours. It decides whether a trigger becomes a look; it does not look.

/** What is remembered of a day: written to the spool with each snapshot, so that a restart gives no second budget. */
export type DayCount = { readonly day: string; readonly taken: number };

/** Who asks for a picture: a device's motion, the camera itself (mqtt, folder), the time of the day, or a person. */
export type TriggerBy = "device" | "camera" | "schedule" | "hand";

export type LaneRule = {
  readonly cooldownMs: number;
  readonly perDay: number;
  /** The last day, as YYYY-MM-DD in the site's time zone. */
  readonly until: string;
};

export type Refusal = "paused" | "draft" | "policy" | "quiet" | "outside-schedule" | "daily-budget" | "cooldown";

/** `today`: of `dayAt`. `monotonicMs`: never jumps. `isOpen`: within the camera's hours. `isQuiet`: by the policy. */
export type LaneMoment = {
  readonly today: string;
  readonly monotonicMs: number;
  readonly isOpen: boolean;
  readonly isQuiet: boolean;
  /** Why it does not look at all: a person paused it, or what it may do has not been agreed yet. */
  readonly held: "paused" | "draft" | null;
};

/** A board without a clock battery wakes up with an hour it kept before, most often of the same day or the one before. */
const SET_BACK_MS = 2 * 24 * 3_600_000;

/** Reads what was remembered. A text that is none (a damaged spool) is no count: the cost is one day's budget once more. */
export function parseDayCount(text: string): DayCount | null {
  try {
    const kept: unknown = JSON.parse(text);
    if (typeof kept !== "object" || kept === null || !("day" in kept) || !("taken" in kept)) return null;
    const { day, taken } = kept;
    return typeof day === "string" && typeof taken === "number" ? { day, taken } : null;
  } catch {
    return null;
  }
}

export class Lane {
  readonly #rule: LaneRule;
  #count: DayCount;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(rule: LaneRule, kept: DayCount | null) {
    this.#rule = rule;
    this.#count = kept ?? { day: "", taken: 0 };
  }

  /** Why a trigger becomes no look, or null. The cool-down is for what moves, not for clocks and people. */
  refuses(by: TriggerBy, { today, monotonicMs, isOpen, isQuiet, held }: LaneMoment): Refusal | null {
    if (held !== null) return held;
    if (this.isEnded(today)) return "policy";
    if (isQuiet) return "quiet";
    if (!isOpen) return "outside-schedule";
    if (this.takenOn(today) >= this.#rule.perDay) return "daily-budget";
    const isOfAMove = by === "device" || by === "camera";
    return isOfAMove && monotonicMs - this.#lastMs < this.#rule.cooldownMs ? "cooldown" : null;
  }

  /**
   * The day that counts (YYYY-MM-DD) by the one the clock shows. A clock that was set back, as after a power cut, gives no second
   * budget: by up to two days the day goes on that had begun. Further back that day was wrong; what was taken then still counts.
   */
  dayAt(shown: string): string {
    const backMs = Date.parse(this.#count.day) - Date.parse(shown);
    return backMs > 0 && backMs <= SET_BACK_MS ? this.#count.day : shown;
  }

  isEnded(today: string): boolean {
    return today > this.#rule.until;
  }

  /** A look begins, and with it the cool-down. */
  begin(monotonicMs: number): void {
    this.#lastMs = monotonicMs;
  }

  /** A frame was taken: it uses one of the day, also when it is withheld. A camera that gave none uses nothing. */
  countFrame(today: string): DayCount {
    this.#count = { day: today, taken: this.takenOn(today) + 1 };
    return this.#count;
  }

  takenOn(today: string): number {
    return this.#count.day >= today ? this.#count.taken : 0;
  }
}
