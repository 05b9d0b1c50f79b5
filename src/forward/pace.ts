// A cap of bytes per second on one sink: a token bucket over what was really put on the line.
//
// Two levels, so that live events pass a picture that is being paid off: everything lowers `all`, small things `light` as well.
// Backlog and pictures wait until `all` is paid; live events without a picture wait for `light` alone. Over any hour no more than
// the cap is sent, but for one batch or picture, as long as the live events fit into it by themselves.
import { LIMITS } from "../core/limits.ts";
import { FORWARD_LIMITS } from "./forward-limits.ts";

export class Pace {
  readonly #bytesPerSecond: number;
  readonly #debts = { all: { bytes: 0, atMs: 0 }, light: { bytes: 0, atMs: 0 } };

  /** Null: no cap. */
  constructor(bytesPerSecond: number | null) {
    this.#bytesPerSecond = bytesPerSecond ?? Number.POSITIVE_INFINITY;
  }

  /** Bytes of one batch that is not urgent. */
  get bytesAtOnce(): number {
    const { cappedBatchS, cappedBatchBytesMin } = FORWARD_LIMITS;
    return Math.min(LIMITS.batchBytes, Math.max(cappedBatchBytesMin, this.#bytesPerSecond * cappedBatchS));
  }

  /** Milliseconds (monotonic) until this kind may go, 0: now. A second's worth may be sent at once. */
  inMs(kind: "all" | "light", nowMs: number): number {
    const over = this.#owed(kind, nowMs);
    return over <= 0 ? 0 : Math.ceil((over / this.#bytesPerSecond) * 1000);
  }

  spent({ bytes, isLight }: { readonly bytes: number; readonly isLight: boolean }, nowMs: number): void {
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return;
    for (const kind of isLight ? (["all", "light"] as const) : (["all"] as const))
      this.#debts[kind] = { bytes: this.#owed(kind, nowMs) + bytes, atMs: nowMs };
  }

  /** What is owed, negative while there is credit: a second's worth at most. */
  #owed(kind: "all" | "light", nowMs: number): number {
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return 0;
    const { bytes, atMs } = this.#debts[kind];
    const paid = (Math.max(0, nowMs - atMs) / 1000) * this.#bytesPerSecond;
    return Math.max(-this.#bytesPerSecond, bytes - paid);
  }
}
