// Cameras that are being set up or changed and are not saved yet: in memory, for the session that does it, for some hours.
import { createHash } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { CameraPolicyEntry, CameraSettings } from "../settings/schema.ts";
import { CAMERA_PAGE_LIMITS } from "./camera-limits.ts";
import type { Holder } from "./camera-tests.ts";

/** `credentials`: user:password as typed; undefined: those there are. `hasSource`, `hasRules`: these steps are done. `after`: where one goes on to when it is saved; empty: to the camera. */
export type CameraDraft = {
  readonly camera: CameraSettings;
  readonly policy: CameraPolicyEntry;
  readonly credentials: string | undefined;
  readonly isNew: boolean;
  readonly hasSource: boolean;
  readonly hasRules: boolean;
  readonly after: string;
};

type Kept = { readonly draft: CameraDraft; readonly startedMs: number };

export class CameraDrafts {
  /** By SHA-256 of the token and the camera's id, the oldest first: the token itself is not kept a second time. */
  readonly #kept = new Map<string, Kept>();
  readonly #clock: Clock;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** In the place of the one before; its time begins anew. Without a session nothing is held. */
  hold(holder: Holder, draft: CameraDraft): void {
    const key = keyOf(holder);
    if (key === null) return;
    this.#kept.delete(key);
    this.#kept.set(key, { draft, startedMs: this.#clock.monotonicMs() });
    for (const oldest of this.#kept.keys())
      if (this.#kept.size > CAMERA_PAGE_LIMITS.draftsHeld) this.#kept.delete(oldest);
  }

  find(holder: Holder): CameraDraft | undefined {
    const key = keyOf(holder);
    const kept = key === null ? undefined : this.#kept.get(key);
    if (kept === undefined || key === null) return undefined;
    if (this.#clock.monotonicMs() - kept.startedMs < CAMERA_PAGE_LIMITS.draftHeldMs) return kept.draft;
    this.#kept.delete(key);
    return undefined;
  }

  forget(holder: Holder): void {
    const key = keyOf(holder);
    if (key !== null) this.#kept.delete(key);
  }
}

function keyOf({ token, camera }: Holder): string | null {
  return token === undefined ? null : `${createHash("sha256").update(token).digest("base64url")} ${camera}`;
}
