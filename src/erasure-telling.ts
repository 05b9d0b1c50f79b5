// Asks the platforms to erase their copies, and asks again where one has been away for so long that the event is past its hour.
import type { Clock } from "./core/clock.ts";
import { LIMITS } from "./core/limits.ts";
import { TOLD_KEY, type Told, toldIn, toldText, type Wish } from "./erasure-wish.ts";
import { type Disclosure, discloseFact } from "./privacy/disclose.ts";
import { ERASURE_LIMITS } from "./core/erasure-limits.ts";
import type { Batch, Spool } from "./spool/spool.ts";

/** `write`: resolves when the batch is on disk. */
type Deps = {
  readonly spool: Pick<Spool, "state" | "erasable">;
  readonly disclosure: Disclosure;
  readonly clock: Clock;
  readonly write: (batch: Batch) => Promise<void>;
};

/** Gives what is to be remembered of it, under TOLD_KEY. */
export async function tellPlatforms(wish: Wish, deps: Deps): Promise<string> {
  const { spool, clock, disclosure } = deps;
  const { devices, cameras, fromMs } = wish;
  // What is told once more in weeks must not mean what was said since; a clock that is not believed cannot say until when.
  const bucketMs = disclosure.policy.events.timeBucketS * 1000;
  const toMs = wish.toMs ?? (clock.isSynced() ? Math.ceil((wish.atMs + 1) / bucketMs) * bucketMs : null);
  const told: Told = { devices, cameras, fromMs, toMs, atMs: clock.nowMs() };
  await tell(told, deps);
  return toldText([...toldIn(spool.state(TOLD_KEY)), ...(toMs === null ? [] : [told])]);
}

/** To be called now and then. */
export async function tellAgain(deps: Deps): Promise<void> {
  const { spool, clock, write } = deps;
  const all = toldIn(spool.state(TOLD_KEY));
  const atMs = clock.nowMs();
  const isOld = (told: Told) => atMs - told.atMs >= ERASURE_LIMITS.retellMs;
  if (!clock.isSynced() || !all.some(isOld)) return;
  const waits = spool.erasable.wishesEndingWithin(LIMITS.eventTtlMs - ERASURE_LIMITS.retellMs) > 0;
  const again = waits ? all.filter(isOld) : [];
  for (const told of again) await tell(told, deps);
  const left = all.filter((told) => !isOld(told));
  await write({ state: { [TOLD_KEY]: toldText([...left, ...again.map((told) => ({ ...told, atMs }))]) } });
}

async function tell({ devices, cameras, fromMs, toMs }: Told, { disclosure, clock, write }: Deps): Promise<void> {
  const subjects = [
    ...devices.map((id) => ({ kind: "device", id }) as const),
    ...cameras.map((id) => ({ kind: "camera", id }) as const),
  ];
  const atOnce = ERASURE_LIMITS.thingsTold;
  for (let at = 0; at === 0 || at < subjects.length; at += atOnce) {
    const span = { fromMs, toMs, atMs: clock.nowMs() };
    const fact = { kind: "erasure-requested", subjects: subjects.slice(at, at + atOnce), ...span } as const;
    await write({ make: [{ event: discloseFact(fact, disclosure) }] });
  }
}
