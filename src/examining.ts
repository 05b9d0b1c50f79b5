// What `hedgerow doctor` looks at, from inside the running gateway: on a person's wish, one look at a time, kept for a minute.
import { DOCTOR_LIMITS } from "./cli/doctor/doctor-limits.ts";
import { type Found, lookAround, SYSTEM } from "./cli/doctor/look-around.ts";
import type { Clock } from "./core/clock.ts";
import type { GatewayStatus } from "./core/commands.ts";
import type { DoctorCommands } from "./core/doctor-commands.ts";
import { messageOf } from "./core/errors.ts";
import type { Log } from "./core/log.ts";
import type { Registry } from "./registry/registry.ts";
import type { Settings } from "./settings/load.ts";

/** `root`, `path`: of the machine, others in tests. */
type Deps = {
  readonly settings: Settings;
  readonly registry: Pick<Registry, "data">;
  readonly status: () => GatewayStatus;
  readonly clock: Clock;
  readonly log: Log;
  readonly machine?: { readonly root: string; readonly path: string };
};

/** What is being looked at ends when `stop` aborts. */
export function createDoctorCommands(
  { settings, registry, status, clock, log, machine = SYSTEM }: Deps,
  stop: AbortSignal,
): DoctorCommands {
  let found: { readonly at: string; readonly monotonicMs: number; readonly groups: readonly Found[] } | null = null;
  let left: readonly string[] = [];
  let looking: Promise<void> | null = null;
  const look = async (): Promise<void> => {
    const site = { settings, kit: registry.data(), running: status() };
    const groups = await lookAround(
      { machine: { ...machine, clock }, site },
      (groupsLeft) => {
        left = groupsLeft;
      },
      stop,
    );
    // What was broken off is no finding.
    if (stop.aborted) return;
    found = { at: new Date(clock.nowMs()).toISOString(), monotonicMs: clock.monotonicMs(), groups };
  };
  const isFresh = (): boolean => found !== null && clock.monotonicMs() - found.monotonicMs < DOCTOR_LIMITS.keptMs;
  return {
    doctor: () => ({ at: found?.at ?? null, left, groups: found?.groups ?? [] }),
    examine: async () => {
      if (looking === null && (isFresh() || stop.aborted)) return;
      looking ??= look()
        .catch((cause: unknown) => log.error({ cause: messageOf(cause) }, "the machine could not be looked at"))
        .finally(() => {
          left = [];
          looking = null;
        });
      await looking;
    },
  };
}
