// Delivers entries over MQTT (interfaces.md §4): events in structured JSON at QoS 1, each picture before its event.
//
// Choices, with their reasons:
// - What counts is the broker's acknowledgement, or with `ackTopic` what the platform's application names there. A broker that
//   says nobody listens (MQTT 5, reason 16) has taken it all the same: rules and bridges of its own may have it; it is told once.
// - A message at which the broker hangs up without a word would come again for ever: after a cut with several in flight one
//   alone is tried, and what is cut alone is kept back, so that the others go past it.
// - MQTT 3.1.1 has no refusals: what an access list denies is acknowledged and lost. 5 is asked for first; see README.md.
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import type { MqttSinkSettings } from "../settings/schema.ts";
import type { Entry } from "../spool/spool.ts";
import { AppAcks } from "./mqtt-acks.ts";
import { BrokerConnection, type ConnectionLimits, type Message } from "./mqtt-connection.ts";
import { MQTT_LIMITS } from "./mqtt-limits.ts";
import { BrokerLine } from "./mqtt-line.ts";
import { openBrokerLogin, type ReadLogin } from "./mqtt-login.ts";
import { nextAfter, subscribedAs } from "./mqtt-reasons.ts";
import { clientIdsOf, type Topics, topicsOf } from "./mqtt-topics.ts";
import { GO_ON, later, type Sent, Verdicts } from "./mqtt-verdicts.ts";
import { pictureOf } from "./picture.ts";
import type { Delivery, DeliveryReport, Next, Sink } from "./sink.ts";

/** Shrunk by tests. */
export type MqttSinkLimits = ConnectionLimits & { readonly ackMs: number; readonly refusedInARow: number };

