// What each camera's pictures have shown of the detector's sight: when the canary was last found, and whether the newest
// picture could be judged. It holds for the child that showed it; another one may be blind.
import type { Clock } from "../core/clock.ts";
import type { AnswerToAsk } from "./redactor-protocol.ts";

/** `generation`: which child looked. */
export type Looker = { readonly cameraId: string; readonly generation: number };
export type CameraSight = { readonly canSee: boolean; readonly why: string | null; readonly atMs: number };

/** By camera id; there are as many as the kit has cameras. */
export class CameraSights {
  readonly #clock: Clock;
  /** Monotonic. */
  readonly #canaryFound = new Map<string, { readonly atMs: number; readonly generation: number }>();
  readonly #newest = new Map<string, { readonly sight: CameraSight; readonly generation: number }>();
  /** Why the last canary was not found, not even on plain grey. */
  #blindness: { readonly why: string; readonly generation: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `cameraId` null: nothing was said of any camera. `isBuiltIn`: with the model that all cameras share. */
  learn(of: { cameraId: string | null; generation: number; isBuiltIn: boolean }, answer: AnswerToAsk): void {
    const { cameraId, generation, isBuiltIn } = of;
    if (isBuiltIn && answer.canary === true) this.#blindness = null;
    if (isBuiltIn && answer.kind === "withheld" && answer.why === "canary-missed")
      this.#blindness = { why: answer.detail, generation };
    if (cameraId === null) return;
    if (answer.canary === true) this.#canaryFound.set(cameraId, { atMs: this.#clock.monotonicMs(), generation });
    // What was found before is no evidence any more: the next picture is looked at with the canary.
    if (answer.canary === false) this.#canaryFound.delete(cameraId);
    const why = whyUnseen(answer);
    const sight = { canSee: why === null, why, atMs: this.#clock.nowMs() };
    this.#newest.set(cameraId, { sight, generation });
  }

  /** How long ago this child found the canary in a picture of this camera; null if it never did. */
  canaryAgeMs({ cameraId, generation }: Looker): number | null {
    const found = this.#canaryFound.get(cameraId);
    return found?.generation === generation ? this.#clock.monotonicMs() - found.atMs : null;
  }

  sightOf({ cameraId, generation }: Looker): CameraSight | null {
    const newest = this.#newest.get(cameraId);
    return newest?.generation === generation ? newest.sight : null;
  }

  /** Why this child is blind, whatever the scene; null if it is not. */
  blindnessOf(generation: number): string | null {
    return this.#blindness?.generation === generation ? this.#blindness.why : null;
  }
}

/** Null when the picture could be judged; else why not, for a person. */
export function whyUnseen(answer: AnswerToAsk): string | null {
  switch (answer.kind) {
    case "sees":
      return null;
    case "image":
      return answer.outcome === "mosaic" && answer.canary !== true ? cannotSeeWell(answer.detail) : null;
    case "withheld":
      if (answer.canary === true) return null;
      return answer.why === "unsure" ? cannotSeeWell(answer.detail) : answer.detail;
  }
}

function cannotSeeWell(detail: string | null): string {
  return `cannot see well enough: ${detail ?? "nobody knows why"}`;
}
