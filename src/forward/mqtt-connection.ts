// One connection to the platform's broker: the door to mqtt.js on this side of the house.
//
// Choices, with their reasons:
// - A client lives as long as its connection and no longer: mqtt.js stores what it has not sent and sends it again by itself,
//   but the spool is the store, and what it has taken back (expired, erased) must not leave the house after all.
// - Every wait is ours to bound: when a connection breaks, or is ended by force, mqtt.js settles nothing.
// - The window is ours: mqtt.js does not ask how many messages the broker allows in flight.
import { connect, type IConnackPacket, type MqttClient } from "mqtt";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import { untilAborted } from "../core/wait.ts";
import { Allowance } from "./mqtt-allowance.ts";
import { MQTT_LIMITS } from "./mqtt-limits.ts";
import type { BrokerLogin } from "./mqtt-login.ts";
import { type Answer, InFlight } from "./mqtt-in-flight.ts";
import { PacketWatch } from "./mqtt-packet-watch.ts";
import { codeIn, type Ending, saidBy, troubleOf, TWICE, uselessBy } from "./mqtt-reasons.ts";

/** How the broker is reached, with what its files hold. `will`: the payload on `statusTopic`. */
export type BrokerAddress = {
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly url: string;
  readonly clientId: string;
  readonly version: 4 | 5;
  readonly login: BrokerLogin;
  readonly statusTopic: string;
  readonly will: string;
  readonly isRetaining: boolean;
};

/** `expiresInS`: after that long the broker is to drop it (MQTT 5). `onSend`: called when it leaves, once at most. */
export type Message = {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly contentType: string;
  readonly expiresInS?: number;
  readonly isRetained?: boolean;
  readonly onSend?: () => void;
};

/** Shrunk by tests. */
export type ConnectionLimits = { readonly connectMs: number; readonly answerMs: number; readonly inFlight: number };

/** Of the fixed header, the topic's and the properties' lengths, the packet id and the properties themselves but for the content type's text. */
const PACKET_OVERHEAD_BYTES = 24;

/** Codes of a SUBACK from here on refuse [MQTT-3.9.3]. */
const REFUSED = 0x80;

/** Connects with a clean session. Gives the reason where it does not come about, also after `connectMs`. Throws nothing. */
export async function connectToBroker(
  address: BrokerAddress,
  limits: ConnectionLimits,
  stop: AbortSignal,
): Promise<BrokerConnection | Ending> {
  const status = {
    topic: address.statusTopic,
    payload: Buffer.from(address.will),
    qos: 1,
    retain: address.isRetaining,
  } as const;
  const client = connect(address.url, {
    ...address.login,
    clientId: address.clientId,
    protocolVersion: address.version,
    clean: true,
    will: status,
    ...(address.version === 5 && { properties: { maximumPacketSize: MQTT_LIMITS.packetBytes } }),
    keepalive: MQTT_LIMITS.keepaliveS,
    connectTimeout: limits.connectMs,
    rejectUnauthorized: true,
    manualConnect: true,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // None of QoS 2 is asked for, and mqtt.js would keep each until the broker ends it.
    customHandleAcks: (_topic, _payload, { qos }, done) => done(qos === 2 ? new Error(TWICE) : 0),
  });
  // mqtt.js takes one from the environment; where entries go is written in gateway.yaml alone.
  delete client.options.socksProxy;
  const connection = new BrokerConnection(client, address, limits);
  return (await connection.open(stop)) ?? connection;
}

