// What comes in by one connection to the site's broker: taken as it comes, acknowledged only when it is on disk (I5), in the
// order of the messages [MQTT-4.6.0-2], with at most LIMITS.siteInFlight of them in hand.
//
// mqtt.js acknowledges a message when `handleMessage` calls back, and reads nothing more until then, answers to pings
// included. So it is told "failed" at once, upon which it goes on and sends nothing, and the PUBACK is written here when its
// time has come. (Holding the callback back was tried: one message a commit, and a full disk looked like a dead connection.)
// A message that cannot be kept ends the connection: a broker sends it again on the next one only [MQTT-4.4.0-1].
import type { IPublishPacket } from "mqtt";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { TOO_LARGE } from "./external-broker-bound.ts";
import type { SiteLift } from "./external-broker-pictures.ts";
import type { Pictures, Take } from "./source.ts";

/** `loginId`: the broker's name in arrivals. `fail`: ends the connection. The others are the embedded broker's, too. */
export type IntakeDeps = {
  readonly loginId: string;
  readonly take: Take;
  readonly pictures?: Pictures | undefined;
  /** Holds the pictures that came on this connection. */
  readonly lift: SiteLift | null;
  readonly settled: () => Promise<void>;
  readonly isHeldBack: () => boolean;
  readonly clock: Clock;
  readonly board: Board;
  readonly acknowledge: (messageId: number) => void;
  readonly fail: (why: string) => void;
};

const LATER = new Error("acknowledged when it is on disk");

export class Intake {
  readonly #deps: IntakeDeps;
  /** Messages that wait for their acknowledgement: one that the broker sends again meanwhile gets one answer for both. */
  readonly #unacknowledged = new Set<number>();
  readonly #inHand = new Set<Promise<void>>();
  #turn: Promise<void> = Promise.resolve();
  /** mqtt.js waits for this before it reads on, while too much is in hand. */
  #readOn: (() => void) | null = null;
  #isStopped = false;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  /** mqtt.js' `handleMessage`: `goOn` with an error lets it read on without an acknowledgement. */
  onMessage(packet: IPublishPacket, goOn: (error?: Error) => void): void {
    // Neither taken nor acknowledged: the broker keeps it. Nothing after it is read.
    if (this.#isStopped) return;
    const { qos, messageId } = packet;
    if (qos === 0) {
      this.#takeUnpromised(packet);
      this.#whenRoom(() => goOn());
    } else if (qos === 1 && messageId !== undefined) {
      if (!this.#unacknowledged.has(messageId)) this.#takeInTurn(packet, messageId);
      this.#whenRoom(() => goOn(LATER));
    } else {
      this.#deps.fail("the broker sent a message of QoS 2, which was not asked for");
    }
  }

  /** Takes nothing from now on. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when nothing that came in waits for the disk any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#inHand);
  }

  #takeInTurn(packet: IPublishPacket, messageId: number): void {
    this.#unacknowledged.add(messageId);
    const taken = this.#take(packet);
    taken.catch(() => undefined); // heard in its turn
    this.#turn = this.#turn
      .then(() => taken)
      .then(() => {
        this.#unacknowledged.delete(messageId);
        this.#deps.acknowledge(messageId);
      });
    // After one that failed none is acknowledged, and none is taken: the next connection brings them all again.
    const ending = this.#turn.catch((cause: unknown) => {
      this.#isStopped = true;
      this.#deps.board.count("broker.unacknowledged");
      this.#deps.fail(`a message could not be kept: ${messageOf(cause)}`);
    });
    this.#hold(Promise.allSettled([ending, taken]));
  }

  /** QoS 0 promises nothing: while the disk is full it is counted and dropped, so that what was promised has the room. */
  #takeUnpromised(packet: IPublishPacket): void {
    const drop = (): void => this.#deps.board.count("arrival.dropped.no-room");
    if (this.#deps.isHeldBack()) drop();
    else this.#hold(this.#take(packet).catch(drop));
  }

  #take({ topic, payload, retain }: IPublishPacket): Promise<void> {
    const { take, settled, board, clock, loginId, pictures } = this.#deps;
    if (topic === TOO_LARGE) {
      board.count("arrival.dropped.too-large");
      return settled();
    }
    const login = { kind: "site", id: loginId } as const;
    const cameraId = pictures?.cameraOf(login, topic) ?? null;
    const picture = this.#deps.lift?.take(payload) ?? null;
    if (picture !== null || cameraId !== null) return this.#takePicture(cameraId, picture, retain);
    return take({
      topic,
      payload: typeof payload === "string" ? Buffer.from(payload) : payload,
      // A broker sets the retain flag towards a subscriber only on what it replays [MQTT-3.3.1-9].
      isReplay: retain,
      login,
      receivedAtMs: clock.nowMs(),
    });
  }

  /** What a broker replays is old news, and a message without its picture one that had no room. */
  #takePicture(cameraId: string | null, picture: Buffer | null, isReplay: boolean): Promise<void> {
    const { pictures } = this.#deps;
    if (picture === null) return Promise.resolve();
    if (cameraId !== null && !isReplay) pictures?.take(cameraId, picture);
    else {
      picture.fill(0);
      pictures?.drop(isReplay ? "retained-replay" : "no-camera");
    }
    return Promise.resolve();
  }

  #hold(taking: Promise<unknown>): void {
    const held = taking.then(() => {
      this.#inHand.delete(held);
      const readOn = this.#readOn;
      // Before the call: reading on may bring the next message at once, which may have to wait again.
      this.#readOn = null;
      readOn?.();
    });
    this.#inHand.add(held);
  }

  /** MQTT 5 brokers keep to our receive maximum; an older one is not read while too much is in hand. */
  #whenRoom(readOn: () => void): void {
    if (this.#inHand.size < LIMITS.siteInFlight) readOn();
    else this.#readOn = readOn;
  }
}
