// A person's wish that something be erased: by device, camera and period. What waits, was rejected, is kept for a page or is
// remembered goes, with tombstones for what was unsent; the platforms are asked to erase their copies; the ledger says that
// there was an erasure, and never what. What the day counters hold are counts, and they stay.
import type { Approvals } from "./approvals.ts";
import type { Clock } from "./core/clock.ts";
import type { ErasureAsk, ErasureAsker, ErasureCommands, ErasureView } from "./core/erasure-commands.ts";
import { ERASURE_LIMITS } from "./core/erasure-limits.ts";
import { GatewayError, messageOf } from "./core/errors.ts";
import { LIMITS } from "./core/limits.ts";
import type { Log } from "./core/log.ts";
import { type Bound, boundOf, eachMeant, holdingsOf } from "./erasure-holdings.ts";
import { tellAgain, tellPlatforms } from "./erasure-telling.ts";
import { BUCKET_KEY, coarsestBucket, scopeOf, TOLD_KEY, type Wish, WISH_KEY, wishIn } from "./erasure-wish.ts";
import type { EventRoad } from "./event-road.ts";
import { tombstoneNotes } from "./ledger/notes.ts";
import type { History } from "./history/history.ts";
import { forgetIn, withoutSteps } from "./normalise/forgetting.ts";
import type { LampFaults } from "./normalise/lamp-faults.ts";
import { emptyMemory } from "./normalise/normalise.ts";
import { type Disclosure, discloseFact } from "./privacy/disclose.ts";
import type { Registry } from "./registry/registry.ts";
import type { Batch, Spool } from "./spool/spool.ts";
import { bury } from "./tombstones.ts";

/** `live`: what a running gateway remembers in memory; null while none runs. `platforms`: ids of those that are told. */
export type ErasingDeps = {
  readonly spool: Pick<Spool, "append" | "state" | "openWindows" | "erasable" | "lastTombstone" | "tombstonesAmong">;
  readonly disclosure: Disclosure;
  readonly registry: Pick<Registry, "data">;
  readonly approvals: Pick<Approvals, "list" | "dismiss">;
  readonly platforms: readonly string[];
  readonly live: {
    readonly road: Pick<EventRoad, "flush" | "memories" | "journal" | "forgetWindow">;
    readonly lamps: Pick<LampFaults, "goOnWith">;
  } | null;
  /** How things were. */
  readonly history: Pick<History, "forget">;
  readonly clock: Clock;
  readonly log: Log;
  /** An erasure is waited for so long; Infinity: to its end. */
  readonly answerMs?: number;
};

/** Closing does not wait: what is in hand goes on at the next start. */
export type Erasing = ErasureCommands & Disposable;