export class BrokerConnection {
  readonly #client: MqttClient;
  readonly #address: BrokerAddress;
  readonly #limits: ConnectionLimits;
  readonly #ended = Promise.withResolvers<Ending>();
  readonly #over = new AbortController();
  #trouble: Ending | null = null;
  readonly #inFlight: InFlight;
  readonly #watch = new PacketWatch(MQTT_LIMITS.packetBytes, (bytes) => {
    this.cut(`the broker announced a packet of ${bytes} bytes`);
  });
  /** The largest packet that the broker takes, or null where it does not say. */
  #packetBytesMax: number | null = null;
  readonly #allowance: Allowance;
  #bytesSent = 0;
  #lastCode = 0;

  constructor(client: MqttClient, address: BrokerAddress, limits: ConnectionLimits) {
    this.#client = client;
    this.#address = address;
    this.#limits = limits;
    this.#allowance = new Allowance(() => address.clock.monotonicMs());
    this.#inFlight = new InFlight({ max: limits.inFlight, answerMs: limits.answerMs });
    client.on("error", (error) => {
      this.#cut(/reason code/.test(error.message) ? saidBy(this.#watch.reason) : troubleOf(error));
    });
    client.on("disconnect", ({ reasonCode = 0 }) => this.#cut(saidBy(reasonCode)));
    // Called just before the callback of the message it answers, which is not told codes below 128.
    client.on("packetreceive", (packet) => {
      if (packet.cmd === "puback") this.#lastCode = packet.reasonCode ?? 0;
      if (!this.#allowance.spend(packet.length ?? 0)) this.cut("the broker sends more than it is asked for");
    });
    client.on("close", () => this.#finish());
  }

  /** Resolves with the reason when the connection is over. */
  get ended(): Promise<Ending> {
    return this.#ended.promise;
  }

  /** Aborts when the connection is over. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  get isOver(): boolean {
    return this.over.aborted;
  }

  /** Of payloads and topics, since it was opened. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  /** Null when it stands. */
  async open(stop: AbortSignal): Promise<Ending | null> {
    const connected = Promise.withResolvers<null>();
    this.#client.once("connect", (connack) => {
      this.#learn(connack);
      connected.resolve(null);
    });
    const giveUp = (): void => this.#cut({ why: "stopped", code: null });
    stop.addEventListener("abort", giveUp);
    try {
      stop.throwIfAborted();
      this.#client.connect();
      // Before mqtt.js' own parser, which ends the connection at a reason that it does not know.
      this.#client.stream.prependListener("data", (chunk: Uint8Array) => this.#watch.add(chunk));
    } catch (thrown) {
      // Certificate files that are none are thrown by TLS at once.
      this.#trouble ??= troubleOf(thrown instanceof Error ? thrown : new Error(messageOf(thrown)));
      this.#finish();
    }
    // mqtt.js' own bound begins with its CONNECT, which TCP and TLS may never let it send.
    const { connectMs } = this.#limits;
    const timer = setTimeout(() => this.cut(`the broker did not answer within ${connectMs} ms`), connectMs);
    try {
      return await Promise.race([connected.promise, this.ended]);
    } finally {
      clearTimeout(timer);
      stop.removeEventListener("abort", giveUp);
    }
  }

  /** Publishes at QoS 1, in the order of the calls, as soon as the window has room. Ends at the answer, at its bound, at the connection's end or at `stop`. */
  async publish(message: Message, stop: AbortSignal): Promise<Answer> {
    const bytes = Buffer.byteLength(message.topic) + Buffer.byteLength(message.payload);
    const packetBytes = bytes + PACKET_OVERHEAD_BYTES + message.contentType.length;
    if (this.#packetBytesMax !== null && packetBytes > this.#packetBytesMax)
      return { kind: "too-large", bytesMax: this.#packetBytesMax };
    const send = (): Promise<number> => {
      this.#bytesSent += bytes;
      this.#allowance.earn();
      message.onSend?.();
      return this.#send(message);
    };
    return this.#inFlight.run(bytes, send, stop);
  }

  /** Subscribes at QoS 1 and calls back with each message's payload. Null: granted; else the broker's code, or how the connection ended. */
  async subscribe(topic: string, heard: (payload: Buffer) => void): Promise<number | Ending | null> {
    this.#client.on("message", (from, payload) => {
      if (from === topic && !this.isOver) heard(payload);
    });
    const granted = new Promise<number | null>((resolve) => {
      this.#client.subscribe([topic], { qos: 1 }, (_error, _subscriptions, packet) => {
        const code = Number(packet?.granted[0]);
        resolve(code < REFUSED ? null : code);
      });
    });
    const timer = setTimeout(() => this.cut("the broker does not answer a subscription"), this.#limits.answerMs);
    const outcome = await Promise.race([granted, this.ended]);
    clearTimeout(timer);
    return outcome;
  }

  /** Cuts the connection without a word, so that the broker publishes the will. */
  cut(why: string): void {
    this.#cut({ why, code: null });
  }

  /** Says the last status, and goodbye; bounded by MQTT_LIMITS.stopMs. */
  async close(status: Message): Promise<void> {
    const late = AbortSignal.timeout(MQTT_LIMITS.stopMs);
    if (!this.isOver) await this.publish(status, late);
    if (!this.isOver) this.#client.end(false);
    await Promise.race([this.ended, untilAborted(late)]);
    this.cut("closed");
  }

  #learn({ properties }: IConnackPacket): void {
    const { receiveMaximum, maximumPacketSize } = properties ?? {};
    if (receiveMaximum !== undefined) this.#inFlight.narrow(receiveMaximum);
    this.#packetBytesMax = maximumPacketSize ?? null;
    const useless = uselessBy(properties ?? {});
    if (useless !== null) this.#cut(useless);
  }

  #send({ topic, payload, contentType, expiresInS, isRetained = false }: Message): Promise<number> {
    const properties = { contentType, ...(expiresInS !== undefined && { messageExpiryInterval: expiresInS }) };
    const retain = isRetained && this.#address.isRetaining;
    return new Promise((resolve) => {
      this.#client.publish(topic, payload, { qos: 1, retain, properties }, (error) => {
        // An error without a code is none of the broker's: mqtt.js gives it when the connection ends, and it answers nothing.
        const code = error instanceof Error ? codeIn(error) : this.#lastCode;
        if (code !== undefined) resolve(code);
      });
    });
  }

  #cut(trouble: Ending): void {
    this.#trouble ??= trouble;
    this.#client.stream?.destroy();
    this.#finish();
  }

  #finish(): void {
    if (this.isOver) return;
    this.#over.abort();
    this.#inFlight.close();
    this.#ended.resolve(this.#trouble ?? { why: "the broker cut the connection", code: null });
    // Stops its timers; what it still holds goes with it.
    this.#client.end(true);
  }
}
