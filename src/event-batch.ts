// Gathers what one transaction of road 1 will hold: entries, count windows, what is remembered, and counters.
import type { Batch, Making } from "./spool/spool.ts";

export class BatchDraft {
  readonly #makings: Making[] = [];
  readonly #windows: Record<string, NonNullable<Batch["windows"]>[string]> = {};
  readonly #state: Record<string, string | null> = {};
  readonly counters: Record<string, number> = {};
  #isNews = false;

  /** Whether it holds anything that must not wait. */
  get isNews(): boolean {
    return this.#isNews || this.#makings.length > 0;
  }

  mustNotWait(): void {
    this.#isNews = true;
  }

  make(making: Making): void {
    this.#makings.push(making);
  }

  window(deviceId: string, window: NonNullable<Batch["windows"]>[string]): void {
    this.#windows[deviceId] = window;
  }

  remember(key: string, text: string | null): void {
    this.#state[key] = text;
  }

  count(name: string, by: number): void {
    if (by !== 0) this.counters[name] = (this.counters[name] ?? 0) + by;
  }

  finished(): Batch {
    return { make: this.#makings, windows: this.#windows, state: this.#state, counters: this.counters };
  }
}
