// What of all that the house holds a wish to erase means, and how much it is. Reads only, in parts, so that no acknowledgement
// waits for all of a long backlog.
import { setImmediate as yieldToOthers } from "node:timers/promises";
import type { ProposalView } from "./core/commands.ts";
import type { ErasureView } from "./core/erasure-commands.ts";
import type { ErasingDeps } from "./erasing.ts";
import { type Forgetting, forgetIn } from "./normalise/forgetting.ts";
import { type ErasureScope, type IsMeant, isWithin, meantBy } from "./privacy/erasure-scope.ts";
import { SPOOL_LIMITS } from "./spool/spool-limits.ts";
import type { Said } from "./spool/spool-erasure.ts";

/** A wish bound to this house: what of each kind it means. */
export type Bound = {
  readonly scope: ErasureScope;
  readonly isMeant: IsMeant;
  readonly forgetting: Forgetting;
  /** Of an open count window. */
  readonly isWindowMeant: (deviceId: string, window: { readonly fromMs: number; readonly toMs: number }) => boolean;
  readonly isProposalMeant: (proposal: Pick<ProposalView, "deviceId">) => boolean;
};

export function boundOf(scope: ErasureScope, { disclosure, clock }: Pick<ErasingDeps, "disclosure" | "clock">): Bound {
  const { devices, cameras, fromMs, toMs } = scope;
  const isDevice = (id: string) => devices.includes(id) || (devices.length === 0 && cameras.length === 0);
  // A clock that was never set knows no season; the house knows the time that it is at least.
  const nowMs = Math.max(clock.nowMs(), disclosure.earliestNowMs());
  return {
    scope,
    isMeant: meantBy(scope, { pseudonyms: disclosure.pseudonyms, nowMs }),
    forgetting: {
      isDevice,
      isWhen: (atMs) => isWithin({ fromMs: atMs, toMs: atMs }, scope),
      isAlways: fromMs === null && toMs === null,
    },
    isWindowMeant: (deviceId, window) => isDevice(deviceId) && isWithin(window, scope),
    isProposalMeant: ({ deviceId }) => deviceId !== null && devices.includes(deviceId),
  };
}

/** What is meant, part by part; `read` gives the next part above what the last one ended with. */
export async function* eachMeant<T extends Said & { readonly row?: number }>(
  read: (part: { readonly after: number; readonly entriesMax: number }) => readonly T[],
  { isMeant }: Pick<Bound, "isMeant">,
): AsyncGenerator<T[], void> {
  for (let after = 0; ; ) {
    const part = read({ after, entriesMax: SPOOL_LIMITS.saidAtOnce });
    const last = part.at(-1);
    if (last === undefined) return;
    after = last.row ?? last.sequence;
    const meant = part.filter(isMeant);
    if (meant.length > 0) yield meant;
    await yieldToOthers();
  }
}

/** For a person: how much there is. */
export async function holdingsOf(
  bound: Bound,
  { spool, registry, approvals, platforms }: ErasingDeps,
): Promise<ErasureView> {
  const { scope, forgetting, isWindowMeant, isProposalMeant } = bound;
  const byType: Record<string, number> = {};
  const sums = { entries: 0, rejected: 0, pictures: 0 };
  for await (const part of eachMeant((from) => spool.erasable.waiting(from), bound)) {
    sums.entries += part.length;
    sums.pictures += part.filter(({ cameraId }) => cameraId !== null).length;
    for (const { type } of part) byType[type] = (byType[type] ?? 0) + 1;
  }
  for await (const part of eachMeant((from) => spool.erasable.rejected(from), bound)) {
    sums.rejected += part.length;
    for (const { type } of part) byType[type] = (byType[type] ?? 0) + 1;
  }
  sums.pictures += spool.erasable.kept().filter(bound.isMeant).length;
  const { entries: damaged, files } = await spool.erasable.setAside();
  const { devices, cameras } = registry.data();
  const known = (ids: readonly string[], kit: readonly { readonly id: string }[]) =>
    ids.map((id) => ({ id, isInKit: kit.some((each) => each.id === id) }));
  return {
    devices: known(scope.devices, devices),
    cameras: known(scope.cameras, cameras),
    from: isoOrNull(scope.fromMs),
    to: isoOrNull(scope.toMs),
    ...sums,
    byType,
    windows: [...spool.openWindows()].filter(([id, window]) => isWindowMeant(id, window)).length,
    memories: forgetIn(spool.state("device:"), forgetting).forgotten.length,
    proposals: approvals.list().filter(isProposalMeant).length,
    setAside: damaged + files,
    platforms,
  };
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
