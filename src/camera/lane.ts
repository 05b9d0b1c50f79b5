// One camera's lane: one snapshot at a time, newest trigger wins, cool-down and daily budget. It decides; it does not look.

/** What is remembered of a day: written to the spool with each snapshot, so that a restart gives no second budget. */
export type DayCount = { readonly day: string; readonly taken: number };

export type LaneRule = {
  readonly cooldownMs: number;
  readonly perDay: number;
  /** The last day, as YYYY-MM-DD in the site's time zone. */
  readonly until: string;
};

export type Refusal = "cooldown" | "daily-budget" | "policy";

/** Decides whether a trigger becomes a snapshot. `today` is YYYY-MM-DD in the site's time zone; `monotonicMs` never jumps. */
export class Lane {
  readonly #rule: LaneRule;
  #count: DayCount;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(rule: LaneRule, kept: DayCount | null) {
    this.#rule = rule;
    this.#count = kept ?? { day: "", taken: 0 };
  }

  refuses({ today, monotonicMs }: { today: string; monotonicMs: number }): Refusal | null {
    if (today > this.#rule.until) return "policy";
    if (this.takenOn(today) >= this.#rule.perDay) return "daily-budget";
    if (monotonicMs - this.#lastMs < this.#rule.cooldownMs) return "cooldown";
    return null;
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
    return this.#count.day === today ? this.#count.taken : 0;
  }
}
