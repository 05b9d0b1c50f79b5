// Hours for which the policy keeps something, and which the house would cut: what is promised must be what happens.
import { LIMITS } from "../core/limits.ts";
import { warning } from "./address-checks.ts";
import type { Complaint } from "./issues.ts";
import type { Policy } from "./schema.ts";

const HOURS_MAX = LIMITS.eventTtlMs / 3_600_000;

/** A warning for each number of hours above what anything is kept for (LIMITS.eventTtlMs). */
export function checkHours({ events, cameras }: Pick<Policy, "events" | "cameras">): Complaint[] {
  const written: readonly (readonly [Complaint["path"], number | undefined])[] = [
    [["events", "retentionHours"], events.retentionHours],
    ...Object.entries(events.retentionHoursOf).map(
      ([name, hours]) => [["events", "retentionHoursOf", name], hours] as const,
    ),
    ...Object.entries(cameras).map(
      ([id, { retentionHours }]) => [["cameras", id, "retentionHours"], retentionHours] as const,
    ),
  ];
  return written.flatMap(([path, hours]) =>
    hours === undefined || hours <= HOURS_MAX
      ? []
      : [
          warning(
            path,
            `nothing is kept for longer than ${HOURS_MAX} hours, so ${hours} means ${HOURS_MAX}; write that`,
          ),
        ],
  );
}
