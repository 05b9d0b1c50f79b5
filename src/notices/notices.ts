// Messages to who looks after the kit, as a room: looks at what needs a hand, makes a message when it is time, hands it to each way
// that gateway.yaml names. Where it names none, nothing is looked at and nothing is kept.
import { hash, randomBytes } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { dayIn } from "../core/day-times.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { NoticesCommands, NoticesView, NoticeTest, Trouble } from "../core/notices-commands.ts";
import { waitFor } from "../core/wait.ts";
import { languageOf } from "../languages/say.ts";
import type { GatewaySettings } from "../settings/schema.ts";
import { type KeptMessage, type KeptNotices, keptNotices, noticesText } from "./kept-notices.ts";
import { emailWay } from "./mail.ts";
import { NOTICES_LIMITS, type NoticesLimits } from "./notices-limits.ts";
import { Outbox } from "./outbox.ts";
import { pushWay, type Sign } from "./push.ts";
import { isOther, isRipening, step } from "./rhythm.ts";
import type { Message, Way } from "./way.ts";
import { type Said, subjectOf, textOf } from "./words.ts";

/** What needs a hand now; `unsure`: of what nobody can tell yet whether it is well again. */
export type Seen = { readonly troubles: readonly Trouble[]; readonly unsure: readonly Trouble[] };

/**
 * `page`: where the local page is found, if somebody said. `troubles`: what needs a hand now; asked for every tickMs, not before
 * the first. `store`: what is kept over a restart; `write` may wait for room on the disk.
 */
export type NoticesDeps = {
  readonly settings: GatewaySettings["notices"];
  readonly timezone: string;
  readonly page: string | null;
  readonly troubles: () => Seen;
  readonly store: { read(): string | undefined; write(text: string): Promise<void> };
  readonly readSecret: (path: string) => Promise<string>;
  readonly sign: Sign;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<NoticesLimits>;
};

export type Notices = AsyncDisposable & { readonly commands: NoticesCommands };

export function openNotices(deps: NoticesDeps): Notices {
  const room = new NoticesRoom(deps);
  return {
    commands: {
      notices: () => room.notices(),
      testNotices: (stop) => room.testNotices(stop),
      pauseNotices: (ask) => room.pauseNotices(ask),
    },
    [Symbol.asyncDispose]: () => room[Symbol.asyncDispose](),
  };
}

/** The ways that the settings name. */
export function waysOf({
  settings: { email, push },
  readSecret,
  sign,
  clock,
  limits,
}: Pick<NoticesDeps, "settings" | "readSecret" | "sign" | "clock"> & { readonly limits: NoticesLimits }): Way[] {
  const common = { readSecret, limits };
  return [
    ...(email === undefined ? [] : [emailWay({ settings: email, ...common })]),
    ...push.map((each) => pushWay({ settings: each, sign, nowMs: () => clock.nowMs(), ...common })),
  ];
}

/** The message of a test, made now. */
export function testMessage(told: Pick<NoticesDeps, "settings" | "timezone" | "page" | "clock">): Message {
  const said = { what: "test", troubles: [], untold: 0, isLast: false, dropped: 0, isDated: true } as const;
  return inWords({ ...said, id: newId(), atMs: told.clock.nowMs() }, told);
}

class NoticesRoom implements NoticesCommands, AsyncDisposable {
  readonly #deps: NoticesDeps;
  readonly #limits: NoticesLimits;
  readonly #ways: readonly Way[];
  readonly #outbox: Outbox;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #kept: KeptNotices;
  #isTesting = false;
  #isWriting = false;
  #isStale = false;
  #keptAtMs: number;

  constructor(deps: NoticesDeps) {
    this.#deps = deps;
    this.#limits = { ...NOTICES_LIMITS, ...deps.limits };
    this.#ways = waysOf({ ...deps, limits: this.#limits });
    this.#kept = keptNotices(deps.store.read());
    this.#keptAtMs = deps.clock.monotonicMs();
    this.#outbox = new Outbox({
      ways: this.#ways,
      lanes: new Map(Object.entries(this.#kept.lanes)),
      messageOf: (kept, dropped) => inWords({ ...kept, dropped }, deps),
      changed: (sent) => this.#onHanded(sent),
      clock: deps.clock,
      log: deps.log,
      limits: this.#limits,
    });
    this.#running = this.#ways.length === 0 ? Promise.resolve() : this.#look();
  }

