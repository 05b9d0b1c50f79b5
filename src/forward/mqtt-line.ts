// Keeps a connection to the platform's broker while there is something to keep it for, and says why there is none.
//
// MQTT 5 is asked for anew at each connection, and 3.1.1 where the broker refuses it: 3.1.1 acknowledges what its access list
// denies and drops it, so that a broker which has learned 5 since is believed more.
import { backoffMs } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { untilAborted, waitFor } from "../core/wait.ts";
import { BrokerConnection, connectToBroker, type ConnectionLimits, type Message } from "./mqtt-connection.ts";
import { MQTT_LIMITS } from "./mqtt-limits.ts";
import type { ReadLogin } from "./mqtt-login.ts";
import {
  type Ending,
  isClientIdRefused,
  isRetainRefused,
  isVersionRefused,
  nextAfter,
  NOT_AUTHORISED,
} from "./mqtt-reasons.ts";
import { type OfflineReason, statusOf, type Topics } from "./mqtt-topics.ts";
import { later } from "./mqtt-verdicts.ts";
import type { Next } from "./sink.ts";

export type LineNeeds = {
  readonly sinkId: string;
  readonly url: string;
  readonly topics: Topics;
  /** In order of preference. */
  readonly clientIds: readonly string[];
  /** The program's version, told with the status. */
  readonly version: string;
  readonly readLogin: ReadLogin;
  /** Subscribes to what has to be heard; null when it is. */
  readonly prepare: (connection: BrokerConnection) => Promise<Next | null>;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: ConnectionLimits;
};

/** How the next connection is asked for; what the broker refuses of it is left out. */
type Form = { readonly version: 4 | 5; readonly clientId: string; readonly isRetaining: boolean };

export class BrokerLine {
  readonly #needs: LineNeeds;
  readonly #closing = new AbortController();
  #connection: BrokerConnection | null = null;
  #awake: { readonly end: AbortController; readonly over: Promise<void> } | null = null;
  /** Resolved by the attempt that is made next, or is being made. */
  #outcome = Promise.withResolvers<BrokerConnection | Next>();
  /** Somebody waits for an attempt: it is made at once. */
  #asked = new AbortController();
  #muteTimes = 0;
  #clientId: string;
  #isRetaining = true;
  #why: string | null = null;

  constructor(needs: LineNeeds) {
    this.#needs = needs;
    this.#clientId = needs.clientIds[0] ?? "";
  }