/** Ends what an earlier run began, before it resolves; then asks again, each hour, whoever has not heard for weeks. */
export async function openErasing(deps: ErasingDeps): Promise<Erasing> {
  const house = new ErasingHouse(deps);
  await house.finish();
  await house.tellAgain();
  const timer = setInterval(() => {
    house
      .tellAgain()
      .catch((cause: unknown) => deps.log.warn({ cause: messageOf(cause) }, "platforms are asked again later"));
  }, ERASURE_LIMITS.lookMs).unref();
  return {
    holdings: (ask) => house.holdings(ask),
    erase: (ask) => house.erase(ask),
    onErased: (watcher) => house.onErased(watcher),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

class ErasingHouse {
  readonly #deps: ErasingDeps;
  readonly #watchers = new Set<(cameras: readonly string[]) => void>();
  #isBusy = false;

  constructor(deps: ErasingDeps) {
    this.#deps = deps;
  }

  onErased: ErasureCommands["onErased"] = (watcher) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  async holdings(ask: ErasureAsk): Promise<ErasureView> {
    const scope = scopeOf(ask, this.#rule());
    return await holdingsOf(boundOf(scope, this.#deps), this.#deps);
  }

  async erase({ by, ...ask }: ErasureAsk & { readonly by: ErasureAsker }): ReturnType<ErasureCommands["erase"]> {
    if (this.#isBusy) throw new GatewayError("TOO_SOON", "another erasure is at work");
    const { clock, log, answerMs = ERASURE_LIMITS.answerMs } = this.#deps;
    const { devices, cameras, ...span } = scopeOf(ask, this.#rule());
    const things = { devices: [...devices], cameras: [...cameras] };
    const wish: Wish = { version: 1, ...things, ...span, by, atMs: clock.nowMs(), ...NOTHING };
    this.#isBusy = true;
    const noted = this.#note(wish);
    const work = noted
      .then(() => this.#work(wish))
      .finally(() => {
        this.#isBusy = false;
      });
    work.catch((cause: unknown) => log.error({ cause: messageOf(cause) }, "an erasure goes on at the next start"));
    const erased = await noted;
    const { promise: patience, resolve } = Promise.withResolvers<false>();
    const timer = answerMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => resolve(false), answerMs);
    const isDone = await Promise.race([work.then(() => true), patience]).finally(() => clearTimeout(timer));
    return { isDone, erased };
  }

  /** What an earlier run left, if anything. */
  async finish(): Promise<void> {
    const { spool, disclosure, clock, log } = this.#deps;
    const bucketMs = disclosure.policy.events.timeBucketS * 1000;
    const { text } = coarsestBucket(spool.state("erase:"), { bucketMs, nowMs: clock.nowMs() });
    // Not waited for: on a full disk it waits for room, and the doors must open. If it is lost, the next start has it again.
    if (text !== null)
      this.#write({ state: { [BUCKET_KEY]: text } }).catch((cause: unknown) =>
        log.error({ cause: messageOf(cause) }, "the steps of times could not be remembered"),
      );
    const wish = wishIn(spool.state(WISH_KEY));
    if (wish === null) return;
    log.warn("an erasure that was cut off is ended");
    await this.#work(wish);
  }

  tellAgain(): Promise<void> {
    return tellAgain({ ...this.#deps, write: (batch) => this.#write(batch) });
  }

  /** The wish is on disk when this resolves, to how much it means. */
  async #note(wish: Wish): Promise<ErasureView> {
    // One that could not be ended in this run must not be written over.
    await this.finish();
    const holdings = await holdingsOf(boundOf(wish, this.#deps), this.#deps);
    await this.#write({ state: { [WISH_KEY]: JSON.stringify(wish) } });
    return holdings;
  }

  /** From the beginning, also where it was cut off: what is gone already is not found again. */
  async #work(begun: Wish): Promise<void> {
    const { approvals, clock, log } = this.#deps;
    const bound = boundOf(begun, this.#deps);
    await this.#forget(begun, bound);
    let wish = await this.#buryAll(begun, bound);
    wish = await this.#dropAside(wish, bound);
    if (!wish.isTold) {
      const told = await tellPlatforms(wish, { ...this.#deps, write: (batch) => this.#write(batch) });
      wish = { ...wish, isTold: true };
      await this.#write({ state: { [WISH_KEY]: JSON.stringify(wish), [TOLD_KEY]: told } });
      // What was on its way to the disk meanwhile.
      wish = await this.#buryAll(wish, bound);
    }
    for (const { id } of approvals.list().filter(bound.isProposalMeant)) await approvals.dismiss({ proposal: id });
    const { by, entries, rejected, pictures } = wish;
    const body = JSON.stringify({ askedBy: by, entries, rejected, pictures });
    await this.#write({ state: { [WISH_KEY]: null }, notes: [{ kind: "erasure", body, atMs: clock.nowMs() }] });
    log.info({ entries, rejected, pictures }, "erased at a person's wish");
    if (begun.cameras.length > 0 || begun.devices.length === 0)
      for (const watcher of this.#watchers) watcher(begun.cameras);
  }

  /** What is remembered of devices, first: else a message that comes meanwhile would be judged by it, and write it again. */
  async #forget(wish: Wish, { forgetting, isWindowMeant }: Bound): Promise<void> {
    const { spool, live, registry, history } = this.#deps;
    // So that the disk has what memory has.
    await live?.road.flush();
    const { state, forgotten } = forgetIn(new Map([...spool.state("device:"), ...spool.state("lamp:")]), forgetting);
    const open = [...spool.openWindows()].filter(([id, window]) => isWindowMeant(id, window));
    const windows = open.map(([id]) => id);
    for (const id of forgotten) live?.road.memories.set(id, emptyMemory);
    live?.lamps.goOnWith(state);
    for (const id of [...wish.devices, ...registry.data().devices.map((each) => each.id)])
      if (forgetting.isDevice(id)) live?.road.journal.forget(id, forgetting.isWhen);
    for (const id of windows) live?.road.forgetWindow(id);
    // A running gateway counts them itself (counting.ts).
    const edges = live === null ? open.reduce((sum, [, { count }]) => sum + count, 0) : 0;
    const counts = withoutSteps(spool.state("counts:"), windows);
    await this.#write({
      state: { ...state, ...counts, ...history.forget(wish) },
      windows: Object.fromEntries(windows.map((id) => [id, null])),
      counters: { "motion-count.withheld.gone": edges },
    });
  }

  async #buryAll(begun: Wish, bound: Bound): Promise<Wish> {
    const { spool, disclosure, clock } = this.#deps;
    let wish = begun;
    for await (const part of eachMeant((from) => spool.erasable.waiting(from), bound)) {
      for (let at = 0; at < part.length; at += LIMITS.tombstoneSequences) {
        const going = part.slice(at, at + LIMITS.tombstoneSequences);
        const pictures = going.filter(({ cameraId }) => cameraId !== null).length;
        wish = { ...wish, entries: wish.entries + going.length, pictures: wish.pictures + pictures };
        const tell: EventRoad["tell"] = (fact, discard) =>
          this.#write({
            make: [{ event: discloseFact(fact, disclosure) }],
            notes: tombstoneNotes(fact, discard),
            state: { [WISH_KEY]: JSON.stringify(wish) },
            ...(discard !== undefined && { discard }),
          });
        await bury({ spool, tell, clock }, { how: "erased", sequences: going.map(({ sequence }) => sequence) });
      }
    }
    return wish;
  }

  /** Rejected ones, pictures that nothing waits for, and what nobody can tell any more whom it is about. */
  async #dropAside(begun: Wish, bound: Bound): Promise<Wish> {
    const { erasable } = this.#deps.spool;
    let wish = begun;
    for await (const rejected of eachMeant((from) => erasable.rejected(from), bound)) {
      await erasable.drop({ rejected, pictures: [], isAsideToo: false });
      wish = { ...wish, rejected: wish.rejected + rejected.length };
    }
    const pictures = erasable.kept().filter(bound.isMeant);
    await erasable.drop({ rejected: [], pictures: pictures.map(({ sequence }) => sequence), isAsideToo: true });
    return { ...wish, pictures: wish.pictures + pictures.length };
  }

  /** As what makes room: an erasure goes on where the disk is full. */
  #write(batch: Batch): Promise<void> {
    return this.#deps.spool.append({ discard: { sequences: [], how: "erased" }, ...batch });
  }

  #rule(): Parameters<typeof scopeOf>[1] {
    const { spool, disclosure, clock } = this.#deps;
    const bucketMs = disclosure.policy.events.timeBucketS * 1000;
    const nowMs = clock.nowMs();
    return { nowMs, bucketMs, coarsestMs: coarsestBucket(spool.state("erase:"), { bucketMs, nowMs }).coarsestMs };
  }
}

const NOTHING = { entries: 0, rejected: 0, pictures: 0, isTold: false } as const;