export type MqttSinkNeeds = {
  readonly settings: MqttSinkSettings;
  readonly gatewayId: string;
  /** The program's, for the gateway's status. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<MqttSinkLimits>;
};

/**
 * Reads the named files and, unless its line has hours, connects in the background; an unreachable broker is no failure.
 * Throws SECRET_UNREADABLE and CERTIFICATE_UNUSABLE.
 */
export async function openMqttSink(needs: MqttSinkNeeds): Promise<Sink & AsyncDisposable> {
  const sink = new MqttSink(needs, await openBrokerLogin(needs.settings));
  if (needs.settings.connect === undefined) sink.wake();
  return sink;
}

const EVENT_TYPE = "application/cloudevents+json";
/** The largest that MQTT 5 has room for [MQTT5-3.3.2.3.3]. */
const EXPIRY_MAX_S = 0xffffffff;

type Image = (sha256: string) => Promise<Buffer>;

class MqttSink implements Sink, AsyncDisposable {
  readonly id: string;
  readonly #needs: MqttSinkNeeds;
  readonly #limits: MqttSinkLimits;
  readonly #topics: Topics;
  readonly #line: BrokerLine;
  readonly #verdicts: Verdicts;
  /** Null: the broker's acknowledgement counts. */
  readonly #acks: AppAcks | null;

  constructor(needs: MqttSinkNeeds, readLogin: ReadLogin) {
    const { settings, gatewayId } = needs;
    const { id, ackTopic } = settings;
    this.id = id;
    this.#needs = needs;
    this.#limits = { ...MQTT_LIMITS, refusedInARow: LIMITS.refusedInARow, ...needs.limits };
    this.#topics = topicsOf({ prefix: settings.prefix, gatewayId });
    this.#verdicts = new Verdicts(this.#limits.refusedInARow);
    const acks = ackTopic === undefined ? null : new AppAcks();
    this.#acks = acks;
    this.#line = new BrokerLine({
      ...needs,
      sinkId: id,
      url: settings.url,
      topics: this.#topics,
      clientIds: clientIdsOf({ gatewayId, sinkId: id }),
      readLogin,
      prepare: async (connection) => {
        if (acks === null || ackTopic === undefined) return null;
        const refusal = await connection.subscribe(ackTopic, (payload) => acks.hear(payload));
        return refusal === null ? null : subscribedAs(refusal);
      },
      limits: this.#limits,
    });
  }

  wake(): void {
    this.#line.wake();
  }

  rest(): Promise<void> {
    return this.#line.rest("resting");
  }

  async deliver(entries: readonly Entry[], image: Image, stop: AbortSignal): Promise<DeliveryReport> {
    const connection = await this.#line.connected(stop);
    if (!(connection instanceof BrokerConnection)) return { deliveries: new Map(), next: connection, bytesSent: 0 };
    const before = connection.bytesSent;
    const report = await this.#deliverOn(connection, { entries, image }, stop);
    return { ...report, bytesSent: connection.bytesSent - before };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#line.close();
  }

  async #deliverOn(
    connection: BrokerConnection,
    { entries, image }: { entries: readonly Entry[]; image: Image },
    stop: AbortSignal,
  ): Promise<DeliveryReport> {
    const batch = this.#verdicts.batchOf(entries);
    const [first] = batch;
    if (first?.image === undefined) return this.#send(batch, connection, stop);
    const { sha256 } = first.image;
    const picture = await pictureOf(sha256, image);
    if (picture.kind === "not-now")
      return { deliveries: new Map(), next: { kind: "wait", retryAfterMs: null, why: picture.why } };
    if (picture.kind === "gone")
      return { deliveries: new Map([[first.id, { kind: "undeliverable", why: picture.why }]]), next: GO_ON };
    const refusal = await this.#sendPicture({ entry: first, sha256, jpeg: picture.jpeg }, connection, stop);
    return refusal ?? this.#send(batch, connection, stop);
  }

  async #send(batch: readonly Entry[], connection: BrokerConnection, stop: AbortSignal): Promise<DeliveryReport> {
    this.#acks?.begin();
    const sent = batch.map(async (entry): Promise<Sent> => {
      const topic = this.#topics.event(entry.type);
      const onSend = (): void => this.#acks?.expect(entry.id);
      const message = { topic, payload: entry.body, contentType: EVENT_TYPE, ...this.#expiryOf(entry), onSend };
      return { entry, answer: await connection.publish(message, stop) };
    });
    const report = await this.#judge(await Promise.all(sent), connection);
    if (this.#acks === null) return report;
    const settled = await this.#awaitAcks(this.#acks, { report, connection }, stop);
    this.#acks.begin();
    return settled;
  }

  /** Null when the broker has it and its event may follow. */
  async #sendPicture(
    { entry, sha256, jpeg }: { entry: Entry; sha256: string; jpeg: Buffer },
    connection: BrokerConnection,
    stop: AbortSignal,
  ): Promise<DeliveryReport | null> {
    const topic = this.#topics.snapshot(sha256);
    const message: Message = { topic, payload: jpeg, contentType: "image/jpeg", ...this.#expiryOf(entry) };
    const answer = await connection.publish(message, stop);
    const { deliveries, next } = await this.#judge([{ entry, answer, isPicture: true }], connection);
    if (deliveries.get(entry.id)?.kind === "accepted" && next.kind === "go-on") return null;
    // On a link too slow for it, the picture waits on its own and the events behind it go past.
    if (answer.kind === "unanswered" && answer.how === "late")
      return { deliveries: new Map([[entry.id, { kind: "kept" }]]), next };
    return { deliveries: new Map([...deliveries].filter(([, { kind }]) => kind !== "accepted")), next };
  }

  async #judge(sent: readonly Sent[], connection: BrokerConnection): Promise<DeliveryReport> {
    const wasHeard = this.#verdicts.isHeard;
    const { deliveries, next } = this.#verdicts.judge(sent);
    if (wasHeard !== this.#verdicts.isHeard) this.#sayHeard();
    const unanswered = sent.filter(({ answer }) => answer.kind === "unanswered");
    const hows = new Set(unanswered.map(({ answer }) => answer.kind === "unanswered" && answer.how));
    if (hows.has("ended"))
      for (const [id, delivery] of this.#verdicts.cutAt(unanswered, await connection.ended))
        deliveries.set(id, delivery);
    // Only on a new connection may they be sent again [MQTT-4.4.0-1].
    if (hows.has("late")) connection.cut("the broker does not acknowledge what it is sent");
    if (next.kind !== "go-on") return { deliveries, next };
    if (connection.isOver) return { deliveries, next: nextAfter(await connection.ended) };
    return { deliveries, next: hows.has("stopped") ? later("stopped") : next };
  }

  /** Leaves of the broker's acceptances those that the platform's application has named. */
  async #awaitAcks(
    acks: AppAcks,
    { report, connection }: { report: DeliveryReport; connection: BrokerConnection },
    stop: AbortSignal,
  ): Promise<DeliveryReport> {
    const taken = [...report.deliveries].filter(([, { kind }]) => kind === "accepted").map(([id]) => id);
    const ends = AbortSignal.any([stop, connection.over]);
    const quietMs = this.#verdicts.isHeard ? this.#limits.ackMs : Math.min(this.#limits.ackMs, MQTT_LIMITS.unheardMs);
    const named = await acks.settled(taken, quietMs, ends);
    const others = [...report.deliveries].filter(([, { kind }]) => kind !== "accepted");
    const deliveries = new Map<string, Delivery>([...others, ...named]);
    const unnamed = taken.filter((id) => !named.has(id));
    if (unnamed.length === 0 || report.next.kind !== "go-on") return { deliveries, next: report.next };
    const next = await this.#nextUnnamed({ isNoneNamed: named.size === 0, connection }, stop);
    if (next.kind === "go-on") for (const id of unnamed) deliveries.set(id, { kind: "kept" });
    return { deliveries, next };
  }

  async #nextUnnamed(
    { isNoneNamed, connection }: { isNoneNamed: boolean; connection: BrokerConnection },
    stop: AbortSignal,
  ): Promise<Next> {
    if (stop.aborted) return later("stopped");
    if (connection.isOver) return nextAfter(await connection.ended);
    if (!isNoneNamed) return GO_ON;
    return later(
      this.#verdicts.isHeard
        ? "the platform's application does not say that it has stored what it was sent"
        : "nobody listens at the platform's broker",
    );
  }

  /** Retention beats delivery (promise 7): what nobody has fetched by its hour is the broker's to drop. */
  #expiryOf({ expiresAtMs }: Entry): { readonly expiresInS: number } {
    const seconds = Math.ceil((expiresAtMs - this.#needs.clock.nowMs()) / 1000);
    return { expiresInS: Math.min(Math.max(seconds, 1), EXPIRY_MAX_S) };
  }

  #sayHeard(): void {
    const { log } = this.#needs;
    if (this.#verdicts.isHeard) log.info({ sink: this.id }, "somebody listens at the platform's broker");
    else log.warn({ sink: this.id }, "the platform's broker takes events and says that nobody listens to them");
  }
}