  /** From here on there is to be a connection, until `rest`. */
  wake(): void {
    if (this.#awake !== null || this.#closing.signal.aborted) return;
    const end = new AbortController();
    this.#awake = { end, over: this.#keep(end.signal) };
  }

  /** The connection, or after an attempt of MQTT_LIMITS.connectMs or so how to go on without one. Wakes the line. */
  async connected(stop: AbortSignal): Promise<BrokerConnection | Next> {
    if (this.#connection !== null && !this.#connection.isOver) return this.#connection;
    if (this.#closing.signal.aborted) return STOPPED;
    this.wake();
    const { promise } = this.#outcome;
    this.#asked.abort();
    const early = new AbortController();
    const stopped = untilAborted(AbortSignal.any([stop, early.signal])).then(() => STOPPED);
    const outcome = await Promise.race([promise, stopped]);
    early.abort();
    return outcome;
  }

  /** Says "offline", ends the connection and connects no more until it is asked for one. */
  async rest(reason: OfflineReason): Promise<void> {
    const awake = this.#awake;
    if (awake === null) return;
    awake.end.abort();
    await this.#connection?.close(this.#status(reason));
    await awake.over;
    if (this.#awake === awake) this.#awake = null;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.rest("stopped");
  }

  async #keep(end: AbortSignal): Promise<void> {
    const { clock } = this.#needs;
    let failures = 0;
    while (!end.aborted) {
      const outcome = await this.#open(end);
      const openedMs = clock.monotonicMs();
      if (outcome instanceof BrokerConnection) this.#connection = outcome;
      this.#tell(outcome);
      if (outcome instanceof BrokerConnection) {
        const ending = await outcome.ended;
        if (!end.aborted) this.#sayAway(nextAfter(ending));
      }
      this.#connection = null;
      failures = clock.monotonicMs() - openedMs >= MQTT_LIMITS.steadyMs ? 1 : failures + 1;
      const ms = backoffMs({ failures, minMs: LIMITS.backoffMinMs, maxMs: LIMITS.backoffMaxMs });
      if (!end.aborted) await waitFor(ms, AbortSignal.any([end, this.#asked.signal]));
    }
    this.#tell(STOPPED);
  }

  #tell(outcome: BrokerConnection | Next): void {
    this.#outcome.resolve(outcome);
    this.#outcome = Promise.withResolvers();
    this.#asked = new AbortController();
  }

  async #open(end: AbortSignal): Promise<BrokerConnection | Next> {
    const outcome = await this.#tryForms(end);
    if (end.aborted && outcome instanceof BrokerConnection) {
      await outcome.close(this.#status("stopped"));
      return STOPPED;
    }
    if (outcome instanceof BrokerConnection) {
      if (this.#why !== null)
        this.#needs.log.info({ sink: this.#needs.sinkId }, "the platform's broker is there again");
      this.#why = null;
    } else if (!end.aborted) this.#sayAway(outcome);
    return outcome;
  }

  /** Each form is tried once: a version, a client id and a retained will may be refused. */
  async #tryForms(end: AbortSignal): Promise<BrokerConnection | Next> {
    let version: 4 | 5 = 5;
    for (;;) {
      const form: Form = { version, clientId: this.#clientId, isRetaining: this.#isRetaining };
      // Whatever goes wrong here is shown, and tried again: a line that died in silence would look like an outage.
      const outcome = await this.#try(form, end).catch((thrown: unknown) => later(messageOf(thrown)));
      if (outcome instanceof BrokerConnection || !("code" in outcome)) return outcome;
      const isMute = outcome.code === null && version === 5;
      if (isMute) this.#muteTimes += 1;
      const shortId = this.#needs.clientIds.at(-1) ?? "";
      if (end.aborted) return STOPPED;
      if (version === 5 && (isVersionRefused(outcome) || (isMute && this.#muteTimes >= MQTT_LIMITS.muteTimes)))
        version = 4;
      else if (isClientIdRefused(outcome) && this.#clientId !== shortId) this.#clientId = shortId;
      else if (isRetainRefused(outcome) && this.#isRetaining) this.#isRetaining = false;
      else return nextAfter(outcome);
    }
  }

  async #try(form: Form, end: AbortSignal): Promise<BrokerConnection | Ending | Next> {
    const { url, topics, version, limits, readLogin, clock } = this.#needs;
    const login = await readLogin();
    const will = statusOf({ version, offline: "lost" });
    const connection = await connectToBroker(
      { clock, url, login, ...form, statusTopic: topics.status, will },
      limits,
      end,
    );
    if (!(connection instanceof BrokerConnection)) return connection;
    if (form.version === 5) this.#muteTimes = 0;
    const refusal = await this.#introduce(connection, end);
    if (refusal === null) return connection;
    connection.cut("it is of no use");
    return refusal;
  }

  /** Null when it can be used. A broker that does not answer holds up no stop: the connection is cut, and that ends each wait. */
  async #introduce(connection: BrokerConnection, end: AbortSignal): Promise<Next | null> {
    const giveUp = (): void => connection.cut("stopped");
    end.addEventListener("abort", giveUp);
    try {
      return (await this.#needs.prepare(connection)) ?? (await this.#announce(connection, end));
    } finally {
      end.removeEventListener("abort", giveUp);
    }
  }

  /** Null when the broker has answered; a broker that does not take the status may take events. */
  async #announce(connection: BrokerConnection, end: AbortSignal): Promise<Next | null> {
    const answer = await connection.publish(this.#status(null), end);
    if (answer.kind === "acknowledged" || answer.kind === "too-large") {
      const isDenied = answer.kind === "acknowledged" && answer.code === NOT_AUTHORISED;
      if (isDenied)
        this.#needs.log.warn(
          { sink: this.#needs.sinkId },
          "the platform's broker does not let this gateway publish its status",
        );
      return null;
    }
    return connection.isOver
      ? nextAfter(await connection.ended)
      : later("the broker does not acknowledge what it is sent");
  }

  #status(offline: OfflineReason | null): Message {
    const { topics, version } = this.#needs;
    return {
      topic: topics.status,
      payload: statusOf({ version, offline }),
      contentType: "application/json",
      isRetained: true,
    };
  }

  /** Told when it begins, and when the reason is another one. */
  #sayAway(next: Next): void {
    if (next.kind === "go-on" || next.why === this.#why) return;
    this.#why = next.why;
    this.#needs.log.warn({ sink: this.#needs.sinkId, why: next.why }, "the platform's broker is away");
  }
}

const STOPPED = later("stopped");
