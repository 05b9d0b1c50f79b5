// What `hedgerow doctor` finds: how it stands, one sentence, one remedy; and what its groups look with.
import type { Clock } from "../../core/clock.ts";
import type { GatewayStatus } from "../../core/commands.ts";
import { GatewayError } from "../../core/errors.ts";
import type { Settings } from "../../settings/load.ts";
import type { Kit } from "../../settings/schema.ts";

/** ok: nothing to do. note: worth knowing. warning: will hurt one day. trouble: something does not work; the exit code is 1. */
export type Diagnosis = {
  readonly state: "ok" | "note" | "warning" | "trouble";
  readonly text: string;
  readonly remedy: string | null;
};

/** `root`: where /proc and /sys begin, `path`: where programs are looked for; both the machine's own except in tests. */
export type Machine = { readonly root: string; readonly path: string; readonly clock: Clock };

/**
 * What is known of the gateway here. `kit`: as the registry holds it, or kit.yaml before the first start. `running`: what the
 * gateway says of itself, null when none runs.
 */
export type Site = {
  readonly settings: Settings;
  readonly kit: Pick<Kit, "devices" | "cameras">;
  readonly running: GatewayStatus | null;
};

export const ok = (text: string): Diagnosis => ({ state: "ok", text, remedy: null });
export const note = (text: string, remedy: string | null = null): Diagnosis => ({ state: "note", text, remedy });
export const warning = (text: string, remedy: string): Diagnosis => ({ state: "warning", text, remedy });
export const trouble = (text: string, remedy: string): Diagnosis => ({ state: "trouble", text, remedy });

/** "1.5 GiB", "200 MiB": sizes of memory and disks. */
export function sizeOf(bytes: number): string {
  const mebibytes = bytes / (1024 * 1024);
  return mebibytes >= 1024 ? `${(mebibytes / 1024).toFixed(1)} GiB` : `${Math.floor(mebibytes)} MiB`;
}

/** For `.catch()`: an error that a person meets is a finding; any other rises. */
export function orRefusal(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  throw thrown;
}
