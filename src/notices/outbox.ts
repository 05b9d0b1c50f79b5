// Messages on their way: each goes by every way on its own, in the order in which they were made, tried again while the line is
// down, and given up when it is no news any more.
import { backoffMs } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { NoticeFailure, NoticeProblem, NoticeWayView } from "../core/notices-commands.ts";
import { untilAborted, waitFor } from "../core/wait.ts";
import type { KeptMessage, Lane } from "./kept-notices.ts";
import type { NoticesLimits } from "./notices-limits.ts";
import type { Message, Way } from "./way.ts";

/** `lanes`: by way, as they were kept. `messageOf`: in words, at the moment it is sent. `changed`: what is kept is another; `sent`: of whom it was the turn. */
type Deps = {
  readonly ways: readonly Way[];
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly messageOf: (kept: KeptMessage, dropped: number) => Message;
  readonly changed: (sent: KeptMessage | null) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: NoticesLimits;
};

/** Where trying again soon changes nothing: a person has to. */
const FOR_A_PERSON: ReadonlySet<NoticeProblem> = new Set<NoticeProblem>([
  "wrong-password",
  "password-wanted",
  "not-accepted",
  "no-tls",
  "secret",
  "redirected",
  "no-such-address",
  "refused",
]);

export class Outbox implements AsyncDisposable {
  readonly #deps: Deps;
  readonly #lanes: readonly WayAtWork[];
  readonly #closing = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#lanes = deps.ways.map((way) => ({
      way,
      lane: deps.lanes.get(way.id) ?? { queue: [], dropped: 0, lastSentAtMs: null },
      failure: null,
      woken: Promise.withResolvers<void>(),
    }));
    this.#running = Promise.all(this.#lanes.map((each) => this.#run(each)));
  }

  /** For every way; the oldest give room. */
  add(message: KeptMessage): void {
    const { waiting } = this.#deps.limits;
    for (const each of this.#lanes) {
      const queue = [...each.lane.queue, message];
      const kept = queue.slice(-waiting);
      each.lane = { ...each.lane, queue: kept, dropped: each.lane.dropped + queue.length - kept.length };
      each.woken.resolve();
    }
  }

  /** What is to be kept over a restart, by way. */
  lanes(): Record<string, Lane> {
    return Object.fromEntries(this.#lanes.map(({ way, lane }) => [way.id, lane]));
  }

  /** By how many ways a message still has to go. */
  waitingOf(id: string): number {
    return this.#lanes.filter(({ lane }) => lane.queue.some((each) => each.id === id)).length;
  }

  views(): readonly NoticeWayView[] {
    return this.#lanes.map(({ way: { id, kind, host }, lane: { queue, lastSentAtMs }, failure }) => {
      const lastSentAt = lastSentAtMs === null ? null : new Date(lastSentAtMs).toISOString();
      return { id, kind, host, waiting: queue.length, lastSentAt, failure };
    });
  }

  /** What became of a test: the page then shows the newest that is known. */
  note(id: string, failure: NoticeFailure | null): void {
    for (const each of this.#lanes) if (each.way.id === id) each.failure = failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(each: WayAtWork): Promise<void> {
    const { signal } = this.#closing;
    let failures = 0;
    while (!signal.aborted) {
      const next = this.#nextOf(each);
      if (next === null) {
        await Promise.race([each.woken.promise, untilAborted(signal)]);
        each.woken = Promise.withResolvers();
        continue;
      }
      failures = (await this.#tryOnce(each, next)) ? 0 : failures + 1;
      if (failures > 0 && !signal.aborted) await waitFor(this.#pauseMs(each, failures), signal);
    }
  }

  /** The oldest that is still news. */
  #nextOf(each: WayAtWork): KeptMessage | null {
    const { clock, limits } = this.#deps;
    const isNews = ({ atMs, isDated }: KeptMessage): boolean =>
      !isDated || !clock.isSynced() || clock.nowMs() - atMs < limits.waitMs;
    const queue = each.lane.queue.filter(isNews);
    const given = each.lane.queue.length - queue.length;
    if (given > 0) {
      each.lane = { ...each.lane, queue, dropped: each.lane.dropped + given };
      this.#deps.changed(null);
    }
    return queue[0] ?? null;
  }

  async #tryOnce(each: WayAtWork, next: KeptMessage): Promise<boolean> {
    const { messageOf, changed, clock, log } = this.#deps;
    const { dropped } = each.lane;
    const { isSent, failure } = await each.way.send(messageOf(next, dropped), this.#closing.signal);
    if (!isSent && this.#closing.signal.aborted) return false;
    if (failure !== null && failure.problem !== each.failure?.problem)
      log.warn({ way: each.way.id, problem: failure.problem }, "a message could not be handed over");
    each.failure = failure;
    if (!isSent) return false;
    const queue = each.lane.queue.filter(({ id }) => id !== next.id);
    // Those that were dropped while this one was on its way are told with the next.
    each.lane = { queue, dropped: Math.max(0, each.lane.dropped - dropped), lastSentAtMs: clock.nowMs() };
    changed(next);
    return true;
  }

  #pauseMs({ failure }: WayAtWork, failures: number): number {
    const { retryMinMs, retryMaxMs } = this.#deps.limits;
    if (failure !== null && FOR_A_PERSON.has(failure.problem)) return retryMaxMs;
    return backoffMs({ failures, minMs: retryMinMs, maxMs: retryMaxMs });
  }
}

type WayAtWork = {
  readonly way: Way;
  lane: Lane;
  failure: NoticeFailure | null;
  woken: PromiseWithResolvers<void>;
};
