// The messages that clients publish: each taken once, in order, and acknowledged in its turn when it is on disk (I5).
import type { Client, PublishPacket } from "aedes";
import type { Login } from "../core/arrival.ts";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import type { Pictures, Take } from "./source.ts";

type Deps = {
  readonly mayPublish: (login: Login, topic: string) => boolean;
  readonly take: Take;
  readonly pictures?: Pictures | undefined;
  /** Resolves when all that was taken before is on disk: a refused message is acknowledged in its turn [MQTT-4.6.0-2]. */
  readonly settled: () => Promise<void>;
  readonly clock: Clock;
  readonly board: Board;
};

type Message = { readonly packet: PublishPacket; readonly picture: Buffer | null };

/** A refused message is acknowledged and goes here, where no filter that a login may subscribe to reaches. */
const NOWHERE = "$hedgerow/refused";

export class Messages {
  readonly #deps: Deps;
  /**
   * QoS 2 messages of a connection from their first copy to their release: a second copy shares the first one's fate
   * [MQTT-4.3.3-2]. Nothing is remembered beyond the connection: every session is new here (CONNACK says so), so an id that
   * comes back is a new message. A message may then be taken twice; it is never lost.
   */
  readonly #unreleased = new WeakMap<Client, Map<number, Promise<void>>>();
  /** Acknowledgements go out in the order of the messages [MQTT-4.6.0-2], however long each one took. */
  readonly #turns = new WeakMap<Client, Promise<void>>();
  readonly #inHand = new Set<Promise<void>>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Takes one message, at once, so that calls are made in the order of arrival. Resolves when it may be acknowledged,
   * rejects when it was not kept; both in the order of the client's messages. A message on a topic that is not the
   * login's own is acknowledged, counted and dropped, and `packet` is changed so that it leads nowhere. `picture`: what a
   * camera's message holds; `packet` is without it.
   */
  publish(client: Client, login: Login, packet: PublishPacket, picture: Buffer | null = null): Promise<void> {
    packet.retain = false; // nothing is retained: it would have no bound, and would be heard by whoever comes next
    const taken = this.#takeOnce(client, login, { packet, picture });
    taken.catch(() => undefined); // heard in its turn
    const before = this.#turns.get(client) ?? Promise.resolve();
    const mine = before.then(() => taken);
    const settled = mine.catch(() => undefined); // the caller of this message hears of it; the next has its own fate
    this.#turns.set(client, settled);
    this.#inHand.add(settled);
    void settled.finally(() => this.#inHand.delete(settled));
    return mine;
  }

  /** A QoS 2 message was released [MQTT-4.3.3]: its id may come again. */
  release(client: Client, messageId: number): void {
    this.#unreleased.get(client)?.delete(messageId);
  }

  /** Resolves when all that was taken has settled. */
  async finish(): Promise<void> {
    await Promise.all(this.#inHand);
  }

  /** A QoS 2 message that comes again before its release is not taken again. */
  #takeOnce(client: Client, login: Login, message: Message): Promise<void> {
    const { qos, messageId } = message.packet;
    if (qos !== 2 || messageId === undefined) return this.#take(login, message);
    const open = this.#unreleased.get(client) ?? new Map<number, Promise<void>>();
    this.#unreleased.set(client, open);
    const known = open.get(messageId);
    if (known !== undefined) {
      message.picture?.fill(0);
      return known;
    }
    const taking = this.#take(login, message);
    open.set(messageId, taking);
    taking.catch(() => open.delete(messageId));
    return taking;
  }

  #take(login: Login, { packet, picture }: Message): Promise<void> {
    const { topic, payload } = packet;
    const cameraId = this.#deps.pictures?.cameraOf(login, topic) ?? null;
    if (picture !== null || cameraId !== null) return this.#takePicture(cameraId, { packet, picture });
    if (Buffer.byteLength(topic) > LIMITS.topicBytes || !this.#deps.mayPublish(login, topic)) {
      // Acknowledged, counted and dropped: closing the connection would fire the will and start a loop of reconnects.
      this.#deps.board.count("broker.refused.topic");
      packet.topic = NOWHERE;
      packet.payload = Buffer.alloc(0);
      return this.#deps.settled();
    }
    const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
    const receivedAtMs = this.#deps.clock.nowMs();
    return this.#deps.take({ topic, payload: bytes, isReplay: false, login, receivedAtMs });
  }

  /** Nobody hears it, and nothing of it is left in the packet. What is not taken out of the stream, such as a will, is no picture. */
  #takePicture(cameraId: string | null, { packet, picture }: Message): Promise<void> {
    packet.topic = NOWHERE;
    if (typeof packet.payload !== "string") packet.payload.fill(0);
    packet.payload = Buffer.alloc(0);
    if (picture !== null && cameraId !== null) this.#deps.pictures?.take(cameraId, picture);
    else {
      picture?.fill(0);
      this.#deps.pictures?.drop(cameraId === null ? "no-camera" : "no-picture");
    }
    return Promise.resolve();
  }
}
