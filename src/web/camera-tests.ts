// Test pictures between the look and the page that shows them: in memory, only for the session that asked, for some minutes.
import { createHash } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { CameraTest } from "../core/commands.ts";
import { CAMERA_PAGE_LIMITS } from "./camera-limits.ts";

export type HeldTest = { readonly test: CameraTest; readonly takenAtMs: number; readonly endsAtMs: number };
/** `token`: the session's; without one nothing is held and nothing found. */
export type Holder = { readonly token: string | undefined; readonly camera: string };

type Kept = HeldTest & { readonly startedMs: number; readonly timer: NodeJS.Timeout };
type Bounds = { readonly testsHeld: number; readonly testsHeldBytes: number; readonly testHeldMs: number };

export class HeldTests {
  /** By SHA-256 of the token and the camera's id, the oldest first. */
  readonly #kept = new Map<string, Kept>();
  readonly #clock: Clock;
  readonly #bounds: Bounds;

  /** `bounds`: smaller ones for tests. */
  constructor({ clock, bounds = CAMERA_PAGE_LIMITS }: { clock: Clock; bounds?: Bounds }) {
    this.#clock = clock;
    this.#bounds = bounds;
  }

  /** Holds the newest look of this session through this camera; the one before is forgotten. */
  hold(holder: Holder, test: CameraTest): void {
    if (holder.token === undefined) return;
    this.forget(holder);
    const key = keyOf(holder.token, holder.camera);
    const { testHeldMs, testsHeld, testsHeldBytes } = this.#bounds;
    const takenAtMs = this.#clock.nowMs();
    const timer = setTimeout(() => this.#drop(key), testHeldMs).unref();
    const startedMs = this.#clock.monotonicMs();
    this.#kept.set(key, { test, takenAtMs, endsAtMs: takenAtMs + testHeldMs, startedMs, timer });
    for (const oldest of this.#kept.keys())
      if (this.#kept.size > testsHeld || this.bytes() > testsHeldBytes) this.#drop(oldest);
  }

  /** What this session saw last through this camera, or undefined. */
  find({ token, camera }: Holder): HeldTest | undefined {
    if (token === undefined) return undefined;
    const key = keyOf(token, camera);
    const kept = this.#kept.get(key);
    if (kept !== undefined && this.#clock.monotonicMs() - kept.startedMs < this.#bounds.testHeldMs) return kept;
    this.#drop(key);
    return undefined;
  }

  forget({ token, camera }: Holder): void {
    if (token !== undefined) this.#drop(keyOf(token, camera));
  }

  /** When a session ends by its own wish. */
  forgetAll(token: string | undefined): void {
    if (token === undefined) return;
    const all = keyOf(token, "");
    for (const key of this.#kept.keys()) if (key.startsWith(all)) this.#drop(key);
  }

  /** When a person had something erased of these cameras; empty: of all. */
  forgetCameras(cameras: readonly string[]): void {
    for (const key of this.#kept.keys())
      if (cameras.length === 0 || cameras.includes(key.slice(key.indexOf(" ") + 1))) this.#drop(key);
  }

  /** Of all pictures that are held. */
  bytes(): number {
    return [...this.#kept.values()].reduce((sum, { test }) => sum + ("jpeg" in test ? test.jpeg.length : 0), 0);
  }

  #drop(key: string): void {
    clearTimeout(this.#kept.get(key)?.timer);
    this.#kept.delete(key);
  }
}

/** The token itself is not kept a second time. */
function keyOf(token: string, camera: string): string {
  return `${createHash("sha256").update(token).digest("base64url")} ${camera}`;
}