  notices(): NoticesView {
    const { paused, messages } = this.#kept;
    return {
      paused: paused === null ? null : { by: paused.by, at: new Date(paused.atMs).toISOString() },
      ways: this.#outbox.views(),
      messages: messages.map(({ id, atMs, what, troubles, sent }) => {
        return { at: new Date(atMs).toISOString(), what, troubles, sent, waiting: this.#outbox.waitingOf(id) };
      }),
    };
  }

  async testNotices(stop: AbortSignal): Promise<readonly NoticeTest[]> {
    if (this.#ways.length === 0)
      throw new GatewayError("USAGE", "no way to send messages is set up", {
        hint: "Set up an e-mail server or a push address first.",
      });
    if (this.#isTesting) throw new GatewayError("TOO_SOON", "a test is under way");
    this.#isTesting = true;
    try {
      const ends = AbortSignal.any([stop, this.#closing.signal]);
      const message = testMessage(this.#deps);
      const tests = this.#ways.map(async (way): Promise<NoticeTest> => {
        const { failure } = await way.send(message, ends);
        this.#outbox.note(way.id, failure);
        return { id: way.id, kind: way.kind, host: way.host, failure };
      });
      return await Promise.all(tests);
    } finally {
      this.#isTesting = false;
    }
  }

  async pauseNotices({ isPaused, by }: { readonly isPaused: boolean; readonly by: string }): Promise<void> {
    this.#kept = { ...this.#kept, paused: isPaused ? { by, atMs: this.#deps.clock.nowMs() } : null };
    this.#keep();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
    await this.#outbox[Symbol.asyncDispose]();
    if (this.#ways.length > 0) this.#keep();
  }

  async #look(): Promise<void> {
    const { clock, troubles, settings, timezone, log } = this.#deps;
    const { signal } = this.#closing;
    let lookedMs = clock.monotonicMs();
    for (;;) {
      await waitFor(this.#limits.tickMs, signal);
      if (signal.aborted) return;
      const nowMs = clock.monotonicMs();
      const elapsedMs = Math.max(0, nowMs - lookedMs);
      lookedMs = nowMs;
      try {
        const { gatherMs, calmMs } = this.#limits;
        const rule = { afterMs: settings.afterMinutes * 60_000, atMostPerDay: settings.atMostPerDay, gatherMs, calmMs };
        const seen = troubles();
        const now = {
          troubles: seen.troubles.map(marked),
          unsure: seen.unsure.map(marked),
          elapsedMs,
          day: dayIn(timezone, clock.nowMs()),
        };
        this.#take(step(this.#kept.rhythm, now, { ...rule, isPaused: this.#kept.paused !== null }));
      } catch (cause) {
        log.error({ cause: messageOf(cause) }, "what needs a hand could not be looked at");
      }
    }
  }

  #take({ rhythm, facts }: ReturnType<typeof step>): void {
    const before = this.#kept.rhythm;
    this.#kept = { ...this.#kept, rhythm: { ...rhythm, troubles: [...rhythm.troubles] } };
    if (facts !== null) this.#make(facts);
    const isDue = isRipening(rhythm) && this.#deps.clock.monotonicMs() - this.#keptAtMs >= this.#limits.keepMs;
    if (facts !== null || isOther(before, rhythm) || isDue) this.#keep();
  }

  #make(facts: NonNullable<ReturnType<typeof step>["facts"]>): void {
    const { clock } = this.#deps;
    const troubles = [...facts.troubles];
    const message: KeptMessage = { ...facts, troubles, id: newId(), atMs: clock.nowMs(), isDated: clock.isSynced() };
    const { id, atMs, what } = message;
    const messages = [{ id, atMs, what, troubles, sent: 0 }, ...this.#kept.messages].slice(0, this.#limits.shown);
    this.#kept = { ...this.#kept, messages };
    this.#outbox.add(message);
  }

  #onHanded(sent: KeptMessage | null): void {
    if (sent !== null) {
      const messages = this.#kept.messages.map((each) =>
        each.id === sent.id ? { ...each, sent: each.sent + 1 } : each,
      );
      this.#kept = { ...this.#kept, messages };
    }
    this.#keep();
  }

  /** Not waited for: on a full disk it waits for room, and messages go out meanwhile. One write at a time, of the newest. */
  #keep(): void {
    this.#keptAtMs = this.#deps.clock.monotonicMs();
    this.#isStale = true;
    if (!this.#isWriting) void this.#write();
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#isStale) {
      this.#isStale = false;
      const lanes = Object.fromEntries(
        Object.entries(this.#outbox.lanes()).map(([id, lane]) => [id, { ...lane, queue: [...lane.queue] }]),
      );
      this.#kept = { ...this.#kept, lanes };
      try {
        await this.#deps.store.write(noticesText(this.#kept));
      } catch (cause) {
        this.#deps.log.error({ cause: messageOf(cause) }, "what was told could not be kept");
      }
    }
    this.#isWriting = false;
  }
}

function inWords(
  said: Said & { readonly id: string },
  { settings, timezone, page, clock }: Pick<NoticesDeps, "settings" | "timezone" | "page" | "clock">,
): Message {
  const told = { language: languageOf(settings.language), nowMs: clock.nowMs(), timezone, page };
  const { id, atMs, what, troubles } = said;
  return { id, atMs, what, troubles, subject: subjectOf(said, told), text: textOf(said, told), page };
}

/** What is kept names nothing of the kit: an erasure leaves no id behind here. */
function marked({ kind, of }: Trouble): { readonly kind: Trouble["kind"]; readonly mark: string } {
  return { kind, mark: of === "" ? "" : hash("sha256", of).slice(0, 12) };
}

/** Random: it says nothing of the house, and no dot is in it (the signed bytes are joined by dots). */
function newId(): string {
  return `notice_${randomBytes(12).toString("hex")}`;
}
