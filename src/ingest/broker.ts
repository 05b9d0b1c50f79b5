// The embedded broker: the one door to aedes. Devices publish and hear their own commands; nobody listens to the house (I8).
// Traps of aedes 1.2 that this file exists for: PUBACK is written before a message is published, so only the
// `authorizePublish` hook can hold it back; wills pass that hook without a message id; replacing it removes the $SYS guard;
// a re-sent QoS 2 message passes it again; retained messages and persistent sessions have no bound, so there are none here.
import { createServer, type Server, type Socket } from "node:net";
import { Aedes, type Client, type ConnectPacket, type PublishPacket, type Subscription } from "aedes";
import type { Login } from "../core/arrival.ts";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { guardPacketLength } from "./packet-guard.ts";
import type { Take } from "./source.ts";

/** `authenticate`: null when name or password is wrong. `mayPublish`, `maySubscribe`: by topic and by filter. */
type Deps = {
  readonly listen: { readonly host: string; readonly port: number };
  readonly limits: { readonly connections: number; readonly packetBytes: number };
  readonly authenticate: (username: string, password: string) => Login | null;
  readonly mayPublish: (login: Login, topic: string) => boolean;
  readonly maySubscribe: (login: Login, filter: string) => boolean;
  readonly take: Take;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
};

export type Broker = AsyncDisposable & {
  readonly port: number;
  /** Ends the login's connections, so that new credentials or a revocation hold at once. */
  disconnect(login: Login): void;
};

/** A refused message is acknowledged and goes here, where no filter that a login may subscribe to reaches. */
const NOWHERE = "$hedgerow/refused";

/** Opens the broker's port. Throws PORT_IN_USE or, for an address this machine does not have, CONFIG_INVALID. */
export async function openBroker(deps: Deps): Promise<Broker> {
  const aedes = await Aedes.createBroker({
    connectTimeout: LIMITS.connectTimeoutMs,
    drainTimeout: LIMITS.brokerDrainMs,
  });
  const broker = new MqttBroker(deps, aedes);
  try {
    await broker.open();
  } catch (cause) {
    await broker[Symbol.asyncDispose]();
    throw cause;
  }
  return broker;
}

class MqttBroker implements Broker {
  readonly #deps: Deps;
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #logins = new WeakMap<Client, Login>();
  readonly #clients = new Set<Client>();
  readonly #wantsCleanSession = new WeakSet<Client>();
  /** QoS 2 message ids taken and not yet released, by login and client id: they outlive a connection [MQTT-4.3.3-2]. */
  readonly #unreleased = new Map<string, Set<number>>();
  readonly #inHand = new Set<Promise<void>>();
  #isClosing = false;

  constructor(deps: Deps, aedes: Aedes) {
    this.#deps = deps;
    this.#aedes = aedes;
    this.#server = createServer({ noDelay: true }, (socket) => this.#onSocket(socket));
    this.#server.maxConnections = deps.limits.connections;
    this.#server.on("drop", () => deps.board.count("broker.refused.too-many-connections"));
    aedes.preConnect = (client, packet, done) => done(null, this.#preConnect(client, packet));
    aedes.authenticate = (client, username, password, done) =>
      done(null, this.#authenticate(client, username, password));
    aedes.authorizePublish = (client, packet, done) => this.#authorizePublish(client, packet, done);
    aedes.authorizeSubscribe = (client, subscription, done) =>
      done(null, this.#authorizeSubscribe(client, subscription));
    aedes.on("clientDisconnect", (client) => this.#clients.delete(client));
    aedes.on("clientError", (client, error) => this.#onClientError(client, error));
    aedes.on("connectionError", (client, error) => this.#onClientError(client, error));
    this.#releaseWithPubrel();
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : this.#deps.listen.port;
  }

  async open(): Promise<void> {
    const { host, port } = this.#deps.listen;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (cause) => {
        const isTaken = systemCodeOf(cause) === "EADDRINUSE";
        reject(
          new GatewayError(
            isTaken ? "PORT_IN_USE" : "CONFIG_INVALID",
            `cannot listen for MQTT on ${host}:${port}: ${messageOf(cause)}`,
            { cause },
          ),
        );
      });
      this.#server.listen({ host, port }, resolve);
    });
  }

  disconnect(login: Login): void {
    for (const client of this.#clients) {
      const its = this.#logins.get(client);
      if (its?.kind === login.kind && its.id === login.id) client.close();
    }
  }

  /** No new connections, then what is in hand is finished, so that its acknowledgements still go out. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#server.close();
    await Promise.allSettled(this.#inHand);
    // One turn of the event loop: the acknowledgements just allowed are written now.
    await new Promise(setImmediate);
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
  }

  #onSocket(socket: Socket): void {
    const client = this.#aedes.handle(socket);
    guardPacketLength(client, () =>
      this.#logins.has(client) ? this.#deps.limits.packetBytes : LIMITS.preConnectBytes,
    );
  }

  #preConnect(client: Client, packet: ConnectPacket): boolean {
    if (packet.will !== undefined && packet.will.payload.length > this.#deps.limits.packetBytes) return false;
    // No persistent sessions: their queues have no bound, and a device's commands are sent again by whoever wants them.
    if (packet.clean !== false) this.#wantsCleanSession.add(client);
    packet.clean = true;
    return !this.#isClosing;
  }

  #authenticate(client: Client, username: string | undefined, password: Buffer | undefined): boolean {
    const login = this.#deps.authenticate(username ?? "", password?.toString("utf8") ?? "");
    if (login === null) {
      this.#deps.board.count("broker.refused.login");
      this.#deps.log.warn({ username: username?.slice(0, 64) }, "MQTT login refused: wrong name or password");
      return false;
    }
    this.#logins.set(client, login);
    if (this.#wantsCleanSession.has(client)) this.#unreleased.delete(sessionKey(login, client.id));
    this.#clients.add(client);
    return true;
  }

  #authorizePublish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const login = client === null ? undefined : this.#logins.get(client);
    if (client === null || login === undefined) {
      done(new Error("no login"));
      return;
    }
    packet.retain = false;
    if (!this.#deps.mayPublish(login, packet.topic)) {
      // Acknowledged, counted and dropped: closing the connection would fire the will and start a loop of reconnects.
      this.#deps.board.count("broker.refused.topic");
      redirectNowhere(packet);
      done(null);
      return;
    }
    if (packet.qos === 2 && this.#isTaken(client, login, packet.messageId)) {
      done(null);
      return;
    }
    const taking = this.#deps
      .take({
        topic: packet.topic,
        payload: toBytes(packet.payload),
        isReplay: false,
        login,
        receivedAtMs: this.#deps.clock.nowMs(),
      })
      .then(
        () => {
          if (packet.qos === 2 && packet.messageId !== undefined) this.#remember(client, login, packet.messageId);
          done(null);
        },
        (cause: unknown) => {
          this.#deps.board.count("broker.unacknowledged");
          done(cause instanceof Error ? cause : new Error("not kept"));
        },
      );
    this.#inHand.add(taking);
    void taking.finally(() => this.#inHand.delete(taking));
  }

  #authorizeSubscribe(client: Client, subscription: Subscription): Subscription | null {
    const login = this.#logins.get(client);
    if (login !== undefined && this.#deps.maySubscribe(login, subscription.topic)) return subscription;
    this.#deps.board.count("broker.refused.subscribe");
    return null;
  }

  #isTaken(client: Client, login: Login, messageId: number | undefined): boolean {
    return messageId !== undefined && this.#unreleased.get(sessionKey(login, client.id))?.has(messageId) === true;
  }

  #remember(client: Client, login: Login, messageId: number): void {
    const key = sessionKey(login, client.id);
    const ids = this.#unreleased.get(key) ?? new Set<number>();
    if (ids.size < LIMITS.qos2Pending) ids.add(messageId);
    this.#unreleased.delete(key);
    this.#unreleased.set(key, ids);
    const oldest = this.#unreleased.keys().next();
    if (this.#unreleased.size > this.#deps.limits.connections * 2 && oldest.done !== true)
      this.#unreleased.delete(oldest.value);
  }

  /** PUBREL is seen where aedes drops the stored message. */
  #releaseWithPubrel(): void {
    const persistence: Persistence = Reflect.get(this.#aedes, "persistence");
    const drop = persistence.incomingDelPacket.bind(persistence);
    persistence.incomingDelPacket = (client, packet) => {
      const login = this.#logins.get(client);
      if (login !== undefined) this.#unreleased.get(sessionKey(login, client.id))?.delete(packet.messageId);
      return drop(client, packet);
    };
  }

  #onClientError(client: Client, error: Error): void {
    this.#deps.board.count(
      error.message.includes("packet too large") ? "broker.refused.packet-too-large" : "broker.client-error",
    );
    this.#deps.log.debug(
      { login: this.#logins.get(client)?.id, why: error.message.slice(0, 120) },
      "MQTT connection ended",
    );
  }
}

type Persistence = { incomingDelPacket(client: Client, packet: { messageId: number }): Promise<unknown> };

function sessionKey(login: Login, clientId: string): string {
  return `${login.kind}\n${login.id}\n${clientId}`;
}

function redirectNowhere(packet: PublishPacket): void {
  packet.topic = NOWHERE;
  packet.payload = Buffer.alloc(0);
}

function toBytes(payload: string | Buffer): Buffer {
  return typeof payload === "string" ? Buffer.from(payload) : payload;
}
